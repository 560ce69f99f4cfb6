import { EX, RiposteError } from '../../base/errors.ts';
import type { Executor } from '../../base/execute.ts';
import type { Backend, Change, Failures } from './backend.ts';

/** After this many consecutive failures with the same message, applyMany skips the rest of that address family. */
const ENOUGH = 3;

/**
 * Applies many changes. A backend with `applyAll` gets them as one group. If a group fails, this function retries its
 * halves, so that a bad address fails alone, with its own message.
 *
 * @returns the errors, by address
 */
export function applyMany(backend: Backend, changes: readonly Change[], executor: Executor): Failures {
  const failures: Failures = new Map();
  // If IPv6 is disabled on the host, IPv4 addresses must still be blocked.
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
    // A timeout or a missing permission would hit each half as well.
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

/** Applies changes one by one. @returns the errors, by address */
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
