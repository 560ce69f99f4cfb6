import { appendFile, chmod, copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { runWithArguments } from '../lab/execd.ts';
import { eachOnItsOwnHost } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { ossec } from '../lab/managers.ts';
import { labSuite } from '../lab/suite.ts';
import { PATH } from '../lab/tools.ts';

const test = labSuite('scan', 'nft', 'script');
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

const burst = (address: string, count: number, time = Date.now()) =>
  Array.from({ length: count }, (_, index) => request(address, `/page${index}.php`, 404, time)).join('');

async function scan(...args: string[]) {
  const words = [process.execPath, resolve('dist/riposte.js'), 'scan', '--home', at.home, ...args];
  const { exitCode, stdout, stderr } = await host.start([...words, `${at.home}/access.log`], {
    stdin: 'ignore',
  });
  return { exitCode, stdout, stderr };
}

const isBlocked = async (address: string) => (await host.run('nft list ruleset')).includes(` ${address} `);

test('a scanner is blocked for a day, the visitor is not, and the next scan says that nothing is new', async () => {
  const visitor = request('198.51.100.7', '/', 200, Date.now());
  await at.write('access.log', visitor + morfeus('203.0.113.9') + visitor);
  const { exitCode, stdout } = await scan();
  assert.is(exitCode, 0);
  assert.match(stdout, / blocked: until .*, offence 1/);
  assert.match(stdout, /scan from .*: 3 new lines in 1 log, by their own time; 1 alerts, 1 blocked$/);
  assert.ok(await isBlocked('203.0.113.9'));
  assert.not(await isBlocked('198.51.100.7'));
  const { since, until, rule } = (await at.ledger('firewall-drop', '203.0.113.9')) ?? {};
  assert.is(Math.round((Date.parse(String(until)) - Date.parse(String(since))) / 3600_000), 24);
  assert.ok(rule);
  assert.match((await scan()).stdout, ': 0 new lines');
});

test('who scans again when his block is over is a second offence, and stays out for a week', async () => {
  await at.write('access.log', morfeus('203.0.113.9'));
  await scan();
  await runWithArguments(at, 'firewall-drop', ossec('delete', '203.0.113.9'));
  await appendFile(`${at.home}/access.log`, morfeus('203.0.113.9'));
  await scan();
  const { offence, since, until } = (await at.ledger('firewall-drop', '203.0.113.9')) ?? {};
  assert.is(offence, 2);
  assert.is(Math.round((Date.parse(String(until)) - Date.parse(String(since))) / 86_400_000), 7);
});

test('the same lines once more, as after a crash, are no second offence', async () => {
  await at.write('access.log', morfeus('203.0.113.9'));
  await scan();
  await rm(`${at.home}/var/riposte/positions.json`);
  assert.match((await scan()).stdout, 'offence 1');
});

test('a burst that is half in one scan and half in the next is one', async () => {
  await at.write('access.log', burst('203.0.113.9', 9));
  assert.match((await scan()).stdout, '0 blocked');
  await appendFile(`${at.home}/access.log`, burst('203.0.113.9', 9));
  assert.match((await scan()).stdout, '1 blocked');
  assert.ok(await isBlocked('203.0.113.9'));
});

test('what the old file of a rotated log still had is judged, too', async () => {
  await at.write('access.log', request('198.51.100.7', '/', 200, Date.now()));
  await scan();
  await appendFile(`${at.home}/access.log`, morfeus('203.0.113.9'));
  await rename(`${at.home}/access.log`, `${at.home}/access.log.1`);
  await writeFile(`${at.home}/access.log`, morfeus('203.0.113.10'));
  await scan();
  assert.ok((await isBlocked('203.0.113.9')) && (await isBlocked('203.0.113.10')));
});

test('what the old file gets while the new log is empty is judged, and nothing of it twice', async () => {
  await at.write('access.log', morfeus('203.0.113.9'));
  await scan();
  await runWithArguments(at, 'firewall-drop', ossec('delete', '203.0.113.9'));
  await rename(`${at.home}/access.log`, `${at.home}/access.log.1`);
  await writeFile(`${at.home}/access.log`, '');
  await scan();
  await appendFile(`${at.home}/access.log.1`, morfeus('203.0.113.10'));
  await writeFile(`${at.home}/access.log.bak`, morfeus('203.0.113.9'));
  await scan();
  assert.ok(await isBlocked('203.0.113.10'));
  assert.not(await isBlocked('203.0.113.9'));
});

test('a log that cannot be read is told, and the others are judged and the sweep made', async () => {
  await at.write('access.log', morfeus('203.0.113.9'));
  await mkdir(`${at.home}/directory.log`);
  await execa('mkfifo', [`${at.home}/pipe.log`]);
  const { exitCode, stderr, stdout } = await scan(`${at.home}/directory.log`, `${at.home}/pipe.log`);
  assert.is(exitCode, 74);
  assert.match(stderr, /^riposte: cannot read .*directory\.log: it is no file\n/);
  assert.match(stderr, /cannot read .*pipe\.log: it is no file$/);
  assert.match(stdout, '1 blocked');
  assert.ok(await isBlocked('203.0.113.9'));
});

test('an alert whose block would be over by now is told, and not acted on', async () => {
  await at.write('access.log', morfeus('203.0.113.9', Date.now() - 25 * 60 * MINUTE));
  const { stdout } = await scan();
  assert.match(stdout, 'old: its block would be over by now');
  assert.not(await isBlocked('203.0.113.9'));
});

test('--simulate blocks nobody, and the next scan reads the same lines', async () => {
  await at.write('access.log', morfeus('203.0.113.9'));
  assert.match((await scan('--simulate')).stdout, 'simulated: would be blocked');
  assert.not(await isBlocked('203.0.113.9'));
  assert.equal(await at.files(), ['access.log']);
  assert.match((await scan()).stdout, '1 blocked');
});

test('an address of the allow list is held', async () => {
  await at.write('etc/riposte.allow', '203.0.113.0/24\n');
  await at.write('access.log', morfeus('203.0.113.9'));
  const { exitCode, stdout } = await scan();
  assert.is(exitCode, 0);
  assert.match(stdout, /held: .*allow list/);
  assert.not(await isBlocked('203.0.113.9'));
});

test('a wrong riposte.conf blocks nobody and loses no line', async () => {
  await at.write('etc/riposte.conf', 'FIREWALL_BACKEND=iptabels\n');
  await at.write('access.log', morfeus('203.0.113.9'));
  const { exitCode, stderr } = await scan();
  assert.is(exitCode, 78);
  assert.match(stderr, 'riposte.conf:1: FIREWALL_BACKEND');
  await at.write('etc/riposte.conf', '');
  assert.match((await scan()).stdout, '1 blocked');
});

test('two scans at once: one does the work, the other says so', async () => {
  await at.write('access.log', burst('198.51.100.7', 3) + morfeus('203.0.113.9'));
  const ended = await Promise.all([scan(), scan(), scan()]);
  assert.is(ended.filter(({ stdout }) => stdout.includes('1 blocked')).length, 1);
  for (const { exitCode, stderr } of ended)
    if (exitCode !== 0) assert.match(stderr, 'another scan is running');
});

test('it says whether it was started from a terminal, cron, systemd or ModSecurity', async () => {
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

test('--json: each whom the rules found, then the summary', async () => {
  await at.write('access.log', morfeus('203.0.113.9'));
  const [found, last] = (await scan('--json')).stdout.split('\n').map((line) => JSON.parse(line));
  assert.is(found.address, '203.0.113.9');
  assert.is(found.outcome, 'blocked');
  assert.is(last.summary.blocked, 1);
});

test('a log that is not there is told; without a log nothing is done', async () => {
  const { exitCode, stderr } = await scan();
  assert.is(exitCode, 0);
  assert.match(stderr, /there is no .*access.log yet/);
});

test.run();
