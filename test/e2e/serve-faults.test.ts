import { appendFile, chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { morfeus, request, visit } from '../lab/access-log.ts';
import { eachOnItsOwnHost, killServerAfterEach } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { eventually, RunningServer, serverState, verb } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';
import { PATH } from '../lab/tools.ts';
import { leftToAll, SHARE } from '../runner/share.ts';

const test = labSuite('serve: faults', 'nft', 'mount');
const inAll = leftToAll(test);
let host: Host;
let at: Installation;
let log = '';
let server: RunningServer | undefined;

killServerAfterEach(test, () => server);
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

/** Asserts that each of these sources is blocked, and that the journal has no second offence. */
async function eachBlockedOnce(count: number): Promise<void> {
  const sources = Array.from({ length: count }, (_, index) => source(index));
  const absentNow = async () => {
    const text = await ruleset();
    return sources.filter((each) => !text.includes(` ${each} `));
  };
  // Wait while the number of absent blocks falls: a thousand blocks may take minutes on a busy machine.
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

/** The number of kills, of scanners during the kills, and of sources that scan in turn. */
const [KILLS, COUNT, IN_TURN] = SHARE === 'quick' ? [2, 60, 150] : [10, 300, 1000];

test(`blocks each scanner once, and no visitor, when the server is killed ${KILLS} times under load`, async () => {
  server = await RunningServer.start(at, [log]);
  const writing = (async () => {
    for (let index = 0; index < COUNT; index++) {
      await appendFile(log, visit(visitor(index)) + morfeus(source(index)));
      await pause(15);
    }
  })();
  for (let kill = 0; kill < KILLS; kill++) {
    await pause((150 + kill * 310) % 700);
    await server.end('SIGKILL');
    server = RunningServer.launch(at, [log]);
  }
  await server.runsAgain(at, [log], (made) => {
    server = made;
  });
  await writing;
  await eachBlockedOnce(COUNT);
  for (let index = 0; index < COUNT; index++)
    assert.is(await at.ledger('firewall-drop', visitor(index)), undefined);
});

test(`blocks each of ${IN_TURN} sources that scan in turn`, async () => {
  server = await RunningServer.start(at, [log]);
  for (let page = 0; page < 16; page++) {
    const lines = Array.from({ length: IN_TURN }, (_, index) =>
      morfeus(source(index))
        .replace('soapCaller.bs', `${page}.php`)
        .replace('Morfeus Fucking Scanner', 'Mozilla/5.0'),
    );
    await appendFile(log, lines.join(''));
  }
  await eachBlockedOnce(IN_TURN);
});

/** Makes a stand-in for nft that runs this script until `useRealNft`. @returns a PATH with the stand-in first */
async function standIn(script: string): Promise<string> {
  const bin = join(at.home, 'stand-in');
  await mkdir(bin);
  await writeFile(join(bin, 'nft'), `#!/bin/sh\n${script}\n`);
  await chmod(join(bin, 'nft'), 0o755);
  return `${bin}:${PATH}`;
}
const useRealNft = () => rm(join(at.home, 'stand-in/nft'));

test('continues to read, reports the failure and retries the block when nft hangs', async () => {
  await at.write('etc/riposte.conf', 'COMMAND_TIMEOUT=4s\n'); // longer than the real nft takes on a busy machine
  server = await RunningServer.start(at, [log], { PATH: await standIn('exec sleep 60') });
  await appendFile(log, morfeus('203.0.113.9'));
  await pause(200);
  await appendFile(log, visit('198.51.100.7').repeat(100));
  await eventually(
    'the server reads while nft hangs',
    async () => ((await serverState(at)).lines ?? 0) > 6000,
  );
  await server.says(/203\.0\.113\.9: failed: nft took longer than 4 s .*; Riposte will try again/);
  await useRealNft();
  await blocked('203.0.113.9');
  await server.says(/203\.0\.113\.9: blocked: .*, offence 1/);
});

inAll('leaves the block to the next server when the server gets SIGTERM while nft hangs', async () => {
  await at.write('etc/riposte.conf', 'COMMAND_TIMEOUT=3s\n');
  server = await RunningServer.start(at, [log], { PATH: await standIn('exec sleep 60') });
  await appendFile(log, morfeus('203.0.113.9'));
  await pause(200);
  assert.is(await server.end(), 0);
  server = await RunningServer.start(at, [log]);
  await blocked('203.0.113.9');
  assert.is((await at.ledger('firewall-drop', '203.0.113.9'))?.offence, 1);
});

test('reports a defect that ends the block worker, and loses no block', async () => {
  const preload = join(at.home, 'defect.cjs');
  // The worker crashes once, at the first block.
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

/** Starts the server with `args` in a separate mount namespace, where `directory` is a small tmpfs. */
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

/** Runs a command on the server's host, with its mounts. */
const besideServer = (command: string) =>
  execa('nsenter', [`--target=${server?.pid}`, '--net', '--mount', '--', 'sh', '-c', command], {
    reject: false,
    env: { PATH },
  });

test('blocks when the ledger’s disk is full, reports that the block is not recorded, and records the block later', async () => {
  server = await withSmallDisk('var/riposte', [log]);
  await server.says(/riposte serve, started from/);
  await besideServer(`head -c 1M /dev/zero > ${at.home}/var/riposte/filler`);
  await appendFile(log, morfeus('203.0.113.9'));
  await blocked('203.0.113.9');
  await server.says(/203\.0\.113\.9: blocked: .*, offence 1.*; kept in memory until a sweep records it/);
  await server.says(/cannot write the state of the server/);
  await besideServer(`rm ${at.home}/var/riposte/filler`);
  await server.says(/the state of the server: the problem is over/);
  // The server sweeps once a minute. In `npm test`, an operator starts a sweep, so that the test need not wait.
  if (SHARE === 'quick')
    await besideServer(`${process.execPath} ${resolve('dist/riposte.js')} sweep --home ${at.home}`);
  const ledger = `/proc/${server.pid}/root${at.home}/var/riposte/blocks/firewall-drop/203.0.113.9.json`;
  const isRecorded = async () => (await readFile(ledger, 'utf8').catch(() => '')).includes('203.0.113.9');
  await eventually('the block is recorded', isRecorded, { orElse: () => server?.said ?? '' });
  const { stdout } = await besideServer(`cat ${at.home}/var/riposte/events.jsonl`);
  assert.is(stdout.match(/"event":"blocked"/g)?.length, 1);
  assert.ok(await isBlocked('203.0.113.9'));
  assert.is([...server.said.matchAll(/cannot write the state of the server/g)].length, 1);
});

test('blocks, and reports the problem, when the disk of active-responses.log is full', async () => {
  server = await withSmallDisk('logs', [log]);
  await server.says(/riposte serve, started from/);
  await besideServer(`head -c 1M /dev/zero > ${at.home}/logs/filler`);
  await appendFile(log, morfeus('203.0.113.9'));
  await blocked('203.0.113.9');
  await server.says(/active-responses\.log: no space left on the device/);
});

inAll('continues when the disk of its own log is full', async () => {
  const out = join(at.home, 'words');
  server = await withSmallDisk('words', [log], join(out, 'serve.log'));
  const status = () => at.read('var/riposte/serve.json');
  await eventually('the server runs', async () => (await status()) !== '');
  await besideServer(`head -c 1M /dev/zero > ${out}/filler`);
  for (let index = 0; index < 100; index++) await appendFile(log, morfeus(source(index)));
  await eachBlockedOnce(100);
  await besideServer(`rm ${out}/filler`);
  await appendFile(log, morfeus('203.0.113.9'));
  await blocked('203.0.113.9');
  await eventually('the server logs again', async () =>
    (await besideServer(`cat ${out}/serve.log`)).stdout.includes('203.0.113.9: blocked'),
  );
});

inAll('keeps alerts while their disk is full, and then writes each alert once', async () => {
  const alerts = join(at.home, 'alerts/alerts.log');
  server = await withSmallDisk('alerts', ['--alerts', alerts, '--no-block', log]);
  await server.says(/riposte serve, started from/);
  await besideServer(`head -c 1M /dev/zero > ${at.home}/alerts/filler`);
  for (let index = 0; index < 20; index++) await appendFile(log, morfeus(source(index)));
  await server.says(/alerts wait/);
  await besideServer(`rm ${at.home}/alerts/filler`);
  await server.says(/alerts\.log: the problem is over/);
  await server.says(/: passed to the manager/, 20); // the server may write the first waiting alerts before it finds the last
  const { stdout } = await besideServer(`cat ${alerts}`);
  const told = stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line).srcip]));
  assert.equal(
    told,
    Array.from({ length: 20 }, (_, index) => source(index)),
  );
});

