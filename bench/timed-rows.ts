import type { Host } from '../test/lab/host.ts';
import type { Installation } from '../test/lab/installation.ts';
import { measure } from './measure.ts';
import { address, ours } from './subjects.ts';

const ADDS = 20;

/** The row of a command: its name, the seconds of wall time and of CPU, and the goal. */
export async function commandRow(
  host: Host,
  what: string,
  words: readonly string[],
  goal: string,
): Promise<string[]> {
  const { wall, cpu } = await measure(host, [{ words }], 'in turn');
  return [what, (wall / 1000).toFixed(2), (cpu / 1000).toFixed(2), goal];
}

/** The row of one add by firewall-drop: the mean of 20 adds in turn. @param from the number of the first address */
export async function addRow(host: Host, at: Installation, what: string, from: number): Promise<string[]> {
  const runs = Array.from({ length: ADDS }, (_, index) => ours(at, 'firewall-drop', address(from + index)));
  const { wall, cpu } = await measure(host, runs, 'in turn');
  return [what, (wall / ADDS / 1000).toFixed(3), (cpu / ADDS / 1000).toFixed(3), 'the same'];
}
