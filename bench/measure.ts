import { execa } from 'execa';
import type { Host } from '../test/lab/host.ts';
import { PATH } from '../test/lab/tools.ts';

/** The cost of some commands, in milliseconds for all of them. CPU includes every process that they started. */
export interface Cost {
  readonly cpu: number;
  readonly wall: number;
}

/** One command: its words, and its standard input (else /dev/null). */
export interface Run {
  readonly words: readonly string[];
  readonly input?: string;
}

/** Runs commands on a host, one after the other or all at once, and measures them with bash's own `time`. */
export async function measure(host: Host, runs: readonly Run[], how: 'in turn' | 'at once'): Promise<Cost> {
  const lines = runs.map(({ words, input }) => {
    const from = input === undefined ? '</dev/null' : `<<<${quote(input.replace(/\n$/, ''))}`;
    return `${words.map(quote).join(' ')} ${from} >/dev/null 2>&1${how === 'at once' ? ' &' : ''}`;
  });
  const script = `export LC_ALL=C; TIMEFORMAT='%U %S %R'; time {\n${lines.join('\n')}\nwait\n}\n`;
  const [program, args] = host.command(['bash']);
  const { stderr } = await execa(program, args, { input: script, env: { PATH } });
  const [user = 0, system = 0, wall = 0] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return { cpu: (user + system) * 1000, wall: wall * 1000 };
}

/** A kind of runs: the host, and the commands of one round. */
export interface Kind {
  readonly host: Host;
  readonly runs: () => readonly Run[];
}

/** For each kind, one cost for each round: the mean cost of a run in that round. */
export type Rounds<K extends string> = Record<K, Cost[]>;

/**
 * Measures several kinds of runs in turn, round by round, so that a machine that slows down slows all of them, and the
 * kinds of one round can be compared.
 */
export async function compare<K extends string>(rounds: number, kinds: Record<K, Kind>): Promise<Rounds<K>> {
  const costs = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, [] as Cost[]])) as Rounds<K>;
  for (let round = 0; round < rounds; round++) {
    for (const kind of Object.keys(kinds) as K[]) {
      const runs = kinds[kind].runs();
      const { cpu, wall } = await measure(kinds[kind].host, runs, 'in turn');
      if (round > 0) costs[kind].push({ cpu: cpu / runs.length, wall: wall / runs.length }); // the first warms up
    }
  }
  return costs;
}

/** The median over all rounds of a figure that is computed from the kinds of one round. */
export function medianOf<K extends string>(
  rounds: Rounds<K>,
  figure: (round: Record<K, Cost>) => number,
): number {
  const kinds = Object.keys(rounds) as K[];
  const count = rounds[kinds[0] as K].length;
  const at = (index: number) =>
    Object.fromEntries(kinds.map((kind) => [kind, rounds[kind][index]])) as Record<K, Cost>;
  return median(Array.from({ length: count }, (_, index) => figure(at(index))));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
