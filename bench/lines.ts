import { linesFor, printTallies, readGenerated, type Tally } from '../test/logs/generated-lines.ts';
import { lineKinds } from '../test/logs/line-kinds.ts';

const LINES = 5_000_000;

/**
 * Reads hostile lines of every format and prints the number of requests that were read whole, and the number of lines
 * that were made and read in a second. If a reader names an address other than the true client's, fails with an error
 * that contains the line and the seed.
 */
export function linesBench(seed: number): void {
  const kinds = lineKinds();
  const start = process.cpuUsage();
  const tallies = kinds.map((kind, index): Tally => {
    return readGenerated(kind, linesFor(kind, kinds, LINES), seed * 10_000 + index);
  });
  const { user, system } = process.cpuUsage(start);
  printTallies(tallies);
  const sum = (count: (tally: Tally) => number): number =>
    tallies.reduce((all, tally) => all + count(tally), 0);
  const lines = sum((tally) => tally.lines);
  const readings = sum((tally) => tally.readings);
  const rate = lines / ((user + system) / 1e6);
  const figures = [lines, readings, Math.round(rate)].map((figure) => figure.toLocaleString('en'));
  console.log(`\n${figures[0]} lines were made and read ${figures[1]} times, ${figures[2]} a second of CPU.`);
  console.log('No line named a third party or the proxy.');
}
