import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { morfeus } from '../lab/access-log.ts';
import { runWithArguments, runWithMessage } from '../lab/execd.ts';
import { allOnOneSite, killServerAfterEach } from '../lab/fixtures.ts';
import { Installation } from '../lab/installation.ts';
import { ossec, wazuh4 } from '../lab/managers.ts';
import { ADDRESS, type Network } from '../lab/network.ts';
import { eventually, RunningServer, verb } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';
import { unpacked } from '../lab/unpacked.ts';
import { valueIn } from '../metrics/value-in.ts';
import { leftToAll, someOf } from '../runner/share.ts';

const test = labSuite('metrics', 'nft', 'ipset', 'iptables', 'setpriv');
const inAll = leftToAll(test);
const ATTACKER = ADDRESS.attacker;
let network: Network;
let at: Installation;
let server: RunningServer | undefined;

allOnOneSite(test, (made) => {
  network = made;
});
test.before.each(async () => {
  at = await Installation.create(network.web);
});
killServerAfterEach(test, () => server);
test.after.each(async () => {
  await riposte('unblock', '--all');
  await network.web.start(['nft', 'flush', 'ruleset'], {});
  await at.remove();
});

const riposte = (...args: string[]) => verb(at, args);
const metrics = async () => (await riposte('metrics')).stdout;
const ofDrop = (text: string, metric: string, labels = '') =>
  valueIn(text, `${metric}{response="firewall-drop"${labels}}`);
const curl = (...args: string[]) =>
  network.web.start(['curl', '--silent', '--globoff', '--max-time', '10', ...args], {});

async function serve(listen: string): Promise<RunningServer> {
  await at.write('etc/riposte.conf', `METRICS_LISTEN=${listen}\n`);
  const log = `${at.home}/access.log`;
  await writeFile(log, '');
  server = await RunningServer.start(at, [log]);
  return server;
}

test('counts alerts, blocked addresses and dropped packets', async () => {
  await runWithMessage(at, 'firewall-drop', wazuh4('add', ATTACKER));
  assert.is(await network.fetch(ATTACKER), 0);
  await runWithMessage(at, 'firewall-drop', wazuh4('add', ATTACKER), 'abort');
  await runWithMessage(at, 'firewall-drop', wazuh4('add', 'nobody'));
  await runWithArguments(at, 'firewall-drop', ossec('add', '203.0.113.300'));
  await runWithArguments(at, 'firewall-drop', ossec('add', '198.51.100.9'), { env: { PATH: '/nowhere' } });
  assert.is(await network.fetch(ATTACKER), 0);
  const text = await metrics();
  const outcomes = (word: string) => ofDrop(text, 'riposte_outcomes_total', `,outcome="${word}"`);
  assert.equal(['blocked', 'already', 'refused', 'failed', 'held'].map(outcomes), [1, 1, 2, 1, 0], text);
  assert.is(ofDrop(text, 'riposte_blocks', ',rule="100100"'), 1);
  assert.is(ofDrop(text, 'riposte_blocks_total', ',rule="100100"'), 1);
  assert.is(ofDrop(text, 'riposte_block_states', ',state="in_force"'), 1);
  assert.is(ofDrop(text, 'riposte_handshake_aborts_total'), 1);
  assert.is(ofDrop(text, 'riposte_response_duration_seconds_count'), 3);
  assert.ok(ofDrop(text, 'riposte_response_duration_seconds_sum') > 0);
  // The client tries to connect before and after the renewal, and retries within a second.
  assert.ok(valueIn(text, 'riposte_dropped_packets_total{backend="nftables"}') >= 2, text);
  assert.ok(valueIn(text, 'riposte_dropped_bytes_total{backend="nftables"}') >= 80, text);
});

inAll('keeps the count of dropped packets when a block ends, and when the firewall is flushed', async () => {
  const dropped = async () => valueIn(await metrics(), 'riposte_dropped_packets_total{backend="nftables"}');
  await riposte('block', ATTACKER);
  await network.fetch(ATTACKER);
  const before = await dropped();
  assert.ok(before >= 1);
  await riposte('unblock', ATTACKER);
  assert.is(await network.fetch(ATTACKER), 200);
  assert.is(await dropped(), before);
  await network.web.run('nft flush ruleset');
  assert.is(await dropped(), before);
  await riposte('block', ATTACKER);
  await network.fetch(ATTACKER);
  assert.ok((await dropped()) > before);
});

