import { EX, RiposteError } from '../errors.ts';
import type { Backend, Change, Failures } from './backend.ts';
import type { Executor } from './execute.ts';

/** After so many single failures in a row in the same words, the rest of that family is not tried. */
const ENOUGH = 3;

/**
 * Brings many changes about, in one go where the backend can. What fails as a whole is tried again in halves,
 * so that one bad address fails alone, and says why.
 *
 * @returns what could not be done
 */
export function applyMany(backend: Backend, changes: readonly Change[], executor: Executor): Failures {
  const failures: Failures = new Map();
  // IPv6 may be switched off, and IPv4 is blocked all the same.
  const inARow: Record<4 | 6, { count: number; last?: RiposteError | undefined }> = {
    4: { count: 0 },
    6: { count: 0 },
  };
  const fail = (some: readonly Change[], error: RiposteError) => {
    for (const { address } of some) failures.set(address.text, error);
  };
  const single = (change: Change) => {
    const error = attempt(() => backend.apply(change, executor));
    const before = inARow[change.address.family];
    const count = error === undefined ? 0 : error.message === before.last?.message ? before.count + 1 : 1;
    inARow[change.address.family] = { count, last: error };
    if (error) fail([change], error);
  };
  const go = (all: readonly Change[]): void => {
    const some = all.filter((change) => {
      const { count, last } = inARow[change.address.family];
      if (last && count >= ENOUGH) fail([change], last);
      return count < ENOUGH;
    });
    const [first] = some;
    if (first && some.length === 1) single(first);
    else if (first) together(some);
  };
  const together = (some: readonly Change[]) => {
    if (backend.applyAll === undefined) {
      for (const change of some) go([change]);
      return;
    }
    const error = attempt(() => {
      for (const [address, why] of backend.applyAll?.(some, executor) ?? []) failures.set(address, why);
    });
    if (error === undefined) for (const { address } of some) inARow[address.family] = { count: 0 };
    // What takes too long, or is not permitted, is the same for a part of it.
    else if (error.exitCode === EX.TEMPFAIL || error.exitCode === EX.NOPERM) fail(some, error);
    else {
      const middle = Math.ceil(some.length / 2);
      go(some.slice(0, middle));
      go(some.slice(middle));
    }
  };
  go(changes);
  return failures;
}

/** Brings changes about by `apply`, each by itself. @returns what could not be done */
export function oneByOne(changes: readonly Change[], apply: (change: Change) => void): Failures {
  return new Map(
    changes.flatMap((change): [string, RiposteError][] => {
      const error = attempt(() => apply(change));
      return error ? [[change.address.text, error]] : [];
    }),
  );
}

function attempt(work: () => void): RiposteError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof RiposteError) return error;
    throw error;
  }
}
