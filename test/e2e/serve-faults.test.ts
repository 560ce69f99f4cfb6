import { appendFile, chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { morfeus, visit } from '../lab/access-log.ts';
import { eachOnItsOwnHost } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { eventually, RunningServer } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';
import { PATH } from '../lab/tools.ts';

const test = labSuite('serve: faults', 'nft', 'mount');
let host: Host;
let at: Installation;
let log = '';
let server: RunningServer | undefined;

test.after.each(async () => {
  await server?.end('SIGKILL');
  server = undefined;
});
eachOnItsOwnHost(test, (...made) => ([host, at] = made));
test.before.each(async () => {
  log = `${at.home}/access.log`;
  await writeFile(log, '');
});

const source = (index: number) => `198.18.${index >> 8}.${index & 255}`;
const visitor = (index: number) => `198.19.${index >> 8}.${index & 255}`;
const ruleset = () => host.run('nft list ruleset');
const isBlocked = async (address: string) => (await ruleset()).includes(` ${address} `);
const blocked = (address: string) =>
  eventually(`${address} is blocked`, () => isBlocked(address), { orElse: () => server?.said ?? '' });

async function pause(milliseconds: number): Promise<void> {
  await new Promise((wake) => setTimeout(wake, milliseconds));
}

/** Each of these sources is blocked, and that is its first offence; the journal knows of no second one. */
async function eachBlockedOnce(count: number): Promise<void> {
  const sources = Array.from({ length: count }, (_, index) => source(index));
  const absentNow = async () => {
    const text = await ruleset();
    return sources.filter((each) => !text.includes(` ${each} `));
  };
  // As long as it goes on: a thousand may take minutes on a busy machine.
  for (let absent = sources; absent.length > 0; ) {
    const { length } = absent;
    const isLess = async () => {
      absent = await absentNow();
      return absent.length < length;
    };
    const orElse = () => `absent: ${absent.join(' ')}\n${server?.said.slice(-2000)}`;
    await eventually('another scanner is blocked', isLess, { patience: 60_000, orElse });
  }
  for (const each of sources) assert.is((await at.ledger('firewall-drop', each))?.offence, 1, each);
  const offences = (await at.journal()).flatMap(({ offence }) => offence ?? []);
  assert.equal([...new Set(offences)], [1]);
}

test('killed ten times under load: each scanner is blocked once, and no visitor is', async () => {
  const COUNT = 300;
  server = await RunningServer.start(at, [log]);
  const writing = (async () => {
    for (let index = 0; index < COUNT; index++) {
      await appendFile(log, visit(visitor(index)) + morfeus(source(index)));
      await pause(15);
    }
  })();
  for (let kill = 0; kill < 10; kill++) {
    await pause(Math.random() * 700);
    await server.end('SIGKILL');
    server = RunningServer.launch(at, [log]);
  }
  await writing;
  await eachBlockedOnce(COUNT);
  for (let index = 0; index < COUNT; index++)
    assert.is(await at.ledger('firewall-drop', visitor(index)), undefined);
});

test('a thousand sources that scan in turn are all blocked', async () => {
  server = await RunningServer.start(at, [log]);
  for (let page = 0; page < 14; page++) {
    const lines = Array.from({ length: 1000 }, (_, index) =>
      morfeus(source(index))
        .replace('soapCaller.bs', `${page}.php`)
        .replace('Morfeus Fucking Scanner', 'Mozilla/5.0'),
    );
    await appendFile(log, lines.join(''));
  }
  await eachBlockedOnce(1000);
});

/** A stand-in for nft that does this, until `useRealNft`. */
async function standIn(script: string): Promise<string> {
  const bin = join(at.home, 'stand-in');
  await mkdir(bin);
  await writeFile(join(bin, 'nft'), `#!/bin/sh\n${script}\n`);
  await chmod(join(bin, 'nft'), 0o755);
  return `${bin}:${PATH}`;
}
const useRealNft = () => rm(join(at.home, 'stand-in/nft'));

test('nft that hangs: reading goes on, it is told and tried again, and in place in the end', async () => {
  await at.write('etc/riposte.conf', 'COMMAND_TIMEOUT=4s\n'); // more than the real one may take on a busy machine
  server = await RunningServer.start(at, [log], { PATH: await standIn('exec sleep 60') });
  await appendFile(log, morfeus('203.0.113.9'));
  await pause(200);
  await appendFile(log, visit('198.51.100.7').repeat(100));
  const status = async () => JSON.parse(await at.read('var/riposte/serve.json'));
  await eventually('it reads while nft hangs', async () => (await status()).lines > 6000);
  await server.says(/203\.0\.113\.9: failed: nft took longer than 4 s .*; will be tried again/);
  await useRealNft();
  await blocked('203.0.113.9');
  await server.says(/203\.0\.113\.9: blocked: .*, offence 1/);
});

test('SIGTERM while nft hangs: the next server blocks', async () => {
  await at.write('etc/riposte.conf', 'COMMAND_TIMEOUT=3s\n');
  server = await RunningServer.start(at, [log], { PATH: await standIn('exec sleep 60') });
  await appendFile(log, morfeus('203.0.113.9'));
  await pause(200);
  assert.is(await server.end(), 0);
  server = await RunningServer.start(at, [log]);
  await blocked('203.0.113.9');
  assert.is((await at.ledger('firewall-drop', '203.0.113.9'))?.offence, 1);
});

test('the thread that blocks is killed by a defect: it is told, and nothing is lost', async () => {
  const preload = join(at.home, 'defect.cjs');
  // Dies of the first question, once.
  await writeFile(
    preload,
    `const { isMainThread, parentPort } = require('node:worker_threads');
     const { existsSync, writeFileSync } = require('node:fs');
     if (!isMainThread) parentPort.once('message', () => {
       if (existsSync('${at.home}/died')) return;
       writeFileSync('${at.home}/died', '');
       setImmediate(() => { throw new Error('simulated'); });
     });`,
  );
  server = await RunningServer.start(at, [log], { NODE_OPTIONS: `--require=${preload}` });
  for (let index = 0; index < 20; index++) await appendFile(log, morfeus(source(index)));
  await server.says(/a defect in Riposte: simulated/);
  await eachBlockedOnce(20);
});

/** A tmpfs of so little room in a mount namespace of its own, in which `words` run as a stand-in for the server. */
async function withSmallDisk(
  directory: string,
  args: readonly string[],
  out?: string,
): Promise<RunningServer> {
  const path = join(at.home, directory);
  await mkdir(path, { recursive: true });
  const node = join(at.home, 'node-on-small-disk');
  const redirect = out === undefined ? '' : ` >> '${out}' 2>&1`;
  await writeFile(
    node,
    `#!/bin/sh\nexec unshare --mount sh -c 'mount -t tmpfs -o size=64k none "$0" && exec "$@"${redirect.replaceAll("'", '"')}' '${path}' '${process.execPath}' "$@"\n`,
  );
  await chmod(node, 0o755);
  Object.assign(at, { node });
  return RunningServer.launch(at, args);
}

/** Runs something in the mount namespace of the server. */
const besideServer = (command: string) =>
  execa('nsenter', [`--target=${server?.pid}`, '--mount', '--', 'sh', '-c', command], { reject: false });

test('the ledger’s disk is full: told, tried again, and in place when there is room', async () => {
  server = await withSmallDisk('var/riposte', [log]);
  await server.says(/riposte serve, started from/);
  await besideServer(`head -c 1M /dev/zero > ${at.home}/var/riposte/filler`);
  await appendFile(log, morfeus('203.0.113.9'));
  await server.says(
    /203\.0\.113\.9: failed: cannot write .*: no space left on the device; will be tried again/,
  );
  await server.says(/cannot write its state/);
  await besideServer(`rm ${at.home}/var/riposte/filler`);
  await blocked('203.0.113.9');
  await server.says(/its state: all is well again/);
  await server.says(/203\.0\.113\.9: blocked: .*, offence 1/);
  assert.is([...server.said.matchAll(/cannot write its state/g)].length, 1);
});

test('the disk of active-responses.log is full: the block is in place, and the log is told of', async () => {
  server = await withSmallDisk('logs', [log]);
  await server.says(/riposte serve, started from/);
  await besideServer(`head -c 1M /dev/zero > ${at.home}/logs/filler`);
  await appendFile(log, morfeus('203.0.113.9'));
  await blocked('203.0.113.9');
  await server.says(/active-responses\.log: no space left on the device/);
});

test('the disk that the server’s own words go to is full: it goes on without them', async () => {
  const out = join(at.home, 'words');
  server = await withSmallDisk('words', [log], join(out, 'serve.log'));
  const status = () => at.read('var/riposte/serve.json');
  await eventually('it runs', async () => (await status()) !== '');
  await besideServer(`head -c 1M /dev/zero > ${out}/filler`);
  for (let index = 0; index < 100; index++) await appendFile(log, morfeus(source(index)));
  await eachBlockedOnce(100);
  await besideServer(`rm ${out}/filler`);
  await appendFile(log, morfeus('203.0.113.9'));
  await blocked('203.0.113.9');
  await eventually('it says so again', async () =>
    (await besideServer(`cat ${out}/serve.log`)).stdout.includes('203.0.113.9: blocked'),
  );
});

test('the disk of the alerts is full: they wait, and each comes once, whole', async () => {
  const alerts = join(at.home, 'alerts/alerts.log');
  server = await withSmallDisk('alerts', ['--alerts', alerts, '--no-block', log]);
  await server.says(/riposte serve, started from/);
  await besideServer(`head -c 1M /dev/zero > ${at.home}/alerts/filler`);
  for (let index = 0; index < 20; index++) await appendFile(log, morfeus(source(index)));
  await server.says(/alerts wait/);
  await besideServer(`rm ${at.home}/alerts/filler`);
  await server.says(/alerts\.log: all is well again/);
  await server.says(/: told the manager/, 20); // the first that wait may be written before the last are found
  const { stdout } = await besideServer(`cat ${alerts}`);
  const told = stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line).srcip]));
  assert.equal(
    told,
    Array.from({ length: 20 }, (_, index) => source(index)),
  );
});

test('a log that becomes a directory, or a link to another, is told once and read when it is a log again', async () => {
  server = await RunningServer.start(at, [log]);
  await rm(log);
  await mkdir(log);
  await server.says(/cannot read .*access\.log: it is no file/);
  await pause(600);
  assert.is([...server.said.matchAll(/it is no file/g)].length, 1);
  await rm(log, { recursive: true });
  await mkdir(`${at.home}/elsewhere`);
  await writeFile(`${at.home}/elsewhere/real.log`, '');
  await symlink(resolve(at.home, 'elsewhere/real.log'), log);
  await server.says(/access\.log: all is well again/);
  await appendFile(`${at.home}/elsewhere/real.log`, morfeus('203.0.113.9'));
  await blocked('203.0.113.9');
});

test('what keeps it from starting ends it, with a line that says so', async () => {
  await at.write('etc/riposte.conf', `HOOK_GROUP=nosuchgroup\nHOOK_DIRECTORY=${at.home}/hook\n`);
  server = RunningServer.launch(at, [log]);
  assert.is(await server.ended(), 78);
  assert.match(server.said, "there is no group 'nosuchgroup' in /etc/group");
});

test.run();