for (const action of someOf(['drop', 'reject']))
  test(`counts the packets that ipset ${action}s`, async () => {
    await at.write('etc/riposte.conf', `FIREWALL_BACKEND=ipset\nFIREWALL_ACTION=${action}\n`);
    await riposte('block', ATTACKER);
    assert.is(await network.fetch(ATTACKER), 0);
    const text = await metrics();
    assert.ok(valueIn(text, 'riposte_dropped_packets_total{backend="ipset"}') >= 1, text);
  });

test('writes a world-readable file in one step with --output, whatever the umask is', async () => {
  const directory = join(at.home, 'textfile');
  await mkdir(directory);
  const file = join(directory, 'riposte.prom');
  await writeFile(file, 'old');
  await chmod(file, 0o600);
  const words = [at.node, resolve('dist/riposte.js'), 'metrics', '--home', at.home, '--output', file];
  const command = `umask 077; exec ${words.join(' ')}`;
  const { exitCode, stdout, stderr } = await network.web.start(['sh', '-c', command], {});
  assert.equal([exitCode, stdout, stderr], [0, '', '']);
  assert.is(((await stat(file)).mode & 0o777).toString(8), '644');
  assert.match(await readFile(file, 'utf8'), /^# HELP riposte_.*\n$/s);
  assert.equal(await readdir(directory), ['riposte.prom']);
  const wrong = await riposte('metrics', '--output', join(at.home, 'none/riposte.prom'));
  assert.equal(
    [wrong.exitCode, wrong.stderr],
    [64, `riposte: --output: there is no directory ${at.home}/none`],
  );
});

test('reports missing permission instead of zeros', async () => {
  await riposte('block', ATTACKER);
  await metrics();
  const words = [at.node, resolve('dist/riposte.js'), 'metrics', '--home', at.home];
  const setpriv = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  const { exitCode, stdout, stderr } = await network.web.start([...setpriv, ...words], {});
  assert.is(exitCode, 77);
  assert.match(stderr, /^riposte: cannot read .*permission denied \(run as root\?\)$/m);
  assert.not.match(stdout, 'riposte_outcomes_total');
});

for (const listen of someOf(['127.0.0.1:9749', '[::1]:9749'], 1))
  test(`serves metrics at ${listen}, with the server's own figures, on this host only`, async () => {
    await serve(listen);
    await writeFile(`${at.home}/access.log`, morfeus(ATTACKER));
    const url = `http://${listen}/metrics`;
    const isTold = async () => {
      const { stdout } = await curl(url);
      return (
        valueIn(stdout, 'riposte_serve_blocks_total') === 1 &&
        ofDrop(stdout, 'riposte_block_states', ',state="in_force"') === 1
      );
    };
    // The server collects metrics, and reuses them for ten times the time of the collection, at most two minutes.
    await eventually('the block is in the metrics', isTold, { patience: 180_000 });
    const { stdout } = await curl('--include', url);
    assert.match(stdout, 'Content-Type: text/plain; version=0.0.4; charset=utf-8');
    assert.is(valueIn(stdout, 'riposte_serve_up'), 1);
    assert.is(valueIn(stdout, 'riposte_serve_lines_total'), 1);
    assert.is(valueIn(stdout, `riposte_serve_log_lag_bytes{log="${at.home}/access.log"}`), 0);
    assert.is(valueIn(stdout, 'riposte_serve_pending_blocks'), 0);
    assert.ok(valueIn(stdout, 'riposte_serve_resident_memory_bytes') > 10_000_000);
    const outside = await network.fetch(ADDRESS.visitor, `http://${ADDRESS.web}:9749/metrics`);
    assert.is(outside, 0);
    assert.is(await server?.end(), 0);
  });

test('serves metrics at a Unix socket to root and to the group of the socket’s directory', async () => {
  const directory = join(at.home, 'run');
  const socket = join(directory, 'metrics.sock');
  await mkdir(directory, { mode: 0o750 });
  await serve(socket);
  const { stdout } = await curl('--unix-socket', socket, 'http://localhost/metrics');
  assert.is(valueIn(stdout, 'riposte_serve_up'), 1);
  assert.is(((await stat(socket)).mode & 0o777).toString(8), '660');
  await server?.end('SIGKILL');
  await serve(socket);
  assert.is((await curl('--unix-socket', socket, 'http://localhost/metrics')).exitCode, 0);
  await server?.end();
  assert.equal(await readdir(directory), []);
});

inAll(
  'serves no metrics without METRICS_LISTEN, but riposte metrics still includes the server’s metrics',
  async () => {
    await serve('');
    await eventually('the server counts', async () => valueIn(await metrics(), 'riposte_serve_up') === 1);
    assert.is((await curl('http://127.0.0.1:9749/metrics')).exitCode, 7);
    await server?.end();
    const text = await metrics();
    assert.is(valueIn(text, 'riposte_serve_up'), 0);
    assert.not.match(text, 'riposte_serve_lines_total');
  },
);

inAll('reports that it cannot listen, and still blocks', async () => {
  await serve('127.0.0.1:80');
  await server?.says(/Riposte cannot serve metrics: cannot listen at 127\.0\.0\.1:80 .*EADDRINUSE/);
  await writeFile(`${at.home}/access.log`, morfeus(ATTACKER));
  await server?.says(/203\.0\.113\.7: blocked:/);
});

for (const listen of someOf([
  '0.0.0.0:9749',
  '203.0.113.1:9749',
  '[::]:9749',
  '9749',
  '127.0.0.1:0',
  'localhost:9749',
]))
  test(`refuses METRICS_LISTEN=${listen}, and names the setting`, async () => {
    await at.write('etc/riposte.conf', `METRICS_LISTEN=${listen}\n`);
    const { exitCode, stderr } = await riposte('serve', `${at.home}/access.log`);
    assert.is(exitCode, 78);
    assert.match(stderr, `riposte.conf:1: METRICS_LISTEN is '${listen}', but must be 127.0.0.1:9749,`);
  });

test('works as a munin plugin through a link in munin’s plugin directory', async () => {
  await riposte('block', ATTACKER, '198.51.100.9');
  await mkdir(join(at.home, 'munin/plugins'), { recursive: true });
  const link = join(at.home, 'munin/plugins/riposte');
  await symlink(resolve('dist/riposte.js'), link);
  const plugin = (...args: string[]) =>
    network.web.start([at.node, link, ...args], { env: { RIPOSTE_HOME: at.home } });
  assert.match((await plugin('config')).stdout, /^multigraph riposte_blocked\ngraph_title /);
  const { exitCode, stdout } = await plugin();
  assert.is(exitCode, 0);
  assert.match(stdout, 'multigraph riposte_blocked\nfirewall_drop.value 2\nroute_null.value 0\n');
  assert.match(stdout, 'multigraph riposte_blocks\nfirewall_drop.value 2\n');
});

const debian = await unpacked('prometheus');
if (debian === undefined) console.log('skipped: promtool: apt-get download cannot fetch package prometheus');
const testPromtool = debian === undefined ? test.skip : test;

/** The complaints of promtool about metrics; empty when there are none. */
async function complaints(text: string): Promise<string> {
  const promtool = `${debian}/usr/bin/promtool`;
  const { all, exitCode } = await execa(promtool, ['check', 'metrics'], {
    input: text,
    all: true,
    reject: false,
  });
  return exitCode === 0 ? all : `${all}\nexit ${exitCode}`;
}

testPromtool('promtool accepts the metrics of riposte metrics and of riposte serve', async () => {
  await runWithMessage(at, 'firewall-drop', wazuh4('add', ATTACKER));
  await network.fetch(ATTACKER);
  assert.is(await complaints(`${await metrics()}\n`), '');
  await serve('127.0.0.1:9749');
  const { stdout } = await curl('http://127.0.0.1:9749/metrics');
  assert.match(stdout, 'riposte_serve_lines_total');
  assert.is(await complaints(`${stdout}\n`), '');
});

testPromtool('promtool complains about wrong metrics', async () => {
  assert.match(await complaints('# TYPE riposte_blocks counter\nriposte_blocks 1\n'), '_total');
});

test.run();
