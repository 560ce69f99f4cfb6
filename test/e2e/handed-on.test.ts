import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { withInterpreter } from '../../install/interpreter.ts';
import { type Ended, runWithArguments, runWithMessage } from '../lab/execd.ts';
import { Host } from '../lab/host.ts';
import { Installation } from '../lab/installation.ts';
import { agentControl, ossec, ossecAgent, wazuh4, wazuh5 } from '../lab/managers.ts';
import { RunningDaemon } from '../lab/running-daemon.ts';
import { labSuite } from '../lab/suite.ts';

/**
 * The contract of the scripts: whether Node or `riposte respond` handles a request, the results are the same in the
 * kernel, the ledger, the log and the journal, and for the manager. daemon.test.ts and daemon-faults.test.ts test a
 * daemon that is stopped, hung or killed; `npm run test:all` runs every test of the scripts in both forms.
 */
const test = labSuite('the same results by Node and by riposte respond', 'nft', 'ip');
const RESPONSES = ['firewall-drop', 'route-null', 'apache-deny'];
const ADDRESS = '198.51.100.7';
const OTHER = '198.51.100.8';
const MAP = 'var/riposte/apache/deny.map';

/** Two installations: Node does the work in one, and the daemon in the other. They share no rules, routes or files. */
let alone: Installation;
let handedOn: Installation;
let hosts: Host[];
let daemon: RunningDaemon;

test.before(async () => {
  hosts = [await Host.create('alone'), await Host.create('handed-on')];
});
test.after(async () => {
  for (const host of hosts) await host.remove();
});
test.before.each(async () => {
  [alone, handedOn] = (await Promise.all(hosts.map((host) => Installation.create(host)))) as [
    Installation,
    Installation,
  ];
  daemon = handedOn.daemon ?? (await RunningDaemon.start(handedOn.home, handedOn.host as Host));
  // Without Node, a script fails unless it uses the daemon, so no test passes by falling back to Node.
  for (const response of RESPONSES) {
    const text = await readFile(handedOn.script(response), 'utf8');
    await writeFile(handedOn.script(response), withInterpreter(text, '/bin/false'));
  }
});
test.after.each(async () => {
  for (const host of hosts) {
    await host.start(['nft', 'flush', 'ruleset'], {});
    await host.start(['ip', 'route', 'flush', 'table', 'main'], {});
  }
  await daemon.end();
  await alone.remove();
  await handedOn.remove();
});

type Request = (at: Installation) => Promise<Ended>;

const byOssec =
  (command: 'add' | 'delete', address = ADDRESS, response = 'firewall-drop'): Request =>
  (at) =>
    runWithArguments(at, response, ossec(command, address));
const byArguments =
  (args: string[], response = 'firewall-drop'): Request =>
  (at) =>
    runWithArguments(at, response, args);
const byMessage =
  (
    message: string,
    reply: Parameters<typeof runWithMessage>[3] = 'continue',
    response = 'firewall-drop',
  ): Request =>
  (at) =>
    runWithMessage(at, response, message, reply);

/** Replaces the parts that may differ: times, durations, the home, and the names of requests to the daemon. */
function comparable(at: Installation, text: string): string {
  return text
    .replaceAll(at.home, 'HOME')
    .replace(/\b\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d UTC \d{4}/g, 'DATE')
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z| UTC)?/g, 'TIME')
    .replace(/\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d/g, 'TIME')
    .replace(/,"ms":[\d.]+|,"asked":"[^"]*"/g, '')
    .replace(/(expires|timeout) \w+/g, '$1 SOME');
}

/** Makes the requests. @returns their output, and all traces */
async function traces(at: Installation, requests: readonly Request[]): Promise<string[]> {
  const outputs: string[] = [];
  for (const request of requests) {
    const { status, stdout, stderr } = await request(at);
    outputs.push(`exit ${status}: ${stdout}${stderr}`);
  }
  const ledger = (await at.files()).filter((path) => path.includes('/blocks/'));
  return [
    ...outputs,
    (await at.log()).join('\n'),
    await at.read('var/riposte/events.jsonl'),
    ...(await Promise.all(ledger.map(async (path) => `${path}: ${await at.read(path)}`))),
    await at.read(MAP),
    (await at.host?.run('nft list ruleset')) ?? '',
    (await at.host?.run('ip route show proto 117')) ?? '',
  ].map((text) => comparable(at, text));
}

