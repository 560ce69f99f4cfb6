import { appendFile, chmod, copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { runWithArguments } from '../lab/execd.ts';
import { eachOnItsOwnHost } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { ossec } from '../lab/managers.ts';
import { verb } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';
import { PATH } from '../lab/tools.ts';
import { leftToAll } from '../runner/share.ts';

const test = labSuite('scan', 'nft', 'script');
const inAll = leftToAll(test);
let host: Host;
let at: Installation;

eachOnItsOwnHost(test, (...made) => ([host, at] = made));

const MINUTE = 60_000;

/** A line of Apache's combined log. */
function request(address: string, path: string, status: number, time: number, agent = 'Mozilla/5.0'): string {
  const [, day, month, year, clock] =
    /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(time).toUTCString()) ?? [];
  return `${address} - - [${day}/${month}/${year}:${clock} +0000] "GET ${path} HTTP/1.1" ${status} 321 "-" "${agent}"\n`;
}

const morfeus = (address: string, time = Date.now()) =>
  request(address, '/user/soapCaller.bs', 404, time, 'Morfeus Fucking Scanner');

const burst = (address: string, count: number, time = Date.now(), from = 0) =>
  Array.from({ length: count }, (_, index) => request(address, `/page${from + index}.php`, 404, time)).join(
    '',
  );

const scan = (...args: string[]) => scanWith({}, ...args);

async function scanWith(env: Record<string, string>, ...args: string[]) {
  const words = [process.execPath, resolve('dist/riposte.js'), 'scan', '--home', at.home, ...args];
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const command = ['/usr/bin/env', ...variables, ...words, `${at.home}/access.log`];
  const { exitCode, stdout, stderr } = await host.start(command, { stdin: 'ignore' });
  return { exitCode, stdout, stderr };
}

const isBlocked = async (address: string) => (await host.run('nft list ruleset')).includes(` ${address} `);

test('blocks a scanner for a day but no visitor, and finds no new lines at the next scan', async () => {
  const visitor = request('198.51.100.7', '/', 200, Date.now());
  await at.write('access.log', visitor + morfeus('203.0.113.9') + visitor);
  const { exitCode, stdout } = await scan();
  assert.is(exitCode, 0);
  assert.match(stdout, / blocked: until .*, offence 1/);
  assert.match(
    stdout,
    /scan from .*: 3 new lines in 1 log, evaluated by their own times; 1 alert, 1 blocked$/,
  );
  assert.ok(await isBlocked('203.0.113.9'));
  assert.not(await isBlocked('198.51.100.7'));
  const { since, until, rule } = (await at.ledger('firewall-drop', '203.0.113.9')) ?? {};
  assert.is(Math.round((Date.parse(String(until)) - Date.parse(String(since))) / 3600_000), 24);
  assert.ok(rule);
  assert.match((await scan()).stdout, ': 0 new lines');
});

inAll('blocks a scanner for a week, as a second offence, when it returns after an unblock', async () => {
  await at.write('access.log', morfeus('203.0.113.9'));
  await scan();
  await verb(at, ['unblock', '203.0.113.9']);
  await appendFile(`${at.home}/access.log`, morfeus('203.0.113.9'));
  await scan();
  const { offence, since, until } = (await at.ledger('firewall-drop', '203.0.113.9')) ?? {};
  assert.is(offence, 2);
  assert.is(Math.round((Date.parse(String(until)) - Date.parse(String(since))) / 86_400_000), 7);
});

/** The duration of a block, in minutes. */
async function minutes(address: string): Promise<number> {
  const { since, until } = (await at.ledger('firewall-drop', address)) ?? {};
  return Math.round((Date.parse(String(until)) - Date.parse(String(since))) / MINUTE);
}

inAll('blocks a burst for ten minutes, then for an hour, or for the times of BLOCK_FOR', async () => {
  const offend = async () => {
    await appendFile(`${at.home}/access.log`, burst('203.0.113.9', 20));
    await scan();
    const lasted = await minutes('203.0.113.9');
    await verb(at, ['unblock', '203.0.113.9']);
    return lasted;
  };
  await at.write('access.log', '');
  assert.is(await offend(), 10);
  assert.is(await offend(), 60);
  await at.write('etc/riposte.conf', 'BLOCK_FOR=2d\n');
  assert.is(await offend(), 2 * 24 * 60);
});

