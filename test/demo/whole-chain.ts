import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startApache } from '../lab/apache.ts';
import { ADDRESS, PATIENCE } from '../lab/network.ts';
import { eventually, RunningServer } from '../lab/server.ts';
import { type Stage, scene } from './stage.ts';

/** A scan that OSSEC users know: eleven requests of ZmEu for phpMyAdmin's set-up. */
const SCAN = [
  '/phpadmin',
  '/typo3/phpmyadmin',
  '/mysqladmin',
  '/mysql',
  '/myadmin',
  '/dbadmin',
  '/db',
  '/admin/phpmyadmin',
  '/admin/pma',
  '/admin',
  '',
].map((path) => `${path}/scripts/setup.php`);

/** The block time of the demo, in seconds. */
const BLOCK_FOR = 12;

/** Without a manager, riposte serve finds a scan in Apache's access log, blocks the attacker, and ends the block. */
export async function showWholeChain(): Promise<void> {
  await scene('The whole chain without a manager: a scan, the log, riposte serve, the block, its end', play);
}

async function play(stage: Stage): Promise<void> {
  const { network, installation } = stage;
  const apache = await startApache(network.web, '');
  await installation.write('etc/riposte.conf', `BLOCK_FOR=${BLOCK_FOR}s\n`);
  const server = await RunningServer.start(installation, [join(apache.directory, 'access.log')]);
  stage.say('riposte serve follows the access log');
  await stage.fetch('visitor', 200);
  await stage.fetch('attacker', 200);
  stage.say(`the attacker asks for ${SCAN[0]} and ${SCAN.length - 1} more paths, as ZmEu`);
  const began = performance.now();
  const scans = Promise.all(SCAN.map((path) => scan(stage, path)));
  await server.says(/: blocked: /);
  const { until } = (await installation.ledger('firewall-drop', ADDRESS.attacker)) ?? {};
  stage.say(`blocked ${Math.round(performance.now() - began)} ms after the scan began`);
  const told = server.said.split('\n').find((line) => line.includes(': blocked: ')) ?? '';
  stage.say(`it says: ${told}`);
  stage.saw('the blocked address', told.split(':')[0] ?? '', ADDRESS.attacker);
  await stage.fetch('attacker', 0);
  await stage.fetch('visitor', 200);
  stage.say('the time passes');
  await scans;
  await wait(Math.max(0, Date.parse(String(until)) - Date.now()));
  // The block starts in the kernel later than in the ledger, so it may also end later.
  await eventually('the block has ended', async () => (await network.fetch(ADDRESS.attacker)) === 200);
  await stage.fetch('attacker', 200);
  await server.end();
  await apache.stop();
}

/** Sends one request; once the attacker is blocked, there is no answer. */
async function scan({ network }: Stage, path: string): Promise<void> {
  const url = `http://${ADDRESS.web}${path}`;
  const args = [
    '--silent',
    ...PATIENCE,
    '--max-time',
    '5',
    '--output',
    '/dev/null',
    '--user-agent',
    'ZmEu',
    '--interface',
    ADDRESS.attacker,
    url,
  ];
  await network.outside.start(['curl', ...args], {});
}