/** Asserts that both forms have the same results. @returns the exit codes, and all traces */
async function sameResults(...requests: Request[]): Promise<{ statuses: number[]; left: string }> {
  const [node, other] = [await traces(alone, requests), await traces(handedOn, requests)];
  assert.equal(other, node);
  const statuses = node.slice(0, requests.length).map((text) => Number(/^exit (\d+)/.exec(text)?.[1]));
  return { statuses, left: node.join('\n') };
}

async function configure(path: string, text: string): Promise<void> {
  for (const at of [alone, handedOn]) await at.write(path, text);
}

for (const response of RESPONSES)
  test(`${response} blocks twice, and unblocks twice`, async () => {
    const steps = (['add', 'add', 'delete', 'delete'] as const).map((command) =>
      byOssec(command, ADDRESS, response),
    );
    const { statuses, left } = await sameResults(...steps);
    assert.equal(statuses, [0, 0, 0, 0]);
    for (const word of ['blocked: ', 'unblocked: ', 'already: ']) assert.match(left, word);
    assert.is(await daemon.end(), 4);
  });

test('blocks IPv6, an IPv4-mapped address, and an operator’s prefix', async () => {
  const { statuses, left } = await sameResults(
    byOssec('add', '2001:db8:51::7'),
    byOssec('add', `::ffff:${ADDRESS}`),
    byOssec('add', '192.0.2.0/24'),
  );
  assert.equal(statuses, [0, 0, 0]);
  assert.match(left, `${ADDRESS} counter`);
});

test('never blocks an address of this host or of the allow list', async () => {
  await configure('etc/riposte.allow', `${OTHER}\n`);
  const { statuses, left } = await sameResults(byOssec('add', '127.0.0.1'), byOssec('add', OTHER));
  assert.equal(statuses, [0, 0]);
  assert.is(left.match(/ held: /g)?.length, 4, left);
});

for (const [what, lay] of [
  ['a pipe', (file: string) => execa('mkfifo', [file])],
  ['a directory', (file: string) => mkdir(file)],
  ['1.5 GB long', (file: string) => execa('truncate', ['-s', '1500M', file])],
] as const)
  test(`blocks, and says why the block has no end, when ar.conf is ${what}`, async () => {
    for (const at of [alone, handedOn]) {
      await mkdir(join(at.home, 'etc/shared'), { recursive: true });
      await lay(join(at.home, 'etc/shared/ar.conf'));
    }
    const { statuses, left } = await sameResults(byOssec('add'));
    assert.equal(statuses, [0]);
    assert.match(
      left,
      /blocked: until deleted, offence 1, by nftables; cannot read HOME\/etc\/shared\/ar\.conf: it /,
    );
    assert.match(left, `${ADDRESS} counter`);
  });

test('blocks for ten years when ar.conf has a longer time', async () => {
  await configure('etc/shared/ar.conf', 'drop - firewall-drop.js - 999999999999999999\n');
  const { statuses, left } = await sameResults(byOssec('add'), byOssec('delete'));
  assert.equal(statuses, [0, 0]);
  assert.match(left, ' blocked: until TIME, offence 1, by nftables');
});

test('refuses a wrong address, command or option', async () => {
  const { statuses } = await sameResults(
    byOssec('add', 'host.example'),
    byArguments(['add', '-', '203.0.113.46', 'extra', '$(id)', ';x']),
    byArguments(['block', '-', ADDRESS]),
    byArguments(['add', '-', ADDRESS, '--ports', '80;id']),
  );
  for (const status of statuses) assert.ok(status === 64 || status === 65, `exit status ${status}`);
});

test('refuses a malformed message, and a message that blocks a prefix', async () => {
  const { statuses } = await sameResults(
    byMessage('null\n'),
    byMessage('{"version":1,"command":"add","parameters":[]}\n'),
    byMessage(wazuh4('add', '203.0.113.0/24')),
    byMessage(wazuh4('add', ADDRESS, ['--apache-file', '/x']), 'continue', 'apache-deny'),
  );
  for (const status of statuses) assert.ok(status === 64 || status === 65, `exit status ${status}`);
});

