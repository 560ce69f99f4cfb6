import type { Address } from '../../base/address.ts';
import type { RiposteError } from '../../base/errors.ts';
import { type Command, commandError, type Executor } from '../../base/execute.ts';
import type { Host } from './host.ts';
import type { InForce } from './in-force.ts';
import type { KeptListing, Upkeep } from './upkeep.ts';

/** One change for a backend to make. */
export interface Change {
  readonly verb: 'block' | 'unblock';
  readonly address: Address;
  /** Seconds after which the kernel may end the block; undefined: never. */
  readonly seconds?: number | undefined;
  /** True when the ledger holds a block that may be in force already. */
  readonly known: boolean;
}

/** Errors by address. */
export type Failures = Map<string, RiposteError>;

/** A means to block addresses. Doctor, metrics, install and uninstall call only this interface, and name no backend. */
export interface Backend {
  readonly name: string;
  /**
   * True if all network namespaces of a host share the backend: a test in a namespace would then change the host's own
   * blocks.
   */
  readonly isHostWide?: boolean;
  /** systemd units that set it up when the host starts, and may flush it. */
  readonly units?: readonly string[];
  /** True if the setting `auto` may choose it on this host; absent: never. */
  suits?(host: Host): boolean;
  /**
   * True if it may hold our blocks on this host. If false, listing it would fail or load a kernel module. Absent:
   * always.
   */
  mayHold?(host: Host): boolean;
  /**
   * Its counters and its removal; absent: it has no counters and leaves nothing behind. Defined in NAME-upkeep.ts,
   * which the build leaves out of the scripts: each alert loads a whole script, but needs neither counters nor removal.
   */
  readonly upkeep?: Upkeep | undefined;
  /**
   * Makes the change. Making it again is not an error.
   *
   * @throws RiposteError when the change could not be made
   */
  apply(change: Change, executor: Executor): void;
  /**
   * Makes many changes at once; absent if the backend has no quicker way than one by one.
   *
   * @returns the errors, by address
   * @throws RiposteError when the whole group failed
   */
  applyAll?(changes: readonly Change[], executor: Executor): Failures;
  /**
   * Milliseconds that `apply` would wait before the next change; absent: none. The daemon delays such requests for this
   * time, because its thread could answer no other request while `apply` waits.
   */
  pause?(): number;
  /** Repairs or shrinks its own storage, if that is worthwhile. @returns a line for each change */
  tidy?(executor: Executor): string[];
  /**
   * Delivers the changes that `apply` has only queued, and waits for the delivery; absent: `apply` makes the changes
   * itself. A backend with `flush` records blocked, unblocked, restored and failed by itself. So the caller of `apply`
   * records the change as spooled.
   *
   * @throws RiposteError when it could not deliver all changes
   */
  flush?(executor: Executor): void;
  /**
   * The addresses and prefixes in force, in canonical form.
   *
   * @param kept a copy of the last listing, which may be used while the backend is unchanged; a result from it has no
   * counts
   */
  list(executor: Executor, kept?: KeptListing): Map<string, InForce>;
}

/**
 * Commands that belong together; the first failure ends them. If the message of the failure matches `nextIf`, the plan
 * continues with the next attempt; otherwise the plan has failed.
 */
export interface Attempt {
  readonly commands: readonly Command[];
  readonly nextIf?: RegExp;
}

/** Attempts in order, until one succeeds. */
export type Plan = readonly Attempt[];

/** Runs a plan. A dry run prints all attempts. @throws RiposteError with the message of the last failed command */
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
    if (index > 0) executor.remark('or, if objects exist already or are missing:');
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

/** The output of a listing command; empty if the command fails because nothing exists to list. */
export function look(command: Command, executor: Executor): string {
  const result = executor.look(command);
  if (!result.ok) throw commandError(command, result);
  return result.stdout;
}
