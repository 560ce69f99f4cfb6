/**
 * npm run bench: figures, as ratios within one run. In private networks, as root.
 *
 *   npm run bench -- --stock /path/to/firewall-drop.sh --stock /path/to/wazuh/firewall-drop
 *   NODE24=/path/to/node npm run bench     the same on another Node as well
 *   npm run bench -- --ruleset CHECKOUT    replay with the rules of a source tree of OSSEC as well
 *   OSSEC_LOGTEST=/path npm run bench      replay beside the real ossec-logtest as well
 *   npm run bench -- --only one-add        one-add, at-once, storm, handed-on (a part of storm), packets, crowded, ledger,
 *                                          mass, feeds, replay, report, serve, modsec-hook, lines, judge,
 *                                          detection or packages
 *   npm run bench -- --only lines --seed N other hostile lines than by default
 *   npm run bench -- --only detection --logs DIR      labelled logs as well: the labels of x.log are in x.log.labels,
 *                                          each line an address, a tab, and attacker or ordinary
 *   npm run bench -- --only serve --long   ten million lines from a million sources, as well
 *   npm run bench -- --only serve --ossec-home DIR    serve beside the chain of that OSSEC server, which is not changed;
 *                                          takes a quarter of an hour more
 *   FAIL2BAN=/path npm run bench           serve beside the fail2ban that is unpacked in /path, not installed
 */
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import minimist from 'minimist';
import { homeAt } from '../active-response/home.ts';
import { precompile } from '../install/precompile.ts';
import { runWithArguments } from '../test/lab/execd.ts';
import { Host } from '../test/lab/host.ts';
import { Installation } from '../test/lab/installation.ts';
import { ossec } from '../test/lab/managers.ts';
import { INTERPRETERS } from '../test/lab/suite.ts';
import { atOnce } from './at-once.ts';
import { crowded } from './crowded.ts';
import { crowdsecBench } from './crowdsec.ts';
import { detectionBench } from './detection.ts';
import { feedsBench } from './feeds.ts';
import { judgeBench } from './judge.ts';
import { ledgerBench } from './ledger.ts';
import { linesBench } from './lines.ts';
import { massBench } from './mass.ts';
import { modsecHook } from './modsec-hook.ts';
import { oneAdd } from './one-add.ts';
import { isOssecServer } from './ossec-home.ts';
import { packagesBench } from './packages.ts';
import { packets } from './packets.ts';
import { replayBench } from './replay.ts';
import { reportBench } from './report.ts';
import { serveBench } from './serve.ts';
import { handedOn, storm } from './storm.ts';

// Creating a file costs ten times as much in a directory from which thousands of files were just removed, such as /tmp
// after the tests.
process.env.TMPDIR ??= '/var/tmp';
const given = minimist(process.argv.slice(2), {
  string: ['stock', 'only', 'ruleset', 'ossec-home', 'seed', 'logs'],
  boolean: ['long'],
});
const { stock, only, ruleset, long } = given;
const ossecHome = given['ossec-home'] && resolve(given['ossec-home']);
const stocks: string[] = [stock ?? []].flat();
const wants = (name: string) => only === undefined || [only].flat().includes(name);

const absent = stocks.filter((file) => !existsSync(file));
if (absent.length > 0) {
  console.error(`--stock: no such file: ${absent.join(', ')}`);
  process.exit(1);
}
if (ossecHome && !isOssecServer(ossecHome)) {
  console.error(`--ossec-home: ${ossecHome} is not the home of an OSSEC server`);
  process.exit(1);
}
if (process.getuid?.() !== 0) {
  console.error('The bench creates network namespaces and fills kernel tables: run it as root.');
  process.exit(1);
}
for (const [name, node] of INTERPRETERS) {
  console.log(`\n=== ${name}, ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'})`);
  if (wants('one-add')) {
    const host = await Host.create('bench');
    const at = await Installation.create(host, node);
    for (const response of ['firewall-drop', 'route-null', 'apache-deny'])
      await runWithArguments(at, response, ossec('add', '198.51.100.1'));
    precompile(homeAt(at.home)); // as `riposte install` does
    await oneAdd(host, at, stocks);
    await host.remove();
    await at.remove();
  }
  if (wants('at-once')) await atOnce(node, stocks, [50, 1000]);
  if (wants('crowded')) await crowded(node, stocks, 50_000);
  if (wants('storm')) await storm(node, stocks);
  else if (wants('handed-on')) await handedOn(node, stocks);
  if (wants('packets')) await packets(node);
  if (wants('ledger')) await ledgerBench(node, 10_000, 100_000);
  if (wants('mass')) await massBench(node);
  if (wants('feeds')) {
    await feedsBench(node);
    await crowdsecBench(node);
  }
  if (wants('modsec-hook')) await modsecHook(node);
}
if (wants('replay')) await replayBench({ ruleset, logtest: process.env.OSSEC_LOGTEST });
if (wants('report')) await reportBench();
if (wants('judge')) judgeBench();
if (wants('detection')) await detectionBench(given.logs);
if (wants('packages')) await packagesBench();
if (wants('lines')) linesBench(Number(given.seed ?? 1));
if (wants('serve')) await serveBench(long, ossecHome);
