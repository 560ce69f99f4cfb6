import {
  appendFile,
  chmod,
  chown,
  mkdir,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { unitText } from '../../cli/serve/unit.ts';
import { burst, morfeus, request, visit } from '../lab/access-log.ts';
import { runWithArguments } from '../lab/execd.ts';
import { Installation } from '../lab/installation.ts';
import { ossec } from '../lab/managers.ts';
import { ADDRESS, createNetwork, type Network } from '../lab/network.ts';
import { eventually, RunningServer, verb } from '../lab/server.ts';
import { untilStopped } from '../lab/stop.ts';
import { labSuite } from '../lab/suite.ts';
import { type Stop, startWebServer } from '../lab/web-server.ts';

const test = labSuite('serve', 'nft', 'setpriv');
const ATTACKER = ADDRESS.attacker;
let network: Network;
let stopWeb: Stop;
let at: Installation;
let log = '';
let server: RunningServer | undefined;

test.before(async () => {
  network = await createNetwork();
  stopWeb = await startWebServer(network.web);
});
test.after(async () => {
  await stopWeb();
  await network.remove();
});
test.before.each(async () => {
  at = await Installation.create(network.web);
  log = `${at.home}/access.log`;
  await writeFile(log, '');
});
test.after.each(async () => {
  await server?.end('SIGKILL');
  server = undefined;
  await network.web.start(['nft', 'flush', 'ruleset'], {});
  await at.remove();
});

async function serve(...args: string[]): Promise<RunningServer> {
  server = await RunningServer.start(at, args.length > 0 ? args : [log]);
  return server;
}

const write = (text: string) => appendFile(log, text);
const isBlocked = async (address: string) =>
  (await network.web.run('nft list ruleset')).includes(` ${address} `);
const blocked = (address: string) => eventually(`${address} is blocked`, () => isBlocked(address));
const daysOf = ({ since, until }: Record<string, unknown> = {}) =>
  Math.round((Date.parse(String(until)) - Date.parse(String(since))) / 86_400_000);

test('a scan ends with the attacker’s next connection failing, and is in log and journal', async () => {
  await serve();
  assert.is(await network.fetch(ATTACKER), 200);
  await write(visit(ADDRESS.visitor) + burst(ATTACKER, 20));
  await blocked(ATTACKER);
  assert.is(await network.fetch(ATTACKER), 0);
  assert.is(await network.fetch(ADDRESS.visitor), 200);
  await server?.says(/203\.0\.113\.7: blocked: until .*, offence 1/);
  assert.match((await at.log()).join('\n'), /firewall-drop\.js add - 203\.0\.113\.7 - \d+ blocked: until/);
  const [event, ...more] = await at.journal();
  assert.equal([event?.event, event?.address, event?.offence, more], ['blocked', ATTACKER, 1, []]);
  assert.is(daysOf(await at.ledger('firewall-drop', ATTACKER)), 1);
});

test('an attacker over IPv6 is blocked, too', async () => {
  await serve();
  await write(morfeus(ADDRESS.attacker6));
  await blocked(ADDRESS.attacker6);
  assert.is(await network.fetch(ADDRESS.attacker6), 0);
});

test('a visitor with 30 pages, images, two that are not there and a login is never blocked', async () => {
  await serve();
  for (let round = 0; round < 5; round++) await write(visit(ADDRESS.visitor));
  await write(morfeus(ATTACKER));
  await blocked(ATTACKER);
  assert.equal(await at.ledger('firewall-drop', ADDRESS.visitor), undefined);
  assert.is(await network.fetch(ADDRESS.visitor), 200);
});

test('a severe rule blocks for a week at once', async () => {
  await at.write('etc/riposte.conf', 'SEVERE_LEVEL=10\n');
  await serve();
  await write(morfeus(ATTACKER));
  await blocked(ATTACKER);
  const entry = await at.ledger('firewall-drop', ATTACKER);
  assert.equal([daysOf(entry), entry?.offence, entry?.severe], [7, 1, true]);
});

test('who scans again after the unblock is blocked again at once, for a week', async () => {
  await serve();
  await write(morfeus(ATTACKER));
  await blocked(ATTACKER);
  await server?.says(/: blocked:/);
  await runWithArguments(at, 'firewall-drop', ossec('delete', ATTACKER));
  await network.web.start(['nft', 'flush', 'ruleset'], {});
  assert.not(await at.ledger('firewall-drop', ATTACKER));
  await write(morfeus(ATTACKER));
  await blocked(ATTACKER);
  const entry = await at.ledger('firewall-drop', ATTACKER);
  assert.equal([daysOf(entry), entry?.offence], [7, 2]);
});

test('a second server is refused, and says why; when the first is killed another may start', async () => {
  await serve();
  const { exitCode, stderr } = await verb(at, ['serve', log]);
  assert.is(exitCode, 75);
  assert.match(stderr, /a server runs already \(.*serve\.lock/);
  await server?.end('SIGKILL');
  await serve();
});

test('--status and --stop', async () => {
  const none = await verb(at, ['serve', '--status']);
  assert.equal([none.exitCode, none.stderr], [69, `riposte: no server runs for ${at.home}`]);
  await serve(log, `${at.home}/other.log`);
  await write(morfeus(ATTACKER));
  await blocked(ATTACKER);
  const status = async () => JSON.parse((await verb(at, ['serve', '--status', '--json'])).stdout);
  await eventually('the status says so', async () => (await status()).blocked === 1);
  const { pid, lines, alerts, failed, pending, logs, memory } = await status();
  assert.equal(
    { pid, lines, alerts, failed, pending },
    { pid: server?.pid, lines: 1, alerts: 1, failed: 0, pending: 0 },
  );
  assert.equal(logs, [
    { path: log, isThere: true, lag: 0 },
    { path: `${at.home}/other.log`, isThere: false, lag: 0 },
  ]);
  assert.ok(memory > 0);
  const { stdout } = await verb(at, ['serve', '--status']);
  assert.match(stdout, /: 1 lines, 1 alerts, 1 blocked, 0 failed, 0 in the making; \d+ rules/);
  assert.match(stdout, /other\.log +not there/);
  const stopped = await verb(at, ['serve', '--stop']);
  assert.equal([stopped.exitCode, stopped.stdout], [0, `The server (process ${pid}) has ended.`]);
  assert.is(await server?.ended(), 0);
  assert.is((await verb(at, ['serve', '--stop'])).exitCode, 69);
});

test('SIGTERM loses nothing: what is in the log is read, what comes meanwhile is read by the next one', async () => {
  await serve();
  const sources = Array.from({ length: 100 }, (_, index) => `198.51.100.${index + 1}`);
  await write(sources.map((address) => morfeus(address)).join(''));
  assert.is(await server?.end(), 0);
  await write(morfeus(ATTACKER));
  await serve();
  await blocked(ATTACKER);
  for (const address of sources) assert.is((await at.ledger('firewall-drop', address))?.offence, 1, address);
  assert.not.match((await at.journal()).map(({ offence }) => String(offence)).join(''), '2');
});

test('a scan that is half before and half after a restart is one', async () => {
  await serve();
  await write(burst(ATTACKER, 8));
  await server?.end();
  await serve();
  await write(burst(ATTACKER, 8));
  await blocked(ATTACKER);
});

test('what was written while no server ran is judged by its own time, and an old scan is left alone', async () => {
  await serve();
  await server?.end();
  await write(morfeus('198.51.100.1', Date.now() - 25 * 3600_000));
  await write(burst('198.51.100.2', 20, Date.now() - 3600_000));
  await write(morfeus(ATTACKER));
  await serve();
  await blocked(ATTACKER);
  await blocked('198.51.100.2');
  assert.not(await isBlocked('198.51.100.1'));
  await server?.says(/198\.51\.100\.1: .* its block would be over by now/);
});

/** Stops the process when it says that it reads what was written, so that what follows comes before it has. */
const STOPS_WHEN_IT_BEGINS = `
const { isMainThread } = require('node:worker_threads');
const write = process.stdout.write;
if (isMainThread) process.stdout.write = (text, ...more) => {
  const result = write.call(process.stdout, text, ...more);
  if (String(text).includes('reads what ')) process.kill(process.pid, 'SIGSTOP');
  return result;
};`;

test('SIGTERM while it catches up with much that was written: the next one does', async () => {
  await serve();
  await server?.end();
  const plain = Array.from({ length: 4000 }, (_, index) => visit(`198.19.${index >> 8}.${index & 255}`));
  await write(`${plain.join('')}${morfeus(ATTACKER)}`);
  const before = JSON.parse(await at.read('var/riposte/positions.json'))[log].offset;
  await writeFile(`${at.home}/stop.cjs`, STOPS_WHEN_IT_BEGINS);
  server = RunningServer.launch(at, [log], { NODE_OPTIONS: `--require=${at.home}/stop.cjs` });
  await server.says(/reads what .*access\.log has got since/);
  await untilStopped(server.pid);
  server.kill('SIGTERM');
  server.kill('SIGCONT');
  assert.is(await server.ended(), 0);
  assert.is(JSON.parse(await at.read('var/riposte/positions.json'))[log].offset, before);
  await serve();
  await blocked(ATTACKER);
});

test('SIGHUP reads the rules again; a broken file keeps the old ones and says so', async () => {
  const rules = `${at.home}/local.xml`;
  const rule = (level: number) =>
    `<group name="local,"><rule id="100900" level="${level}"><if_sid>31108</if_sid><url>/secret-plan</url><description>Nosy.</description></rule></group>\n`;
  const nosy = (address: string) => request(address, '/secret-plan', 200, Date.now());
  await writeFile(rules, rule(3));
  await serve('--rules', rules, log);
  await write(nosy('198.51.100.1') + morfeus('198.51.100.2'));
  await blocked('198.51.100.2');
  await writeFile(rules, rule(11));
  server?.kill('SIGHUP');
  await server?.says(/rules read again/);
  await write(nosy('198.51.100.3'));
  await blocked('198.51.100.3');
  await writeFile(rules, '<group name="local,"><rule id="100900" level="x">');
  server?.kill('SIGHUP');
  await server?.says(/rules stay as they were: .*local\.xml/);
  await write(nosy('198.51.100.4'));
  await blocked('198.51.100.4');
  assert.not(await isBlocked('198.51.100.1'));
});

test('--simulate says who would be blocked, blocks nobody, and writes no ledger, log or journal', async () => {
  await serve('--simulate', log);
  await write(burst(ATTACKER, 20));
  await server?.says(/203\.0\.113\.7: rule \d+ \(level \d+\) in .*: would be blocked/);
  assert.is(await server?.end(), 0);
  assert.not(await isBlocked(ATTACKER));
  assert.equal(await at.files(), ['access.log', 'var/riposte/positions.json', 'var/riposte/serve.json']);
});

test('--alerts --no-block writes a line of JSON for each source, and blocks nobody', async () => {
  const alerts = `${at.home}/alerts.log`;
  await serve('--alerts', alerts, '--no-block', log);
  await write(burst(ATTACKER, 40) + morfeus('198.51.100.1') + visit(ADDRESS.visitor));
  await server?.says(/198\.51\.100\.1: .*: told the manager/);
  const lines = (await at.read('alerts.log')).trimEnd().split('\n');
  assert.equal(
    lines.map((line) => JSON.parse(line).srcip),
    [ATTACKER, '198.51.100.1'],
  );
  assert.is(await network.fetch(ATTACKER), 200);
  assert.equal(await at.journal(), []);
});

test('--alerts without --no-block does both', async () => {
  await serve('--alerts', `${at.home}/alerts.log`, log);
  await write(morfeus(ATTACKER));
  await blocked(ATTACKER);
  await eventually('the alert is there', async () => (await at.read('alerts.log')).endsWith('\n'));
  assert.is(JSON.parse(await at.read('alerts.log')).srcip, ATTACKER);
});

test('LOGS of riposte.conf', async () => {
  await at.write('etc/riposte.conf', `LOGS=${log},${at.home}/second.log\n`);
  await at.write('second.log', '');
  server = await RunningServer.start(at, []);
  await appendFile(`${at.home}/second.log`, morfeus('198.51.100.1'));
  await write(morfeus(ATTACKER));
  await blocked(ATTACKER);
  await blocked('198.51.100.1');
});

test('no log at all, and --no-block alone, are wrong', async () => {
  assert.is((await verb(at, ['serve'])).exitCode, 64);
  assert.is((await verb(at, ['serve', '--no-block', log])).exitCode, 64);
  assert.equal(await at.files(), ['access.log']);
});

test('a log that comes later, in a directory that comes later, also after a kill', async () => {
  const late = `${at.home}/later/deep/access.log`;
  await serve(late);
  await server?.says(/there is no .*later\/deep\/access\.log yet/);
  await mkdir(`${at.home}/later/deep`, { recursive: true });
  await appendFile(late, morfeus(ATTACKER));
  await blocked(ATTACKER);
  await rm(`${at.home}/later`, { recursive: true });
  await server?.end('SIGKILL');
  await serve(late);
  await mkdir(`${at.home}/later/deep`, { recursive: true });
  await appendFile(late, morfeus('198.51.100.1'));
  await blocked('198.51.100.1');
});

test('rotated while it runs and while it does not: nothing is missed', async () => {
  await serve();
  await write(morfeus('198.51.100.1'));
  await rename(log, `${log}.1`);
  await writeFile(log, morfeus('198.51.100.2'));
  await appendFile(`${log}.1`, morfeus('198.51.100.3'));
  for (const last of [1, 2, 3]) await blocked(`198.51.100.${last}`);
  await server?.end('SIGKILL');
  await write(morfeus('198.51.100.4'));
  await appendFile(`${log}.1`, morfeus('198.51.100.6'));
  await rename(`${log}.1`, `${log}.2`);
  await rename(log, `${log}.1`);
  await writeFile(log, morfeus('198.51.100.5'));
  await serve();
  for (const last of [4, 5, 6]) await blocked(`198.51.100.${last}`);
  for (const last of [1, 2, 3, 4, 5, 6])
    assert.is((await at.ledger('firewall-drop', `198.51.100.${last}`))?.offence, 1);
});

test('a damaged positions.json and serve.json keep no server from starting', async () => {
  await at.write('var/riposte/positions.json', '{"');
  await at.write('var/riposte/serve.json', 'null');
  await serve();
  await server?.says(/positions\.json cannot be read: logs are read from their end/);
  await write(morfeus(ATTACKER));
  await blocked(ATTACKER);
  assert.is((await verb(at, ['serve', '--status'])).exitCode, 0);
});

test('the capabilities that the systemd unit leaves it are enough', async () => {
  const [, kept = ''] =
    /^CapabilityBoundingSet=(.*)$/m.exec(unitText({ node: '/n', program: '/p', home: '/h' })) ?? [];
  const set = ['-all', ...kept.split(' ').map((name) => name.replace('CAP_', '+').toLowerCase())].join(',');
  const node = `${at.home}/node-with-few-rights`;
  await writeFile(
    node,
    `#!/bin/sh\nexec setpriv --no-new-privs --inh-caps=-all --bounding-set=${set} ${at.node} "$@"\n`,
    { mode: 0o755 },
  );
  Object.assign(at, { node });
  await chmod(log, 0o640);
  await chown(log, 33, 4); // as a log of the web server's own
  await serve();
  await write(morfeus(ATTACKER));
  await blocked(ATTACKER);
  await write(morfeus(ADDRESS.attacker6));
  await blocked(ADDRESS.attacker6);
  assert.is(await server?.end(), 0);
});

test('nothing that an attacker wrote reaches the server’s own log as it is', async () => {
  await serve();
  await write(morfeus('\x1b]0;owned\x07'));
  await write(morfeus(ATTACKER));
  await blocked(ATTACKER);
  assert.not.match(server?.said ?? '', '\x1b');
});

test('lines that Windows ended, NUL bytes and 300 MB without an end spoil no other line', async () => {
  await serve();
  await write(morfeus('198.51.100.1').replace('\n', '\r\n'));
  await write(`${'\0'.repeat(70_000)}\n${morfeus('198.51.100.2').replace('Morfeus', '\0Morfeus')}`);
  await blocked('198.51.100.1');
  await blocked('198.51.100.2');
  const before = JSON.parse(await at.read('var/riposte/serve.json')).memory;
  await truncate(log, (await stat(log)).size + 300 * 1024 * 1024);
  await write(`\n${morfeus(ATTACKER)}`);
  await blocked(ATTACKER);
  await eventually('it has caught up', async () => {
    const { logs, memory } = JSON.parse(await at.read('var/riposte/serve.json'));
    return logs[0].lag === 0 && memory < before + 100 * 1024 * 1024;
  });
});

test('a log that becomes a link to a file of root’s alone: nothing of it is told', async () => {
  await serve();
  const secret = `${at.home}/shadow`;
  await writeFile(secret, `root:$6$secret:19000:0:99999:7:::\n${morfeus(ATTACKER)}`, { mode: 0o600 });
  await rm(log);
  await symlink(secret, log);
  await blocked(ATTACKER);
  await server?.end();
  const files = await Promise.all(
    (await at.files()).filter((each) => each !== 'shadow').map((each) => at.read(each)),
  );
  assert.not.match([server?.said, ...files].join(''), /\$6\$secret/);
});

test('a block by Apache ends on time, though no kernel ends it, also when the server was killed meanwhile', async () => {
  const map = `${at.home}/deny.map`;
  await writeFile(map, '');
  // Long enough for it to be seen. That the server sweeps every minute ends none of them within the patience.
  await at.write('etc/riposte.conf', `BLOCK_FOR=6s\nAPACHE_FILE=${map}\n`);
  const isDenied = async () => /^203\.0\.113\.7 deny/m.test(await at.read('deny.map'));
  await serve('--response', 'apache-deny', log);
  await write(burst(ATTACKER, 20));
  await eventually('he is denied', isDenied);
  await server?.says(/blocked: until/);
  await eventually('it has ended', async () => !(await isDenied()));
  await write(burst(ATTACKER, 20));
  await server?.says(/blocked: until/, 2);
  await server?.end('SIGKILL');
  await serve('--response', 'apache-deny', log);
  await eventually('it has ended again', async () => !(await isDenied()));
});

/** A clock that goes as many milliseconds before as the file `ahead` says. */
const SHIFTED_CLOCK = `
const { readFileSync } = require('node:fs');
const Real = Date;
const now = () => {
  try {
    return Real.now() + Number(readFileSync(process.env.RIPOSTE_HOME + '/ahead', 'utf8'));
  } catch {
    return Real.now();
  }
};
globalThis.Date = class extends Real {
  constructor(...given) { given.length > 0 ? super(...given) : super(now()); }
  static now() { return now(); }
};`;

/** The environment of a server that goes by that clock. */
async function shiftedClock(): Promise<Record<string, string>> {
  await writeFile(`${at.home}/clock.cjs`, SHIFTED_CLOCK);
  return { NODE_OPTIONS: `--require=${at.home}/clock.cjs`, RIPOSTE_HOME: at.home };
}

test('a clock that is set, as it is after a suspend, ends at once what is over by then, and no more', async () => {
  const map = `${at.home}/deny.map`;
  await writeFile(map, '');
  const env = await shiftedClock();
  await at.write('etc/riposte.conf', `BLOCK_FOR=1h,2h\nAPACHE_FILE=${map}\n`);
  const isDenied = async () => /^203\.0\.113\.7 deny/m.test(await at.read('deny.map'));
  server = await RunningServer.start(at, ['--response', 'apache-deny', log], env);
  await write(morfeus(ATTACKER));
  await server.says(/203\.0\.113\.7: blocked: until/);
  await writeFile(`${at.home}/ahead`, `${50 * 60_000}`);
  await write(morfeus('198.51.100.1'));
  await server.says(/198\.51\.100\.1: blocked: until/);
  assert.ok(await isDenied());
  await writeFile(`${at.home}/ahead`, `${61 * 60_000}`);
  await eventually('it has ended', async () => !(await isDenied()));
  assert.match(await at.read('deny.map'), '198.51.100.1 deny');
  await eventually('it is told', async () =>
    (await at.journal()).some(({ event, address }) => event === 'unblocked' && address === ATTACKER),
  );
});

test('a block that cannot be ended is told once, not tried without a pause, and ended when it can be', async () => {
  const map = `${at.home}/apache/deny.map`;
  await mkdir(`${at.home}/apache`);
  await writeFile(map, '');
  await at.write('etc/riposte.conf', `BLOCK_FOR=1h\nAPACHE_FILE=${map}\n`);
  const env = await shiftedClock();
  server = await RunningServer.start(at, ['--response', 'apache-deny', log], env);
  await write(morfeus(ATTACKER));
  await server?.says(/203\.0\.113\.7: blocked: until/);
  await rm(map);
  await mkdir(map);
  await writeFile(`${at.home}/ahead`, `${61 * 60_000}`);
  await server?.says(/apache-deny: failed: cannot read .*deny\.map: it is a directory/);
  await new Promise((wake) => setTimeout(wake, 1500));
  assert.is(server?.said.match(/ failed: /g)?.length, 1, server?.said);
  assert.not.match(server?.said ?? '', 'defect');
  await rm(map, { recursive: true });
  await server?.end();
  server = await RunningServer.start(at, ['--response', 'apache-deny', log], env);
  await eventually('it has ended', async () => !(await at.ledger('apache-deny', ATTACKER)));
});

test('what somebody has flushed is put back', async () => {
  await serve();
  await write(burst(ATTACKER, 20));
  await blocked(ATTACKER);
  await server?.end();
  await network.web.run('nft flush ruleset');
  await serve();
  await blocked(ATTACKER);
});

test.run();
