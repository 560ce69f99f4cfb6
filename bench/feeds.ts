import { join } from 'node:path';
import { Host } from '../test/lab/host.ts';
import { Installation } from '../test/lab/installation.ts';
import { printTable } from './table.ts';
import { addRow, commandRow } from './timed-rows.ts';

/** The lengths of prefixes in the lists of FireHOL and Spamhaus. A frequent length is repeated. 32: a host. */
const LENGTHS = [16, 18, 19, 20, 20, 21, 21, 22, 22, 22, 23, 23, 24, 24, 24, 24, 24, 32, 32, 32];

/** Different prefixes of these lengths, none of them private. */
export function listedPrefixes(count: number): string[] {
  const found = new Set<string>();
  for (let index = 0; found.size < count; index++) {
    const length = LENGTHS[index % LENGTHS.length] ?? 32;
    // Multiplication by an odd number visits each value once, in an order without neighbours.
    const value = (Math.imul(index, 0x9e3779b1) >>> (32 - length)) * 2 ** (32 - length);
    const first = value >>> 24;
    if (first < 11 || first > 99) continue;
    const text = [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
    found.add(length === 32 ? text : `${text}/${length}`);
  }
  return [...found];
}

/** Measures the import of a list of 100,000 prefixes, and a single add before and after it. */
export async function feedsBench(node: string): Promise<void> {
  const host = await Host.create('bench');
  const at = await Installation.create(host, node);
  const rows: string[][] = [];
  const list = listedPrefixes(100_000);
  const time = async (what: string, goal: string, ...args: string[]) =>
    rows.push(await commandRow(host, what, [node, 'dist/riposte.js', ...args, '--home', at.home], goal));
  const add = async (what: string, from: number) => rows.push(await addRow(host, at, what, from));
  const file = join(at.home, 'big.txt');
  const block = ['block', '--file', file, '--replace-origin'];
  await add('one add beside no block', 0);
  await at.write('big.txt', list.join('\n'));
  await time('import 100,000', '10', ...block);
  await time('the same again', '-', ...block);
  await add('one add beside all blocks', 100);
  await time('status', '2', 'status');
  await time('export', '-', 'export', '--with-lists');
  await at.write('big.txt', list.slice(1000).join('\n'));
  await time('release 1,000 of them', '-', ...block);
  printTable('A list of 100,000 prefixes of 9 lengths', ['', 's', 's of CPU', 'goal: s'], rows);
  await host.remove();
  await at.remove();
}
