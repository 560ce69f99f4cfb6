import { EX, RiposteError } from '../base/errors.ts';
import { dryExecutor, type Executor, realExecutor } from '../base/execute.ts';
import type { Backend } from './backend/backend.ts';
import type { KeptListing } from './backend/upkeep.ts';
import type { Surroundings } from './guard/guard.ts';
import type { Home } from './home.ts';
import type { Ledger } from './ledger.ts';
import type { Outcome } from './record/outcome.ts';
import type { ResponseContext } from './request-context.ts';
import type { writeTogether } from './write-together.ts';

/** The context for making one response's backends agree with its ledger. */
export interface ReconcileContext {
  readonly home: Home;
  readonly response: string;
  /** Returns the backend that has this name in the ledger. */
  readonly backendOf: (name: string) => Backend;
  /** The names of the backends that may hold blocks on this host. */
  readonly present: () => string[];
  /** Returns the backend to try if the kernel does not support the backend `failed`. */
  readonly next?: (failed: string, why: string) => string | undefined;
  readonly executor: Executor;
  /** Writes many entries to the ledger at once; absent: one after the other. */
  readonly writeTogether?: typeof writeTogether;
  /**
   * Blocks made after this time, in milliseconds since 1970, may not be in force yet; absent: the time of the listing.
   */
  readonly at?: number | undefined;
  /** Reads the ledger by an index; absent: reads it without an index. */
  readonly readLedger?: (home: Home, response: string) => Ledger;
  /** Returns the copy of a backend's last listing; absent when counts are needed, because the copy has none. */
  readonly kept?: (backend: string) => KeptListing;
  /** Returns the guard's check for the texts of many addresses; absent: the scripts use a slower check. */
  readonly protectorOfMany?: (surroundings: Surroundings) => (text: string) => string | undefined;
}

/** The outcome with the word `spooled` if the backend has only queued the change, as a backend with `flush` does. */
export function asMade(outcome: Outcome, { backendOf }: Pick<ReconcileContext, 'backendOf'>): Outcome {
  const { word, reason, block } = outcome;
  const isChange = word === 'blocked' || word === 'unblocked' || word === 'restored';
  if (!isChange || !block || block.damaged || !backendOf(block.backend).flush) return outcome;
  return { ...outcome, word: 'spooled', reason: `to be ${word}; ${reason}` };
}

/** @param makeExecutor makes the executor of commands; a dry run prints them instead */
export function reconcileContext(
  { response, home, settings, env, dryRun }: ResponseContext,
  makeExecutor: (timeout: number, env: NodeJS.ProcessEnv) => Executor = realExecutor,
): ReconcileContext {
  const executor = dryRun
    ? dryExecutor(settings.commandTimeout, env, dryRun)
    : makeExecutor(settings.commandTimeout, env);
  const backendOf = (name: string) => {
    const make = Object.hasOwn(response.backends, name) ? response.backends[name] : undefined;
    if (make === undefined) throw new RiposteError(EX.SOFTWARE, `${response.name} has no backend ${name}`);
    return make(settings, home);
  };
  const present = () => response.present?.(settings, env) ?? Object.keys(response.backends);
  const next = (failed: string, why: string) => response.next?.(failed, why, settings, env);
  return { home, response: response.name, backendOf, present, next, executor };
}
