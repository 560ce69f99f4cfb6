/**
 * Makes docs/report.png, the picture in the README: node build/run-ts.mjs test/demo/report-picture.ts, as root and
 * after a build. The attacks are invented, with addresses for documentation; the blocks and the dropped packets are
 * real, on a temporary host.
 */
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeEntry } from '../cli/ledger-files.ts';
import { startBrowser } from '../lab/browser.ts';
import { runCommand } from '../lab/command.ts';
import { Host } from '../lab/host.ts';
import { Installation } from '../lab/installation.ts';
import { inventedJournal } from '../lab/invented-journal.ts';

const DAY = 86_400_000;
const BLOCKED = [
  '203.0.113.1',
  '198.51.100.38',
  '203.0.113.112',
  '192.0.2.75',
  '203.0.113.168',
  '192.0.2.186',
];
const RULES = ['117051', '117040', '117053', '117031', '117021', '117055'];

const to = Date.now();
const host = await Host.create('picture');
const at = await Installation.create(host);
const events = [...inventedJournal({ events: 3000, sources: 300, from: to - 7 * DAY, to })];
await at.write('var/riposte/events.jsonl', `${events.join('\n')}\n`);
for (const [i, address] of BLOCKED.entries())
  writeEntry(at.home, 'firewall-drop', address, {
    since: new Date(to - (i + 1) * 2_500_000).toISOString(),
    until: new Date(to + (6 - i) * 3_300_000).toISOString(),
    rule: RULES[i],
    offence: [39, 14, 8, 7, 2, 1][i] ?? 1,
  });
await runCommand(host, at.home, 'restore');
await Promise.all(BLOCKED.map(knock));

const page = join(at.home, 'report.html');
const words = [
  process.execPath,
  resolve('dist/riposte.js'),
  'report',
  '--since',
  '7d',
  '--home',
  at.home,
  '--html',
  page,
];
const named = [
  'unshare',
  '--uts',
  'sh',
  '-c',
  'echo www.example.org >/proc/sys/kernel/hostname; exec "$@"',
  'sh',
];
await host.start([...named, ...words], { stdin: 'ignore' });
const browser = await startBrowser();
const opened = await browser.open(pathToFileURL(page).href, 1240);
await opened.page.screenshot({
  path: 'docs/report.png',
  clip: { x: 0, y: 0, width: 1240, height: 1130 },
  fullPage: true,
});
await browser.close();
await host.remove();
await at.remove();

/** Sends packets between two addresses of this host: on the loopback, too, packets pass through the firewall. */
async function knock(address: string, i: number): Promise<void> {
  await host.run(`ip address add ${address}/32 dev lo`);
  const words = [
    'curl',
    '--silent',
    '--max-time',
    String(6 - i),
    '--interface',
    address,
    'http://127.0.0.1:9/',
  ];
  await Promise.all(Array.from({ length: 12 - i }, () => host.start(words, {})));
}
