import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { execa } from 'execa';
import { startApache } from '../lab/apache.ts';
import { runWithArguments } from '../lab/execd.ts';
import { ADDRESS } from '../lab/network.ts';
import { type Stage, scene } from './stage.ts';

/** The scan that OSSEC users know: eleven requests of ZmEu's for phpMyAdmin's set-up. */
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

/** For how long the demo blocks, in seconds. */
const BLOCK_FOR = 3;

interface Found {
  address: string;
  rule: number;
  level: number;
  description: string;
  line: string;
}

/** From a scan in Apache's own access log to the alert, the block, and the end of the block. */
export async function showWholeChain(): Promise<void> {
  await scene('The whole chain: a scan, the log, the engine, the block, its end', async (stage) => {
    const apache = await startApache(stage.network.web, '');
    await stage.fetch('visitor', 200);
    stage.say(`the attacker asks for ${SCAN[0]} and ${SCAN.length - 1} more, as ZmEu`);
    for (const path of SCAN) await scan(stage, path);
    const found = await judge(join(apache.directory, 'access.log'));
    stage.saw(
      'whom the engine finds in the access log',
      found.map(({ address }) => address).join(', '),
      ADDRESS.attacker,
    );
    for (const { level, rule, description, line, address } of found) {
      stage.saw(`rule ${rule} (${description}) is of level 10 or more`, String(level >= 10), 'true');
      stage.say(`its evidence: ${line.slice(0, 140)}`);
      const args = ['--block-for', `${BLOCK_FOR}s`, 'add', '-', address, '-', String(rule)];
      const { status, stdout } = await runWithArguments(stage.installation, 'firewall-drop', args);
      stage.saw('firewall-drop blocks him; exit status', String(status), '0');
      stage.say(stdout);
    }
    await stage.fetch('attacker', 0);
    await stage.fetch('visitor', 200);
    stage.say('the time passes, and nobody says delete');
    await wait(BLOCK_FOR * 1000);
    await stage.fetch('attacker', 200);
    await apache.stop();
  });
}

async function scan({ network }: Stage, path: string): Promise<void> {
  const url = `http://${ADDRESS.web}${path}`;
  const args = [
    '--silent',
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

/** The addresses that Riposte's rules would have blocked, as the built `riposte replay` finds them. */
async function judge(log: string): Promise<Found[]> {
  const { stdout } = await execa(process.execPath, ['dist/riposte.js', 'replay', '--json', log]);
  const objects = stdout.split('\n').map((line) => JSON.parse(line));
  return objects.filter((object) => 'address' in object);
}
