/**
 * Long series of similar cases (a kill at each step, generated inputs by the hundred) are divided: `npm test` runs a
 * share of the cases, `npm run test:all -- --rest` runs the other cases, and `npm run test:all` runs all cases.
 * test/run.ts sets the environment. Each of these runs includes the files that import this module.
 */
export type Share = 'quick' | 'rest' | 'all';

/** The share that this process runs. */
export const SHARE: Share = shareIn(process.env.RIPOSTE_TEST_SHARE);

/** @throws Error when there is no such share */
export function shareIn(name = 'quick'): Share {
  if (name === 'quick' || name === 'rest' || name === 'all') return name;
  throw new Error(`RIPOSTE_TEST_SHARE is '${name}', but must be quick, rest or all`);
}

/** Every fourth item, beginning with number `from`; in the rest, all other items. */
export function someOf<T>(items: readonly T[], from = 0, share = SHARE): T[] {
  return items.filter((_, index) => share === 'all' || ((index - from) % 4 === 0) === (share === 'quick'));
}

/** A quarter of a number of runs; in the rest, the other runs. */
export function someRuns(all: number, share = SHARE): number {
  const quarter = Math.ceil(all / 4);
  return { quick: quarter, rest: all - quarter, all }[share];
}

/** Names and registers a test. */
type Register = (name: string, work: () => Promise<void>) => void;

/** Registers a test that only `npm run test:all` runs, in a suite whose other tests `npm test` runs. */
export function leftToAll(suite: Register, share = SHARE): Register {
  return share === 'quick' ? () => {} : suite;
}
