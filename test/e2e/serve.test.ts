import { appendFile, chmod, chown, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { unitText } from '../../install/units/serve-unit.ts';
import { burst, morfeus, request, visit } from '../lab/access-log.ts';
import { allOnOneSite, killServerAfterEach } from '../lab/fixtures.ts';
import { Installation } from '../lab/installation.ts';
import { ADDRESS, type Network } from '../lab/network.ts';
import { eventually, RunningServer, verb } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';
import { leftToAll } from '../runner/share.ts';

const test = labSuite('serve', 'nft', 'setpriv');
const inAll = leftToAll(test);
const ATTACKER = ADDRESS.attacker;
let network: Network;
let at: Installation;
let log = '';
let server: RunningServer | undefined;

allOnOneSite(test, (made) => {
  network = made;
});
test.before.each(async () => {
  at = await Installation.create(network.web);
  log = `${at.home}/access.log`;
  await writeFile(log, '');
});
killServerAfterEach(test, () => server);
test.after.each(async () => {
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
/** Waits for a block: first in the ledger, because reading the ledger starts no program. */
async function blocked(address: string): Promise<void> {
  const isInLedger = async () => (await at.ledger('firewall-drop', address)) !== undefined;
  await eventually(`${address} is in the ledger`, isInLedger, { orElse: () => server?.said ?? '' });
  await eventually(`${address} is blocked`, () => isBlocked(address));
}
const minutesOf = ({ since, until }: Record<string, unknown> = {}) =>
  Math.round((Date.parse(String(until)) - Date.parse(String(since))) / 60_000);
const daysOf = ({ since, until }: Record<string, unknown> = {}) =>
  Math.round((Date.parse(String(until)) - Date.parse(String(since))) / 86_400_000);

inAll(
  'with NETWORK_AFTER=3, blocks a /24 instead of a source only while two other sources in it are blocked',
  async () => {
    await at.write('etc/riposte.conf', 'NETWORK_AFTER=3\n');
    await serve();
    const [first, second, third, fourth] = ['198.18.5.1', '198.18.5.2', '198.18.5.3', '198.18.5.4'];
    const blockedByLine = async (source: string, target: string) => {
      await write(morfeus(source));
      await server?.says(new RegExp(`${source.replaceAll('.', '\\.')}.*: blocked: until`));
      assert.ok(await at.ledger('firewall-drop', target), target);
    };
    await blockedByLine(first, first);
    await blockedByLine(second, second);
    assert.is((await verb(at, ['unblock', first])).exitCode, 0);
    await blockedByLine(third, third);
    await blockedByLine(fourth, '198.18.5.0/24');
  },
);

test('blocks an attacker’s next connection after a scan, and records the block in log and journal', async () => {
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
  assert.is(minutesOf(await at.ledger('firewall-drop', ATTACKER)), 10);
});

inAll('blocks an attacker over IPv6', async () => {
  await serve();
  await write(morfeus(ADDRESS.attacker6));
  await blocked(ADDRESS.attacker6);
  assert.is(await network.fetch(ADDRESS.attacker6), 0);
});

test('blocks the /64 of an IPv6 scanner that changes its address, and no neighbour', async () => {
  const net = (network: string, host: string) => `2001:db8:${network}::${host}`;
  for (const address of [net('bad:7', '9'), net('bad:7', '77'), net('bad:8', '9')])
    await network.outside.run(`ip address add ${address}/128 dev to-web nodad`);
  await network.web.run(`ip route add 2001:db8:bad::/48 via ${ADDRESS.attacker6}`);
  try {
    await serve();
    for (const host of ['9', '77']) assert.is(await network.fetch(net('bad:7', host)), 200);
    const scan = Array.from({ length: 16 }, (_, i) => burst(net('bad:7', `${i + 1}`), 1, Date.now(), i));
    await write(scan.join(''));
    await eventually('the network is in the ledger', async () =>
      Boolean(await at.ledger('firewall-drop', '2001:db8:bad:7::/64')),
    );
    await server?.says(/\(2001:db8:bad:7::\/64\): blocked: until/);
    for (const host of ['9', '77']) assert.is(await network.fetch(net('bad:7', host)), 0);
    assert.is(await network.fetch(net('bad:8', '9')), 200);
  } finally {
    await network.web.run('ip route del 2001:db8:bad::/48');
  }
});

inAll('never blocks a visitor with 30 pages, images, two 404s and a login', async () => {
  await serve();
  for (let round = 0; round < 5; round++) await write(visit(ADDRESS.visitor));
  await write(morfeus(ATTACKER));
  await blocked(ATTACKER);
  assert.equal(await at.ledger('firewall-drop', ADDRESS.visitor), undefined);
  assert.is(await network.fetch(ADDRESS.visitor), 200);
});

inAll('blocks for a week at once when the rule is severe', async () => {
  await at.write('etc/riposte.conf', 'SEVERE_LEVEL=10\n');
  await serve();
  await write(morfeus(ATTACKER));
  await blocked(ATTACKER);
  const entry = await at.ledger('firewall-drop', ATTACKER);
  assert.equal([daysOf(entry), entry?.offence, entry?.severe], [7, 1, true]);
});

inAll('blocks a scanner again at once, for a week, when it returns after an unblock', async () => {
  await serve();
  await write(morfeus(ATTACKER));
  await blocked(ATTACKER);
  await server?.says(/: blocked:/);
  await verb(at, ['unblock', ATTACKER]);
  await network.web.start(['nft', 'flush', 'ruleset'], {});
  assert.not(await at.ledger('firewall-drop', ATTACKER));
  await write(morfeus(ATTACKER));
  await blocked(ATTACKER);
  const entry = await at.ledger('firewall-drop', ATTACKER);
  assert.equal([daysOf(entry), entry?.offence], [7, 2]);
});

inAll('refuses a second server until the first server is killed', async () => {
  await serve();
  const { exitCode, stderr } = await verb(at, ['serve', log]);
  assert.is(exitCode, 75);
  assert.match(stderr, /another riposte serve is already running \(.*serve\.lock/);
  await server?.end('SIGKILL');
  await serve();
});

test('answers --status and --stop', async () => {
  const none = await verb(at, ['serve', '--status']);
  assert.equal([none.exitCode, none.stderr], [69, `riposte: no server runs for ${at.home}`]);
  await serve(log, `${at.home}/other.log`);
  await write(morfeus(ATTACKER));
  await blocked(ATTACKER);
  const status = async () => JSON.parse((await verb(at, ['serve', '--status', '--json'])).stdout);
  await eventually('the status shows the block', async () => (await status()).blocked === 1);
  const { pid, lines, alerts, failed, pending, logs, memory } = await status();
  assert.equal(
    { pid, lines, alerts, failed, pending },
    { pid: server?.pid, lines: 1, alerts: 1, failed: 0, pending: 0 },
  );
  const counts = { unreadable: 0, withoutTime: 0, withoutClient: 0 };
  assert.equal(logs, [
    { path: log, isThere: true, lag: 0, format: 'combined', counts: { lines: 1, ...counts } },
    {
      path: `${at.home}/other.log`,
      isThere: false,
      lag: 0,
      format: null,
      counts: { lines: 0, ...counts },
    },
  ]);
  assert.ok(memory > 0);
  const { stdout } = await verb(at, ['serve', '--status']);
  assert.match(stdout, /: 1 line, 1 alert, 1 blocked, 0 failed, 0 pending; \d+ rules/);
  assert.match(stdout, /access\.log +combined +1 +0 +0 +0 bytes/);
  assert.match(stdout, /other\.log +not known yet +0 +0 +0 +not there/);
  const stopped = await verb(at, ['serve', '--stop']);
  assert.equal([stopped.exitCode, stopped.stdout], [0, `The server (process ${pid}) has ended.`]);
  assert.is(await server?.ended(), 0);
  assert.is((await verb(at, ['serve', '--stop'])).exitCode, 69);
});

test('loses no line at SIGTERM: reads the log, and leaves later lines to the next server', async () => {
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

inAll(
  'judges a line from before the server’s start by the line’s own time, and blocks nobody for an old scan',
  async () => {
    await serve();
    await server?.end();
    await write(morfeus('198.51.100.1', Date.now() - 25 * 3600_000));
    await write(burst('198.51.100.2', 20, Date.now() - 3600_000));
    await write(morfeus(ATTACKER));
    await serve();
    await blocked(ATTACKER);
    await blocked('198.51.100.2');
    assert.not(await isBlocked('198.51.100.1'));
    await server?.says(/198\.51\.100\.1: .* the block would have ended by now/);
  },
);

inAll(
  'reads the rules again at SIGHUP, and keeps the old rules and reports the error when a file is broken',
  async () => {
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
  },
);

inAll('refuses a source that is a prefix, and blocks the next attacker', async () => {
  await serve('--format', 'raw', log);
  await write(morfeus('203.0.113.0/24') + morfeus(ATTACKER));
  await blocked(ATTACKER);
  await server?.says(
    /203\.0\.113\.0\/24: refused: '203\.0\.113\.0\/24' is a prefix, but an alert blocks one host/,
  );
  assert.not.match(await network.web.run('nft list ruleset'), '203.0.113.0');
  assert.equal(await at.ledger('firewall-drop', '203.0.113.0/24'), undefined);
});

inAll('with --simulate, says why an address is held or refused', async () => {
  await at.write('etc/riposte.allow', `${ADDRESS.visitor}\n`);
  await serve('--simulate', log);
  await write(
    morfeus(ADDRESS.visitor) + morfeus(ADDRESS.web) + morfeus('255.255.255.255') + morfeus(ATTACKER),
  );
  await server?.says(new RegExp(`${ADDRESS.visitor}: rule .*: held: in the allow list`));
  await server?.says(new RegExp(`${ADDRESS.web}: rule .*: held: one of this host’s own addresses`));
  await server?.says(/255\.255\.255\.255: rule .*: held: multicast or broadcast/);
  await server?.says(new RegExp(`${ATTACKER}: rule .*: would be blocked`));
});

inAll('with --simulate, reports blocks but makes none, and writes no ledger, log or journal', async () => {
  await serve('--simulate', log);
  await write(burst(ATTACKER, 20));
  await server?.says(/203\.0\.113\.7: rule \d+ \(level \d+\) in .*: would be blocked/);
  assert.is(await server?.end(), 0);
  assert.not(await isBlocked(ATTACKER));
  assert.equal(await at.files(), [
    'access.log',
    'var/riposte/formats.json',
    'var/riposte/positions.json',
    'var/riposte/serve.json',
  ]);
});

inAll('with --alerts --no-block, writes a line of JSON for each source, and blocks nobody', async () => {
  const alerts = `${at.home}/alerts.log`;
  await serve('--alerts', alerts, '--no-block', log);
  await write(burst(ATTACKER, 40) + morfeus('198.51.100.1') + visit(ADDRESS.visitor));
  await server?.says(/198\.51\.100\.1: .*: passed to the manager/);
  const lines = (await at.read('alerts.log')).trimEnd().split('\n');
  assert.equal(
    lines.map((line) => JSON.parse(line).srcip),
    [ATTACKER, '198.51.100.1'],
  );
  assert.is(await network.fetch(ATTACKER), 200);
  assert.equal(await at.journal(), []);
});

inAll('writes alerts and also blocks when --alerts is set without --no-block', async () => {
  await serve('--alerts', `${at.home}/alerts.log`, log);
  await write(morfeus(ATTACKER));
  await blocked(ATTACKER);
  await eventually('the alert is written', async () => (await at.read('alerts.log')).endsWith('\n'));
  assert.is(JSON.parse(await at.read('alerts.log')).srcip, ATTACKER);
});

inAll('reads the LOGS of riposte.conf', async () => {
  await at.write('etc/riposte.conf', `LOGS=${log},${at.home}/second.log\n`);
  await at.write('second.log', '');
  server = await RunningServer.start(at, []);
  await appendFile(`${at.home}/second.log`, morfeus('198.51.100.1'));
  await write(morfeus(ATTACKER));
  await blocked(ATTACKER);
  await blocked('198.51.100.1');
});

inAll('refuses to start without a log, and when --no-block is set without --alerts', async () => {
  assert.is((await verb(at, ['serve'])).exitCode, 64);
  assert.is((await verb(at, ['serve', '--no-block', log])).exitCode, 64);
  assert.equal(await at.files(), ['access.log']);
});

test('misses no line when a log is rotated, whether the server runs or not', async () => {
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

inAll('starts when positions.json and serve.json are damaged', async () => {
  await at.write('var/riposte/positions.json', '{"');
  await at.write('var/riposte/serve.json', 'null');
  await serve();
  await server?.says(/positions\.json cannot be read: logs are read from their end/);
  await write(morfeus(ATTACKER));
  await blocked(ATTACKER);
  assert.is((await verb(at, ['serve', '--status'])).exitCode, 0);
});

test('works with the capabilities of the systemd unit', async () => {
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
  await chown(log, 33, 4); // a log that the web server owns
  await serve();
  await write(morfeus(ATTACKER));
  await blocked(ATTACKER);
  await write(morfeus(ADDRESS.attacker6));
  await blocked(ADDRESS.attacker6);
  assert.is(await server?.end(), 0);
});

inAll('escapes an attacker’s text in the server’s own log', async () => {
  await serve(`${log}=combined`);
  await write(morfeus('\x1b]0;owned\x07'));
  await write(morfeus(ATTACKER));
  await blocked(ATTACKER);
  assert.not.match(server?.said ?? '', '\x1b');
});

inAll('reveals nothing of a private file of root when a link to that file replaces a log', async () => {
  await serve(`${log}=combined`);
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

/** A clock that is ahead by the milliseconds in the file `ahead`. */
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

/** Sets SHIFTED_CLOCK ahead. Uses a rename: if the server could read half of the file, its clock would go back. */
async function setAhead(minutes: number): Promise<void> {
  await writeFile(`${at.home}/ahead.new`, `${minutes * 60_000}`);
  await rename(`${at.home}/ahead.new`, `${at.home}/ahead`);
}

/** The environment of a server with SHIFTED_CLOCK. */
async function shiftedClock(): Promise<Record<string, string>> {
  await writeFile(`${at.home}/clock.cjs`, SHIFTED_CLOCK);
  return { NODE_OPTIONS: `--require=${at.home}/clock.cjs`, RIPOSTE_HOME: at.home };
}

inAll('ends only the expired blocks when the clock jumps ahead, as after a suspend', async () => {
  const map = `${at.home}/deny.map`;
  await writeFile(map, '');
  const env = await shiftedClock();
  await at.write('etc/riposte.conf', `BLOCK_FOR=1h,2h\nAPACHE_FILE=${map}\n`);
  const isDenied = async () => /^203\.0\.113\.7 deny/m.test(await at.read('deny.map'));
  server = await RunningServer.start(at, ['--response', 'apache-deny', log], env);
  await write(morfeus(ATTACKER));
  await server.says(/203\.0\.113\.7: blocked: until/);
  await setAhead(50);
  await write(morfeus('198.51.100.1'));
  await server.says(/198\.51\.100\.1: blocked: until/);
  assert.ok(await isDenied());
  await setAhead(61);
  await eventually('the block has ended', async () => !(await isDenied()));
  assert.match(await at.read('deny.map'), '198.51.100.1 deny');
  await eventually('the journal has the unblock', async () =>
    (await at.journal()).some(({ event, address }) => event === 'unblocked' && address === ATTACKER),
  );
});

inAll(
  'reports a failed unblock only once, retries with pauses, and unblocks when the file is usable again',
  async () => {
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
    await setAhead(61);
    await server?.says(/apache-deny: .*failed: cannot (?:read|write) .*deny\.map: it is a directory/);
    await new Promise((wake) => setTimeout(wake, 1500));
    assert.is(server?.said.match(/ failed: /g)?.length, 1, server?.said);
    assert.not.match(server?.said ?? '', 'defect');
    await rm(map, { recursive: true });
    await server?.end();
    server = await RunningServer.start(at, ['--response', 'apache-deny', log], env);
    await eventually('the block has ended', async () => !(await at.ledger('apache-deny', ATTACKER)));
  },
);

inAll('restores a block that was flushed', async () => {
  await serve();
  await write(burst(ATTACKER, 20));
  await blocked(ATTACKER);
  await server?.end();
  await network.web.run('nft flush ruleset');
  await serve();
  await blocked(ATTACKER);
});

test.run();
