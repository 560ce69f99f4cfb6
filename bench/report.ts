import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Invented, inventedJournal } from '../test/lab/invented-journal.ts';
import { printTable } from './table.ts';

const EVENTS = 1_000_000;
const DAYS = 90;

/** A program that only parses the same lines as JSON: the lower bound for a report. */
const ONLY_PARSE = `
  const lines = require('node:readline').createInterface({
    input: require('node:fs').createReadStream(process.argv[1], { highWaterMark: 1 << 18 }),
  });
  lines.on('line', (line) => JSON.parse(line));
`;

/** The time and memory of a report of a million events, from few attackers and from very many. */
export async function reportBench(): Promise<void> {
  const rows: string[][] = [];
  for (const [name, sources] of [
    ['from 2,000 addresses', 2_000],
    ['from up to 1,000,000 addresses', 1_000_000],
  ] as const) {
    const home = mkdtempSync(join(tmpdir(), 'riposte-bench-'));
    try {
      const to = Date.now();
      const journal = fill(home, { events: EVENTS, sources, from: to - DAYS * 86_400_000, to, addressOf });
      const page = join(home, 'report.html');
      rows.push([name, ...(await cost(['dist/riposte.js', 'report', '--home', home, '--html', page]))]);
      rows.push(['  only parsing the same lines', ...(await cost(['-e', ONLY_PARSE, journal]))]);
    } finally {
      rmSync(home, { recursive: true });
    }
  }
  const head = [`${EVENTS.toLocaleString('en')} events (goals: 10 s, 300 MB)`, 'wall s', 'CPU s', 'MB'];
  printTable('riposte report --html', head, rows);
}

/** Wall and CPU seconds of a Node process, and its peak memory, which it prints when it ends. */
async function cost(args: readonly string[]): Promise<string[]> {
  const report =
    "process.on('exit', () => { const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage(); process.stderr.write([(userCPUTime + systemCPUTime) / 1e6, maxRSS / 1024].join(' ')) })";
  const preload = `data:text/javascript,${encodeURIComponent(report)}`;
  const began = performance.now();
  const { stderr } = await execa(process.execPath, ['--import', preload, ...args]);
  const wall = (performance.now() - began) / 1000;
  const [cpu = 0, memory = 0] = (stderr.split('\n').at(-1) ?? '').split(' ').map(Number);
  return [wall.toFixed(1), cpu.toFixed(1), memory.toFixed(0)];
}

function fill(home: string, invented: Invented): string {
  mkdirSync(join(home, 'var/riposte'), { recursive: true });
  const journal = join(home, 'var/riposte/events.jsonl');
  const file = openSync(journal, 'w');
  let text = '';
  for (const line of inventedJournal(invented)) {
    text += `${line}\n`;
    if (text.length < 1 << 20) continue;
    writeSync(file, text);
    text = '';
  }
  writeSync(file, text);
  closeSync(file);
  return journal;
}

const addressOf = (source: number): string =>
  source % 4 === 3
    ? `2001:db8:${(source >> 8).toString(16)}::${(source & 255).toString(16)}`
    : `10.${source >> 16}.${(source >> 8) & 255}.${source & 255}`;
