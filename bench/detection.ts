import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Case, sharedCases, writeCases } from './detection/cases-log.ts';
import type { Found } from './detection/detector.ts';
import { DETECTORS } from './detection/detectors.ts';
import { type LabelledLog, labelledLogs } from './detection/labels.ts';
import { ownCases } from './detection/own-cases.ts';
import { printTable } from './table.ts';

/**
 * Runs Riposte, fail2ban and CrowdSec on labelled logs. For each, prints the number of attackers that it finds, the
 * number of ordinary sources that it blocks, and its CPU time per line. The first log is made from the cases kept
 * beside the repository; if there are none, from Riposte's own cases.
 *
 * @param directory further logs with their labels; see labelledLogs()
 */
export async function detectionBench(directory?: string): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'riposte-bench-'));
  try {
    const cases = sharedCases() ?? ownCases();
    const file = join(dir, 'cases.log');
    const log = { name: 'cases', file, labels: writeCases(cases, file) };
    const logs = directory === undefined ? [] : labelledLogs(resolve(directory));
    const rows: string[][] = [];
    for (const each of [log, ...logs])
      for (const detector of DETECTORS) {
        const found = await detector.find(each.file);
        rows.push([each.name, detector.name, ...(found ? results(each, found) : ['not installed'])]);
        if (each === log && detector === DETECTORS[0] && found) printWrong(cases, log, found);
      }
    const head = ['log', 'program', 'attackers caught', 'ordinary blocked', 'CPU µs a line'];
    printTable('Attackers caught, and ordinary sources blocked', head, rows);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function results({ file, labels }: LabelledLog, { blocked, cpu }: Found): string[] {
  const lines = readFileSync(file, 'latin1').split('\n').length - 1;
  return [
    share(labels, 'attacker', blocked),
    share(labels, 'ordinary', blocked),
    ((cpu / lines) * 1e6).toFixed(1),
  ];
}

function share(labels: LabelledLog['labels'], label: string, blocked: ReadonlySet<string>): string {
  const all = [...labels].filter(([, each]) => each === label).map(([address]) => address);
  return `${all.filter((address) => blocked.has(address)).length} of ${all.length}`;
}

/** Prints the names of the cases that Riposte judges wrongly. */
function printWrong(cases: readonly Case[], { labels }: LabelledLog, { blocked }: Found): void {
  [...labels].forEach(([address, label], i) => {
    if ((label === 'attacker') === blocked.has(address)) return;
    console.log(`  wrong: ${label === 'attacker' ? 'missed' : 'blocked'}: ${cases[i]?.name}`);
  });
}
