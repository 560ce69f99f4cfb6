/**
 * Long series of similar cases (a kill at each step, generated inputs by the hundred) are divided: `npm test` takes a
 * share, `npm run test:all -- --rest` the rest, `npm run test:all` all. test/run.ts sets the environment; a
 * file that imports this runs in each of them.
 */
export type Share = 'quick' | 'rest' | 'all';

/** The share that this process runs. */
export const SHARE: Share = shareIn(process.env.RIPOSTE_TEST_SHARE);

/** @throws Error when there is no such share */
export function shareIn(name = 'quick'): Share {
  if (name === 'quick' || name === 'rest' || name === 'all') return name;
  throw new Error(`RIPOSTE_TEST_SHARE is '${name}', but must be quick, rest or all`);
}

/** Of the items every fourth, beginning with number `from`; for the rest, the others. */
export function someOf<T>(items: readonly T[], from = 0, share = SHARE): T[] {
  return items.filter((_, index) => share === 'all' || ((index - from) % 4 === 0) === (share === 'quick'));
}

/** A quarter of a number of runs; for the rest, three quarters. */
export function someRuns(all: number, share = SHARE): number {
  const quarter = Math.ceil(all / 4);
  return { quick: quarter, rest: all - quarter, all }[share];
}

/** Names and registers a test. */
type Register = (name: string, work: () => Promise<void>) => void;

/** Of a suite that otherwise runs in `npm test`, tests that only `npm run test:all` runs. */
export function leftToAll(suite: Register, share = SHARE): Register {
  return share === 'quick' ? () => {} : suite;
}