test('counts offences across bursts and exploits, and shortens no block', async () => {
  await at.write('access.log', burst('203.0.113.9', 20));
  await scan();
  await appendFile(`${at.home}/access.log`, morfeus('203.0.113.9'));
  assert.match((await scan()).stdout, 'offence 1');
  assert.is(await minutes('203.0.113.9'), 24 * 60);
  await appendFile(`${at.home}/access.log`, burst('203.0.113.9', 20, Date.now(), 20));
  assert.match((await scan()).stdout, '1 blocked');
  assert.is(await minutes('203.0.113.9'), 24 * 60);
  await verb(at, ['unblock', '203.0.113.9']);
  await appendFile(`${at.home}/access.log`, burst('203.0.113.9', 20, Date.now(), 40));
  assert.match((await scan()).stdout, 'offence 2');
  assert.is(await minutes('203.0.113.9'), 60);
});

inAll('uses the exploit’s time when one scan finds a burst and an exploit of a source', async () => {
  await at.write('access.log', burst('203.0.113.9', 20) + morfeus('203.0.113.9'));
  await scan();
  assert.is(await minutes('203.0.113.9'), 24 * 60);
});

inAll('counts no second offence when it reads the same lines again, as after a crash', async () => {
  await at.write('access.log', morfeus('203.0.113.9'));
  await scan();
  await rm(`${at.home}/var/riposte/positions.json`);
  assert.match((await scan()).stdout, 'offence 1');
});

test('finds a burst that is half in one scan and half in the next', async () => {
  await at.write('access.log', burst('203.0.113.9', 9));
  assert.match((await scan()).stdout, '0 blocked');
  await appendFile(`${at.home}/access.log`, burst('203.0.113.9', 9, Date.now(), 9));
  assert.match((await scan()).stdout, '1 blocked');
  assert.ok(await isBlocked('203.0.113.9'));
});

test('reads the rest of a log after the log was rotated', async () => {
  await at.write('access.log', request('198.51.100.7', '/', 200, Date.now()));
  await scan();
  await appendFile(`${at.home}/access.log`, morfeus('203.0.113.9'));
  await rename(`${at.home}/access.log`, `${at.home}/access.log.1`);
  await writeFile(`${at.home}/access.log`, morfeus('203.0.113.10'));
  await scan();
  assert.ok((await isBlocked('203.0.113.9')) && (await isBlocked('203.0.113.10')));
});

inAll('reads new lines of the rotated file once while the new log is empty', async () => {
  await at.write('access.log', morfeus('203.0.113.9'));
  await scan();
  await verb(at, ['unblock', '203.0.113.9']);
  await rename(`${at.home}/access.log`, `${at.home}/access.log.1`);
  await writeFile(`${at.home}/access.log`, '');
  await scan();
  await appendFile(`${at.home}/access.log.1`, morfeus('203.0.113.10'));
  await writeFile(`${at.home}/access.log.bak`, morfeus('203.0.113.9'));
  await scan();
  assert.ok(await isBlocked('203.0.113.10'));
  assert.not(await isBlocked('203.0.113.9'));
});

test('reports an unreadable log, scans the other logs, and sweeps', async () => {
  await at.write('access.log', morfeus('203.0.113.9'));
  await mkdir(`${at.home}/directory.log`);
  await execa('mkfifo', [`${at.home}/pipe.log`]);
  const { exitCode, stderr, stdout } = await scan(`${at.home}/directory.log`, `${at.home}/pipe.log`);
  assert.is(exitCode, 74);
  assert.match(
    stderr,
    /^riposte: cannot read .*directory\.log: it is not a regular file; name the logs in it \(.*\)\n/,
  );
  assert.match(stderr, /cannot read .*pipe\.log: it is not a regular file$/);
  assert.match(stdout, '1 blocked');
  assert.ok(await isBlocked('203.0.113.9'));
});

test('reads the same lines at the next scan if it has found no firewall', async () => {
  await at.write('access.log', morfeus('203.0.113.9'));
  const { exitCode, stdout } = await scanWith({ PATH: at.home });
  assert.is(exitCode, 69);
  assert.match(stdout, 'failed: no firewall: PATH');
  assert.match((await scan()).stdout, '1 blocked');
  assert.ok(await isBlocked('203.0.113.9'));
  assert.match((await scan()).stdout, '0 new lines');
});

inAll('reports an old alert, whose block would have expired, and blocks nobody', async () => {
  await at.write('access.log', morfeus('203.0.113.9', Date.now() - 25 * 60 * MINUTE));
  const { stdout } = await scan();
  assert.match(stdout, 'old: the block would have ended by now');
  assert.not(await isBlocked('203.0.113.9'));
});

