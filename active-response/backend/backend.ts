import type { Address } from '../address.ts';
import type { RiposteError } from '../errors.ts';
import { type Command, commandError, type Executor } from './execute.ts';

/** One change that a backend is to bring about. */
export interface Change {
  readonly verb: 'block' | 'unblock';
  readonly address: Address;
  /** Seconds until the kernel may end the block by itself; undefined: never. */
  readonly seconds?: number | undefined;
  /** True when the ledger knows of a block that may be in place already. */
  readonly known: boolean;
}

/** What a backend tells of an address that it has in force: what it has stopped so far, where it counts that. */
export interface InForce {
  readonly packets?: number | undefined;
  readonly bytes?: number | undefined;
}

/** What could not be done, and why, by address. */
export type Failures = Map<string, RiposteError>;

/** Something that blocks addresses. */
export interface Backend {
  readonly name: string;
  /**
   * Brings the change about; to ask for what is there already is no error.
   *
   * @throws RiposteError when the change could not be made
   */
  apply(change: Change, executor: Executor): void;
  /**
   * Brings many changes about in one go; absent where there is no quicker way than one by one.
   *
   * @returns what could not be done @throws RiposteError when it could not all be done at once
   */
  applyAll?(changes: readonly Change[], executor: Executor): Failures;
  /** Makes what it keeps smaller, where that is worth it. @returns what it did, one line each */
  tidy?(executor: Executor): string[];
  /** The addresses and prefixes that are in force now, in their one way to be written. */
  list(executor: Executor): Map<string, InForce>;
}

/**
 * Commands that belong together. They stop at the first that fails; when its message matches `nextIf`, the
 * plan goes on with its next attempt, else it has failed.
 */
export interface Attempt {
  readonly commands: readonly Command[];
  readonly nextIf?: RegExp;
}

/** What to try, in this order, until one attempt succeeds. */
export type Plan = readonly Attempt[];

/** Runs a plan. In a dry run all attempts are told. @throws RiposteError what the last failed command said */
export function runPlan(plan: Plan, executor: Executor): void {
  if (executor.dryRun) {
    rehearse(plan, executor);
    return;
  }
  for (const [index, { commands, nextIf }] of plan.entries()) {
    const failed = firstFailure(commands, executor);
    if (failed === undefined) return;
    const goesOn = nextIf?.test(failed.result.message) && index < plan.length - 1;
    if (!goesOn) throw commandError(failed.command, failed.result);
  }
}

function rehearse(plan: Plan, executor: Executor): void {
  for (const [index, { commands }] of plan.entries()) {
    if (index > 0) executor.remark('and if that finds too much or too little there:');
    for (const command of commands) executor.run(command);
  }
}

function firstFailure(commands: readonly Command[], executor: Executor) {
  for (const command of commands) {
    const result = executor.run(command);
    if (!result.ok) return { command, result };
  }
  return undefined;
}

/** What a command prints, for a listing; nothing when it fails because there is nothing to list. */
export function look(command: Command, executor: Executor): string {
  const result = executor.look(command);
  if (!result.ok) throw commandError(command, result);
  return result.stdout;
}
