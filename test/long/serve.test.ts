import { appendFile, mkdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { burst, morfeus, visit } from '../lab/access-log.ts';
import { eachOnItsOwnHost, killServerAfterEach } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { ADDRESS } from '../lab/network.ts';
import { eventually, RunningServer, serverState } from '../lab/server.ts';
import { untilStopped } from '../lab/stop.ts';
import { labSuite } from '../lab/suite.ts';

/** `riposte serve` with long logs, with logs that appear and disappear, and with restarts. */
const test = labSuite('serve with long logs and restarts', 'nft');
const ATTACKER = ADDRESS.attacker;
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

async function serve(...args: string[]): Promise<void> {
  server = await RunningServer.start(at, args.length > 0 ? args : [log]);
}

const write = (text: string) => appendFile(log, text);
const blocked = (address: string) =>
  eventually(`${address} is blocked`, async () =>
    (await host.run('nft list ruleset')).includes(` ${address} `),
  );

test('finds a scan when a restart comes between its two halves', async () => {
  await serve();
  await write(burst(ATTACKER, 8));
  await server?.end();
  await serve();
  await write(burst(ATTACKER, 8, Date.now(), 8));
  await blocked(ATTACKER);
});

/** Stops the server when it says that it catches up, so that the test can act before the catch-up ends. */
const STOPS_WHEN_IT_BEGINS = `
const { isMainThread } = require('node:worker_threads');
const write = process.stdout.write;
if (isMainThread) process.stdout.write = (text, ...more) => {
  const result = write.call(process.stdout, text, ...more);
  if (String(text).includes('reads the lines of ')) process.kill(process.pid, 'SIGSTOP');
  return result;
};`;

test('stops a long catch-up at SIGTERM, and the next server catches up', async () => {
  await serve();
  await server?.end();
  const plain = Array.from({ length: 4000 }, (_, index) => visit(`198.19.${index >> 8}.${index & 255}`));
  await write(`${plain.join('')}${morfeus(ATTACKER)}`);
  const before = JSON.parse(await at.read('var/riposte/positions.json'))[log].offset;
  await writeFile(`${at.home}/stop.cjs`, STOPS_WHEN_IT_BEGINS);
  server = RunningServer.launch(at, [log], { NODE_OPTIONS: `--require=${at.home}/stop.cjs` });
  await server.says(/reads the lines of .*access\.log since/);
  await untilStopped(server.pid);
  server.kill('SIGTERM');
  server.kill('SIGCONT');
  assert.is(await server.ended(), 0);
  assert.is(JSON.parse(await at.read('var/riposte/positions.json'))[log].offset, before);
  await serve();
  await blocked(ATTACKER);
});

test('reads a log whose directory is created later, even after the server was killed', async () => {
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

test('reads the lines after a CRLF, NUL bytes and a line of 300 MB', async () => {
  await serve();
  await write(morfeus('198.51.100.1').replace('\n', '\r\n'));
  await write(`${'\0'.repeat(70_000)}\n${morfeus('198.51.100.2').replace('Morfeus', '\0Morfeus')}`);
  await blocked('198.51.100.1');
  await blocked('198.51.100.2');
  let before = Number.NaN;
  await eventually('the server has written its state', async () => {
    before = (await serverState(at)).memory ?? Number.NaN;
    return before > 0;
  });
  await truncate(log, (await stat(log)).size + 300 * 1024 * 1024);
  await write(`\n${morfeus(ATTACKER)}`);
  await blocked(ATTACKER);
  await eventually('the server has caught up', async () => {
    const { logs, memory = Number.NaN } = await serverState(at);
    return logs?.[0]?.lag === 0 && memory < before + 100 * 1024 * 1024;
  });
});

test('ends a block on time when only Apache blocks, even after the server was killed', async () => {
  const map = `${at.home}/deny.map`;
  await writeFile(map, '');
  // The test can see a block of six seconds, but the sweep of each minute would end the block too late.
  await at.write('etc/riposte.conf', `BLOCK_FOR=6s\nAPACHE_FILE=${map}\n`);
  const isDenied = async () => /^203\.0\.113\.7 deny/m.test(await at.read('deny.map'));
  await serve('--response', 'apache-deny', log);
  await write(burst(ATTACKER, 20));
  await eventually('the attacker is denied', isDenied);
  await server?.says(/blocked: until/);
  await eventually('the block has ended', async () => !(await isDenied()));
  await write(burst(ATTACKER, 20));
  await server?.says(/blocked: until/, 2);
  await server?.end('SIGKILL');
  await serve('--response', 'apache-deny', log);
  await eventually('the second block has ended', async () => !(await isDenied()));
});

test.run();