test('blocks nobody with --simulate, and reads the same lines at the next scan', async () => {
  await at.write('access.log', morfeus('203.0.113.9'));
  assert.match((await scan('--simulate')).stdout, 'simulated: would be blocked');
  assert.not(await isBlocked('203.0.113.9'));
  assert.equal(await at.files(), ['access.log']);
  assert.match((await scan()).stdout, '1 blocked');
});

inAll('never blocks an address of the allow list, simulated or not', async () => {
  await at.write('etc/riposte.allow', '203.0.113.0/24\n');
  await at.write('access.log', morfeus('203.0.113.9'));
  for (const more of [['--simulate'], []]) {
    const { exitCode, stdout } = await scan(...more);
    assert.is(exitCode, 0);
    assert.match(stdout, /held: .*allow list/);
  }
  assert.not(await isBlocked('203.0.113.9'));
});

test('blocks private addresses only with ALLOW_PRIVATE=no, and keeps a manager’s block of a private address', async () => {
  await runWithArguments(at, 'firewall-drop', ossec('add', '10.1.2.3'));
  await at.write('access.log', ['10.1.2.4', '100.64.0.9', 'fd00::9'].map((each) => morfeus(each)).join(''));
  for (const more of [['--simulate'], []])
    assert.is((await scan(...more)).stdout.match(/held: .*private \(ALLOW_PRIVATE\)/g)?.length, 3);
  assert.ok(await isBlocked('10.1.2.3'));
  await rm(`${at.home}/var/riposte/positions.json`);
  await at.write('etc/riposte.conf', 'ALLOW_PRIVATE=no\n');
  assert.match((await scan()).stdout, '3 blocked');
  assert.ok(await isBlocked('10.1.2.4'));
});

test('holds an address from which a user is logged in, and a source that many clients share', async () => {
  const hour = Date.now() - 70 * MINUTE;
  const shared = Array.from({ length: 1100 }, (_, i) =>
    request('203.0.113.20', '/', 200, hour + i * 3600, `Mozilla/5.0 (Client ${i % 20})`),
  ).join('');
  await at.write(
    'access.log',
    shared + morfeus('203.0.113.9') + morfeus('203.0.113.20') + morfeus('203.0.113.8'),
  );
  await at.write('session', 'STATE=active\nREMOTE=1\nREMOTE_HOST=203.0.113.9\n');
  const words = [
    process.execPath,
    resolve('dist/riposte.js'),
    'scan',
    '--home',
    at.home,
    `${at.home}/access.log`,
  ];
  const run = `mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/sessions && cp ${at.home}/session /run/systemd/sessions/1 && exec "$@"`;
  const { stdout, stderr } = await host.start(['unshare', '--mount', 'sh', '-c', run, 'sh', ...words], {
    stdin: 'ignore',
  });
  assert.match(
    stdout,
    / {2}203\.0\.113\.9 {2}rule .*\n.*\n +held: a user is logged in to this host from this address/,
  );
  assert.match(stdout, / {2}203\.0\.113\.20 {2}rule .*\n.*\n +held: many visitors come through it/);
  assert.match(stderr, /many visitors come through 203\.0\.113\.20, .* add it to TRUSTED_PROXIES/);
  assert.match(stdout, '1 blocked');
  assert.ok(await isBlocked('203.0.113.8'));
  assert.is((await runWithArguments(at, 'firewall-drop', ossec('add', '203.0.113.20'))).status, 0);
  assert.ok(await isBlocked('203.0.113.20'));
});

