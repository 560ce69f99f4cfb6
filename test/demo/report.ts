import { resolve } from 'node:path';
import { runCommand } from '../lab/command.ts';
import { Host } from '../lab/host.ts';
import { Installation } from '../lab/installation.ts';
import { journals, saw } from './stage.ts';

/** The page of the report, which the demo keeps so that its user can open it. */
const FILE = resolve('dist/demo-report.html');

/** Ends the demo: shows the report of all scenes, and names the page. */
export async function showReport(): Promise<void> {
  console.log('\nriposte report: the events of this demo');
  const host = await Host.create('report');
  const at = await Installation.create(host);
  try {
    await at.write('var/riposte/events.jsonl', journals.join(''));
    const { stdout } = await runCommand(host, at.home, 'report');
    console.log(`\n${stdout.replace(/^(?=.)/gm, '    ')}\n`);
    const { status, stderr } = await runCommand(host, at.home, 'report', '--html', FILE);
    saw('riposte writes the same report as a page; exit status', String(status), '0');
    if (stderr !== '') console.error(stderr);
  } finally {
    await host.remove();
    await at.remove();
  }
  console.log(`\nThe report of this demo: ${FILE}`);
}