inAll(
  'reports a log once when it becomes a directory, and reads it when it becomes a link to a file',
  async () => {
    server = await RunningServer.start(at, [log]);
    await rm(log);
    await mkdir(log);
    await server.says(/cannot read .*access\.log: it is not a regular file/);
    await pause(600);
    assert.is([...server.said.matchAll(/it is not a regular file/g)].length, 1);
    await rm(log, { recursive: true });
    await mkdir(`${at.home}/elsewhere`);
    await writeFile(`${at.home}/elsewhere/real.log`, '');
    await symlink(resolve(at.home, 'elsewhere/real.log'), log);
    await server.says(/access\.log: the problem is over/);
    await appendFile(`${at.home}/elsewhere/real.log`, morfeus('203.0.113.9'));
    await blocked('203.0.113.9');
  },
);

test('blocks, and reports the problem once, when the spool of mails cannot be read', async () => {
  const spool = join(at.home, 'var/riposte/spool');
  await mkdir(spool, { recursive: true });
  await symlink('new', join(spool, 'new'));
  server = await RunningServer.start(at, [log]);
  for (const index of [0, 1, 2]) {
    await appendFile(log, `${morfeus(source(index))}\n`);
    await blocked(source(index));
    await server.says(new RegExp(`${source(index)}.*: blocked: until`));
  }
  assert.is([...server.said.matchAll(/spool\/new/g)].length, 1, server.said);
  assert.not.match(server.said, /defect|worker/);
});

test('exits with the reason when it cannot start', async () => {
  await at.write('etc/riposte.conf', `HOOK_GROUP=nosuchgroup\nHOOK_DIRECTORY=${at.home}/hook\n`);
  server = RunningServer.launch(at, [log]);
  assert.is(await server.ended(), 78);
  assert.match(server.said, "there is no group 'nosuchgroup' in /etc/group");
});

test('counts and reports a line of 20 MB as unreadable, and blocks by the line after it', async () => {
  const page = (path: string) => request(visitor(1), path, 200, Date.now());
  await writeFile(log, page('/index.html').repeat(3));
  server = await RunningServer.start(at, [log]);
  await appendFile(log, `${page(`/${'a'.repeat(20_000_000)}`)}${morfeus(source(1))}`);
  await blocked(source(1));
  await server.says(
    /access\.log: a line is longer than 1 MB: Riposte counts it as unreadable, and does not judge it/,
  );
  const status = async () => String((await verb(at, ['serve', '--status'])).stdout);
  await eventually('the status counts it', async () => /access\.log.* 2 +1 /.test(await status()), {
    orElse: status,
  });
});

test.run();
