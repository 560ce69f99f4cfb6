import { existsSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EX, RiposteError } from '../../../base/errors.ts';
import type { Executor } from '../../../base/execute.ts';
import { makeDirectory, readIfThere, replaceFile } from '../../../base/files.ts';
import { withLock } from '../../../base/lock.ts';
import { type Backend, type Change, runPlan } from '../backend.ts';
import type { InForce } from '../in-force.ts';

/** The directive that denies one address or prefix, in each of Apache's two access-control languages. */
const DIRECTIVES = { apache24: 'Require not ip', apache22: 'Deny from' } as const;

const HEADER = '# Addresses that Apache denies. Riposte makes this file anew at each change.\n';

/** The commands to run, as program and arguments, and how long to wait for other processes that run them. */
export interface ApacheCommands {
  readonly check: readonly string[];
  /** Empty: another program reloads Apache. */
  readonly reload: readonly string[];
  /** In seconds. */
  readonly patience: number;
}

/**
 * A file that Apache's configuration includes, for servers where a RewriteMap does not work, and for prefixes. Each
 * change writes the whole file from the ledger, checks the configuration and reloads Apache gracefully; if the check
 * or the reload fails, the old file is restored. One process writes at a time. A process whose change was already
 * published by another has nothing left to do, so 1,000 simultaneous changes cause only a few reloads.
 *
 * @param entries the addresses and prefixes in the ledger
 */
export function apacheRequire(
  flavour: keyof typeof DIRECTIVES,
  file: string,
  entries: () => Iterable<string>,
  commands: ApacheCommands,
): Backend {
  const directive = DIRECTIVES[flavour];
  const applyAll = (changes: readonly Change[], executor: Executor) => {
    const areMade = () => {
      const now = listed(file, directive);
      return changes.every(({ verb, address }) => now.has(address.text) === (verb === 'block'));
    };
    // If the mark exists, a process ended between writing the file and reloading Apache.
    const published = () => existsSync(file) && areMade() && !existsSync(unfinished(file));
    if (executor.dryRun) {
      for (const { verb, address } of changes) {
        const how = verb === 'block' ? 'with' : 'without';
        executor.edit(`write ${file} ${how} '${directive} ${address.text}'`, () => {});
      }
      checkAndReload(commands, executor);
      return;
    }
    makeDirectory(dirname(file), 0o755);
    withLock(beside(file, 'lock'), commands.patience, published, () => {
      if (!published()) publish(file, render(directive, entries()), commands, executor);
    });
  };
  return {
    name: flavour,
    apply: (change, executor) => applyAll([change], executor),
    applyAll(changes, executor) {
      applyAll(changes, executor);
      return new Map();
    },
    list: () => new Map([...listed(file, directive)].map((entry): [string, InForce] => [entry, {}])),
  };
}

/** The file's text. The site's own RequireAll must enclose it: `Require not` is not a condition by itself. */
export function render(directive: string, entries: Iterable<string>): string {
  const lines = [...entries].sort().map((entry) => `${directive} ${entry}\n`);
  return ['# Addresses that Apache denies. Riposte makes this file anew at each change.\n', ...lines].join(
    '',
  );
}

function listed(file: string, directive: string): Set<string> {
  const lines = (readIfThere(file, { followsLinks: true }) ?? '')
    .split('\n')
    .filter((line) => line.startsWith(`${directive} `));
  return new Set(lines.map((line) => line.slice(directive.length + 1)));
}

/** A hidden name, so that an `Include` with a `*` never reads it as configuration. */
const beside = (file: string, suffix: string) => join(dirname(file), `.${basename(file)}.${suffix}`);
const unfinished = (file: string) => beside(file, 'unfinished');

function publish(file: string, text: string, commands: ApacheCommands, executor: Executor): void {
  const old = readIfThere(file, { followsLinks: true });
  if (old && !old.startsWith(HEADER)) {
    throw new RiposteError(
      EX.CONFIG,
      `${file} was not written by Riposte; set APACHE_FILE to a file of its own`,
    );
  }
  replaceFile(unfinished(file), `${process.pid}\n`);
  try {
    replaceFile(file, text, 0o644);
    checkAndReload(commands, executor);
  } catch (error) {
    if (old === undefined) rmSync(file, { force: true });
    else replaceFile(file, old, 0o644);
    rmSync(unfinished(file), { force: true });
    throw error;
  }
  rmSync(unfinished(file), { force: true });
}

function checkAndReload({ check, reload }: ApacheCommands, executor: Executor): void {
  const commands = [check, reload].flatMap(([program, ...args]) =>
    program === undefined ? [] : [{ program, args }],
  );
  runPlan([{ commands }], executor);
}