test('asks Wazuh once, and obeys its reply', async () => {
  const { statuses, left } = await sameResults(
    byMessage(wazuh4('add', ADDRESS)),
    byMessage(wazuh4('add', ADDRESS), 'abort'),
    byMessage(wazuh4('add', OTHER), 'abort'),
    byMessage(wazuh4('delete', ADDRESS)),
  );
  assert.equal(statuses, [0, 0, 0, 0]);
  assert.is(left.match(/"command":"check_keys"/g)?.length, 3, left);
});

test('blocks when Wazuh closes the stream without a reply', async () => {
  const { statuses, left } = await sameResults(byMessage(wazuh4('add', ADDRESS), 'end'));
  assert.equal(statuses, [0]);
  assert.match(left, 'the manager gave no answer');
});

test('uses the time that Wazuh 5 sends', async () => {
  const { statuses } = await sameResults(
    byMessage(wazuh5('enable', ADDRESS, 600)),
    byMessage(wazuh5('disable', ADDRESS, 600)),
    byMessage(wazuh5('enable', OTHER)),
  );
  assert.equal(statuses, [0, 0, 0]);
});

test('takes requests from an agent and from agent_control', async () => {
  const { statuses } = await sameResults(
    byArguments(ossecAgent('add', ADDRESS)),
    byArguments(agentControl(OTHER)),
  );
  assert.equal(statuses, [0, 0]);
});

test('keeps the time and counts offences when BLOCK_FOR is set', async () => {
  await configure('etc/riposte.conf', 'BLOCK_FOR=1d,7d\nSEVERE_RULES=31151\n');
  const { left } = await sameResults(byOssec('add'), byOssec('delete'), byOssec('add'));
  assert.match(left, 'kept: BLOCK_FOR keeps it until');
});

test('ends a block at the latest time of ar.conf', async () => {
  await configure('etc/shared/ar.conf', 'drop600 - firewall-drop.js - 600\n');
  const { left } = await sameResults(byOssec('add'));
  assert.match(left, 'until');
});

test('reports an error in riposte.conf, and uses the file once it is corrected', async () => {
  await configure('etc/riposte.conf', 'NO_SUCH_SETTING=1\n');
  const { left } = await sameResults(byOssec('add'));
  assert.match(left, 'NO_SUCH_SETTING');
  await configure('etc/riposte.conf', 'FIREWALL_ACTION=reject\nFIREWALL_PORTS=80,443\n');
  assert.equal((await sameResults(byOssec('add', OTHER))).statuses, [0]);
});

test('keeps foreign routes and files', async () => {
  for (const host of hosts) await host.run(`ip route add blackhole ${ADDRESS}`);
  await configure(MAP, 'an important line\n');
  const { statuses } = await sameResults(
    byOssec('add', ADDRESS, 'route-null'),
    byOssec('add', ADDRESS, 'apache-deny'),
  );
  assert.equal(statuses, [73, 78]);
});

test('writes no control characters to log and journal', async () => {
  const odd = 'bob\n\u001b[2JFri Nov 20 add - 198.51.100.1';
  const message = wazuh4('add', ADDRESS).replace('"dstuser":"bob"', `"dstuser":${JSON.stringify(odd)}`);
  const { statuses } = await sameResults(
    byMessage(message),
    byArguments(['add', odd, OTHER, '1.2', '31151', `/x${odd}`]),
  );
  assert.equal(statuses, [0, 0]);
});

test('handles each request once, in order', async () => {
  const addresses = Array.from({ length: 20 }, (_, index) => `203.0.113.${index}`);
  const ended = await Promise.all(
    addresses.map(async (address) => {
      const statuses: (number | undefined)[] = [];
      for (const command of ['add', 'delete', 'add'] as const)
        statuses.push((await byOssec(command, address)(handedOn)).status);
      return statuses;
    }),
  );
  assert.equal(new Set(ended.flat()), new Set([0]));
  const events = await handedOn.journal();
  for (const address of addresses)
    assert.equal(
      events.filter((event) => event.address === address).map(({ event }) => event),
      ['blocked', 'unblocked', 'blocked'],
      address,
    );
  assert.is(new Set(events.map(({ asked }) => asked)).size, events.length);
});

test.run();
