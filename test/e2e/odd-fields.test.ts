import * as assert from 'uvu/assert';
import { runWithArguments, runWithMessage } from '../lab/execd.ts';
import { allOnOneHost } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { ossec, wazuh4, wazuh5 } from '../lab/managers.ts';
import { INTERPRETERS, labSuite } from '../lab/suite.ts';
import { someOf } from '../runner/share.ts';

/** An attacker's values for fields that Riposte only displays: a wrong type, or bytes that must not reach a log. */
const ODD = [
  7,
  true,
  ['bob', 'root'],
  { name: 'bob' },
  'bob\n\u0000\u001b[2JFri Nov 20 add - 198.51.100.1',
  'x'.repeat(5000),
];

type Fields = { [name: string]: unknown };

/** Replaces the field at this path of a message with the value. */
function withField(line: string, path: string, value: unknown): string {
  const message: Fields = JSON.parse(line);
  const names = path.split('.');
  const last = names.pop() ?? '';
  const parent = names.reduce<Fields>((each, name) => {
    each[name] ??= {};
    return each[name] as Fields;
  }, message);
  parent[last] = value;
  return `${JSON.stringify(message)}\n`;
}

const WAZUH4 = [
  'rule',
  'rule.id',
  'rule.level',
  'rule.description',
  'id',
  'location',
  'full_log',
  'agent',
].concat('data.dstuser', 'data.win');
const WAZUH5 = ['user', 'user.name', 'rule', 'rule.id', 'event', 'event.original', 'wazuh.rule'].concat(
  ...['wazuh.rule.id', 'wazuh.rule.level', 'wazuh.event', 'wazuh.event.id', 'wazuh.protocol'],
  'wazuh.active_response.location',
  'wazuh.active_response.stateful_timeout',
);

for (const [name, node] of INTERPRETERS) {
  const test = labSuite(`odd fields on ${name}`, 'nft');
  let host: Host;
  let at: Installation;

  allOnOneHost(test, (...made) => ([host, at] = made), node);

  let made = 0;
  const nextAddress = () => `198.51.100.${++made}`;

  async function isBlocked(
    address: string,
    { status, stderr }: { status: number | undefined; stderr: string },
  ) {
    assert.equal([status, stderr], [0, '']);
    const rules = await host.run('nft list ruleset');
    assert.match(rules, ` ${address} counter`, rules);
    const lines = await at.log();
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the test looks for them
    for (const line of lines) assert.not.match(line, /[\u0000-\u001f]/);
    assert.match(lines.at(-1) ?? '', 'blocked');
    assert.match(lines.at(-1) ?? '', address);
  }

  for (const [index, field] of WAZUH4.entries())
    test(`Wazuh 4: blocks the address whatever ${field} holds`, async () => {
      await at.write('etc/riposte.conf', 'BLOCK_FOR=1d\n');
      for (const odd of someOf(ODD, index)) {
        const address = nextAddress();
        const message = withField(wazuh4('add', address), `parameters.alert.${field}`, odd);
        await isBlocked(address, await runWithMessage(at, 'firewall-drop', message));
      }
    });

  for (const [index, field] of WAZUH5.entries())
    test(`Wazuh 5: blocks the address whatever ${field} holds`, async () => {
      await at.write('etc/riposte.conf', 'BLOCK_FOR=1d\n');
      for (const odd of someOf(ODD, index)) {
        const address = nextAddress();
        const message = withField(wazuh5('enable', address, 600), field, odd);
        await isBlocked(address, await runWithMessage(at, 'firewall-drop', message));
      }
    });

  test('OSSEC: blocks the address whatever bytes user and location hold', async () => {
    await at.write('etc/riposte.conf', 'BLOCK_FOR=1d\n');
    for (const odd of ['bob\nFri Nov 20 add', '\u001b[2J', '--help', '-rf']) {
      const address = nextAddress();
      const [command = '', , , alert = '', rule = ''] = ossec('add', address);
      const args = [command, odd, address, alert, rule, `/x${odd}`];
      await isBlocked(address, await runWithArguments(at, 'firewall-drop', args));
    }
  });

  test('names the fields that it has read when a message has no address', async () => {
    for (const [message, fields] of [
      [
        withField(wazuh4('add', '203.0.113.9'), 'parameters.alert.data', { srcip: ['203.0.113.9'] }),
        'alert.data.win.eventdata.ipAddress, alert.data.win.eventdata.destinationIp, alert.data.srcip (a list)',
      ],
      [withField(wazuh5('enable', '203.0.113.9'), 'source', '203.0.113.9'), 'source.ip'],
    ] as const) {
      const { status, stderr, questions } = await runWithMessage(at, 'firewall-drop', message);
      const why = `the request has no address in ${fields}`;
      assert.equal([status, stderr, questions], [65, `firewall-drop: ${why}`, []]);
      assert.match((await at.log()).at(-1) ?? '', `"outcome":"refused","reason":"${why}"`);
    }
    const { status, stderr } = await runWithArguments(at, 'firewall-drop', [
      'add',
      'alice',
      '-',
      '1.2',
      '5710',
    ]);
    const why = 'the request has no address in the third argument (by hand: add - ADDRESS)';
    assert.equal([status, stderr], [65, `firewall-drop: ${why}`]);
  });

  test('blocks a prefix from an operator’s arguments, but not from a Wazuh message', async () => {
    assert.is((await runWithArguments(at, 'firewall-drop', ['add', '-', '192.0.2.0/24'])).status, 0);
    assert.match(await host.run('nft list ruleset'), '192.0.2.0 counter');
    assert.is((await runWithMessage(at, 'firewall-drop', wazuh4('delete', '192.0.2.0/24'))).status, 0);
    assert.not.match(await host.run('nft list ruleset'), '192.0.2.0 counter');
    const { status, stderr } = await runWithMessage(at, 'firewall-drop', wazuh4('add', '192.0.2.0/24'));
    assert.is(status, 65);
    assert.match(
      stderr,
      "'192.0.2.0/24' is a prefix, but an alert blocks one host; to block the prefix: riposte block 192.0.2.0/24",
    );
    assert.not.match(await host.run('nft list ruleset'), '192.0.2.0 counter');
  });

  test.run();
}