test('with NETWORK_AFTER=3, blocks the /24 instead of its third source, unless the /24 contains a protected address', async () => {
  await at.write('etc/riposte.conf', 'NETWORK_AFTER=3\n');
  const sources = [
    '198.51.100.1',
    '198.51.100.2',
    '192.0.2.7',
    '198.51.100.3',
    '198.51.100.4',
    '2001:db8:1:2::9',
  ];
  await at.write('access.log', sources.map((each) => morfeus(each)).join(''));
  assert.match((await scan()).stdout, '6 blocked');
  const journal = await readFile(`${at.home}/var/riposte/events.jsonl`, 'utf8');
  assert.is(journal.match(/"address":"198\.51\.100\.0\/24"/g)?.length, 1);
  const listing = await host.run('nft list ruleset');
  assert.match(listing, /set network4_24 \{[^}]*elements = \{ 198\.51\.100\.0 /s);
  assert.match(listing, '@network4_24 goto verdict');
  assert.not.match(listing, /198\.51\.100\.[34] |192\.0\.2\.0 /);
  await at.write('etc/riposte.allow', '192.0.2.200\n');
  await appendFile(`${at.home}/access.log`, morfeus('192.0.2.8') + morfeus('192.0.2.9'));
  await scan();
  assert.ok((await isBlocked('192.0.2.9')) && !(await isBlocked('192.0.2.0')));
});

inAll('blocks nobody and loses no line when riposte.conf is wrong', async () => {
  await at.write('etc/riposte.conf', 'FIREWALL_BACKEND=iptabels\n');
  await at.write('access.log', morfeus('203.0.113.9'));
  const { exitCode, stderr } = await scan();
  assert.is(exitCode, 78);
  assert.match(stderr, 'riposte.conf:1: FIREWALL_BACKEND');
  await at.write('etc/riposte.conf', '');
  assert.match((await scan()).stdout, '1 blocked');
});

inAll('refuses a prefix in a log, and names the reason, simulated or not', async () => {
  await at.write('access.log', morfeus('203.0.113.0/24') + morfeus('203.0.113.9'));
  const simulated = await scan('--simulate', '--format', 'raw');
  assert.match(simulated.stdout, "refused: '203.0.113.0/24' is a prefix, but an alert blocks one host");
  const { exitCode, stdout } = await scan('--format', 'raw');
  assert.is(exitCode, 65);
  assert.match(
    stdout,
    "refused: '203.0.113.0/24' is a prefix, but an alert blocks one host; to block the prefix: riposte block",
  );
  assert.match(stdout, '2 alerts, 1 blocked');
  assert.not.match(await host.run('nft list ruleset'), '203.0.113.0');
  assert.equal(await at.ledger('firewall-drop', '203.0.113.0/24'), undefined);
  assert.match((await at.log()).join('\n'), "refused: '203.0.113.0/24' is a prefix");
});

test('runs only one of several simultaneous scans; the other scans say that another scan is running', async () => {
  await at.write('access.log', burst('198.51.100.7', 3) + morfeus('203.0.113.9'));
  const ended = await Promise.all([scan(), scan(), scan()]);
  assert.is(ended.filter(({ stdout }) => stdout.includes('1 blocked')).length, 1);
  for (const { exitCode, stderr } of ended)
    if (exitCode !== 0) assert.match(stderr, 'another scan is running');
});

inAll('names what started the scan: a terminal, cron, systemd or ModSecurity', async () => {
  await at.write('access.log', '');
  const command = `${process.execPath} ${resolve('dist/riposte.js')} scan --home ${at.home} ${at.home}/access.log`;
  const origin = async (words: string[], env: Record<string, string> = {}) => {
    const { stdout } = await host.start(['/usr/bin/env', '-i', ...words], { stdin: 'ignore', env });
    return /scan from (.*): 0 new lines/.exec(stdout)?.[1];
  };
  const variables = (...some: string[]) => [`PATH=${PATH}`, ...some];
  await copyFile('/bin/sh', `${at.home}/cron`);
  await chmod(`${at.home}/cron`, 0o755);
  const systemd = `INVOCATION_ID=${'0'.repeat(32)}`;
  assert.is(await origin([...variables(systemd), `${at.home}/cron`, '-c', `${command}; exit 0`]), 'cron');
  assert.is(await origin([...variables(systemd), ...command.split(' ')]), 'systemd');
  assert.is(await origin([...variables('TERM=dumb'), 'script', '-qec', command, '/dev/null']), 'a terminal');
  const request = ['UNIQUE_ID=Zz@8', 'REMOTE_ADDR=203.0.113.9'];
  assert.is(await origin([...variables(...request), ...command.split(' ')]), 'ModSecurity');
});

inAll('prints each detection and then the summary with --json', async () => {
  await at.write('access.log', morfeus('203.0.113.9'));
  const [found, last] = (await scan('--json')).stdout.split('\n').map((line) => JSON.parse(line));
  assert.is(found.address, '203.0.113.9');
  assert.is(found.outcome, 'blocked');
  assert.is(last.summary.blocked, 1);
});

inAll('reports a missing log, and exits with 0', async () => {
  const { exitCode, stderr } = await scan();
  assert.is(exitCode, 0);
  assert.match(stderr, /there is no .*access.log yet/);
});

test.run();
