import * as assert from 'uvu/assert';
import { runWithArguments, runWithMessage } from '../lab/execd.ts';
import { Installation } from '../lab/installation.ts';
import { ossec, wazuh4 } from '../lab/managers.ts';
import { ADDRESS, createNetwork, type Network } from '../lab/network.ts';
import { labSuite } from '../lab/suite.ts';

const test = labSuite('the guard', 'nft');
let network: Network;
let at: Installation;

test.before(async () => {
  network = await createNetwork();
  await network.web.run('ip route add default via 203.0.113.254');
  await network.web.run('ip -6 route add default via 2001:db8:113::fe');
});
test.after(() => network.remove());
test.before.each(async () => {
  at = await Installation.create(network.web);
});
test.after.each(() => at.remove());

async function isHeld(address: string, because: string, env: Record<string, string> = {}): Promise<void> {
  for (const response of ['firewall-drop', 'route-null', 'apache-deny']) {
    const { status } = await runWithArguments(at, response, ossec('add', address), { env });
    assert.is(status, 0, `${response} ${address}`);
    assert.match((await at.log()).at(-1) ?? '', because);
    assert.match((await at.log()).at(-1) ?? '', ' held: ');
    assert.is(await at.ledger(response, address), undefined);
  }
  assert.is(await network.web.run('nft list ruleset'), '');
  assert.is(await network.web.run('ip route show proto 117'), '');
}

for (const [address, because] of [
  ['127.0.0.1', 'loopback'],
  ['::1', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['169.254.169.254', 'link-local'],
  ['fe80::1', 'link-local'],
  ['224.0.0.1', 'multicast'],
  ['ff02::1', 'multicast'],
  ['255.255.255.255', 'broadcast'],
  [ADDRESS.web, 'own addresses'],
  [ADDRESS.web6, 'own addresses'],
  ['203.0.113.0/24', 'own addresses'],
  ['203.0.113.254', 'default gateway'],
  ['2001:db8:113::fe', 'default gateway'],
] as const) {
  test(`never blocks ${address}`, () => isHeld(address, because));
}

test('never blocks an address in white_list of ossec.conf, even if the address was added later', async () => {
  const conf = (...entries: string[]) =>
    `<ossec_config><global>${entries.map((each) => `<white_list>${each}</white_list>`).join('')}</global></ossec_config>`;
  await at.write('etc/ossec.conf', conf('198.51.100.0/255.255.255.0'));
  await isHeld('198.51.100.7', 'in the white_list of ossec.conf 198.51.100.0/24');
  await at.write('etc/ossec.conf', conf('198.51.100.0/24', '192.0.2.7'));
  await isHeld('192.0.2.7', 'in the white_list of ossec.conf');
});

test('never blocks an address or prefix in riposte.allow, nor a prefix around it', async () => {
  await at.write('etc/riposte.allow', '# the office\n198.51.100.7\n\n2001:db8:7::/48 # and its IPv6\n');
  await isHeld('198.51.100.7', 'in the allow list');
  await isHeld('::ffff:198.51.100.7', 'in the allow list');
  await isHeld('198.51.100.0/24', 'in the allow list 198.51.100.7');
  await isHeld('2001:db8:7:8::9', 'in the allow list 2001:db8:7::/48');
});

test('never blocks the manager of an agent', async () => {
  await at.write(
    'etc/ossec.conf',
    '<ossec_config><client><server-ip>198.51.100.8</server-ip></client></ossec_config>\n',
  );
  await isHeld('198.51.100.8', 'the manager');
  await at.write(
    'etc/ossec.conf',
    '<ossec_config><client><server><address>198.51.100.9</address></server></client></ossec_config>\n',
  );
  await isHeld('198.51.100.9', 'the manager');
});

test('never blocks the SSH peer of the operator who runs a script', async () => {
  await isHeld('198.51.100.10', 'the address of your login', {
    SSH_CONNECTION: '198.51.100.10 50000 203.0.113.1 22',
  });
  await isHeld('198.51.100.10', 'the address of your login', {
    SSH_CLIENT: '::ffff:198.51.100.10 50000 22',
  });
});

test('blocks private addresses only when ALLOW_PRIVATE is off', async () => {
  await at.write('etc/riposte.conf', 'ALLOW_PRIVATE=yes\n');
  for (const address of ['10.1.2.3', '172.31.0.1', '192.168.0.9', 'fd00::9'])
    await isHeld(address, 'private');
  await at.write('etc/riposte.conf', '');
  assert.is((await runWithArguments(at, 'firewall-drop', ossec('add', '10.1.2.3'))).status, 0);
  assert.match(await network.web.run('nft list set inet riposte blocked4'), '10.1.2.3');
  await network.web.run('nft flush ruleset');
});

test('never blocks a protected address on a Wazuh agent, and sends nothing to execd', async () => {
  const { status, questions } = await runWithMessage(at, 'firewall-drop', wazuh4('add', ADDRESS.web));
  assert.is(status, 0);
  assert.equal(questions, []);
  assert.match((await at.log()).at(-1) ?? '', '"outcome":"held"');
});

test.run();
