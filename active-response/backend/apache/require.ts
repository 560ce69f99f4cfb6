import { existsSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EX, RiposteError } from '../../errors.ts';
import { makeDirectory, readIfThere, replaceFile } from '../../files.ts';
import { withLock } from '../../lock.ts';
import { type Backend, type Change, type InForce, runPlan } from '../backend.ts';
import type { Executor } from '../execute.ts';

/** How Apache's two languages of access control deny one address or prefix. */
const DIRECTIVES = { apache24: 'Require not ip', apache22: 'Deny from' } as const;

const HEADER = '# Addresses that Apache denies. Riposte makes this file anew at each change.\n';

/** What to run, as program and arguments, and how long to wait for others that do the same. */
export interface ApacheCommands {
  readonly check: readonly string[];
  /** Empty: somebody else reloads Apache. */
  readonly reload: readonly string[];
  /** Seconds. */
  readonly patience: number;
}

/**
 * A file that Apache's configuration includes, for servers where a RewriteMap is no use and for prefixes. It
 * is made from the ledger as a whole, checked, and Apache reloaded gracefully; when the check or the reload
 * fails, the old file is put back. One process at a time; one that finds its change published by another has
 * nothing left to do, so that 1,000 at once reload a few times only.
 *
 * @param entries the addresses and prefixes that the ledger holds
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
    // A mark that stays means that a process ended between the new file and its reload.
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

/** The file's text. `Require not` is no condition by itself: it stands inside the site's own RequireAll. */
export function render(directive: string, entries: Iterable<string>): string {
  const lines = [...entries].sort().map((entry) => `${directive} ${entry}\n`);
  return ['# Addresses that Apache denies. Riposte makes this file anew at each change.\n', ...lines].join(
    '',
  );
}

function listed(file: string, directive: string): Set<string> {
  const lines = (readIfThere(file) ?? '').split('\n').filter((line) => line.startsWith(`${directive} `));
  return new Set(lines.map((line) => line.slice(directive.length + 1)));
}

/** Hidden, so that an `Include` with a `*` never takes one of them for configuration. */
const beside = (file: string, suffix: string) => join(dirname(file), `.${basename(file)}.${suffix}`);
const unfinished = (file: string) => beside(file, 'unfinished');

function publish(file: string, text: string, commands: ApacheCommands, executor: Executor): void {
  const old = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  if (old && !old.startsWith(HEADER)) {
    throw new RiposteError(
      EX.CONFIG,
      `${file} is not Riposte's to replace; set APACHE_FILE to a file of its own`,
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
