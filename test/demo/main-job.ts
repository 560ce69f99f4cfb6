/**
 * `npm start` runs this demo of the main job, on a real kernel and a real Apache, in temporary private networks. An
 * attacker fetches a page; the built script gets the message that a manager would send; the attacker can no longer
 * fetch the page; the script gets the delete; the attacker can fetch the page again. Then the demo shows the whole
 * chain, which starts with a scan in Apache's log. At the end, it shows the report of all scenes.
 */
import { execa } from 'execa';
import { privileges } from '../lab/namespaces.ts';
import { missing } from '../lab/tools.ts';
import { showReport } from './report.ts';
import { showResponses } from './responses.ts';
import { allAsExpected } from './stage.ts';
import { showWholeChain } from './whole-chain.ts';

const NEEDED = ['unshare', 'nsenter', 'ip', 'ss', 'nft', 'curl', 'apache2'];

const lacking = missing(...NEEDED);
const prefix = lacking.length === 0 ? privileges() : undefined;
if (prefix === undefined) {
  const why =
    lacking.length > 0
      ? `missing: ${lacking.join(', ')}`
      : 'neither root nor allowed to create user namespaces';
  console.error(`The demo cannot run: ${why}.`);
  console.error('As root, build/debian-packages.sh installs the missing programs.');
  process.exit(1);
}
if (prefix.length > 0) {
  const [program = '', ...args] = [...prefix, process.execPath, 'build/run-ts.mjs', 'test/demo/main-job.ts'];
  const { exitCode } = await execa(program, args, { stdio: 'inherit', reject: false });
  process.exit(exitCode ?? 1);
}
await showResponses();
await showWholeChain();
await showReport();
console.log(allAsExpected() ? '\nAll as it should be.' : '\nNOT as it should be: see above.');
process.exit(allAsExpected() ? 0 : 1);
