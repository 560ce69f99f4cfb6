import { existsSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EX, RiposteError } from '../../../base/errors.ts';
import type { Executor } from '../../../base/execute.ts';
import { makeDirectory, readIfThere, replaceFile } from '../../../base/files.ts';
import { withLock } from '../../../base/lock.ts';
import { type Backend, type Change, runPlan } from '../backend.ts';
import type { InForce } from '../in-force.ts';

/** The file that a web server's configuration includes, with a line for each address. */
export interface IncludedFile {
  readonly file: string;
  /** The setting that names the file, for messages. */
  readonly setting: string;
  /** The first line, by which Riposte recognizes its own file. */
  readonly header: string;
  /** The text of a line before and after the address. */
  readonly before: string;
  readonly after: string;
}

/** The commands that check and reload the server, each as a program and its arguments, and times in seconds. */
export interface ServerCommands {
  readonly check: readonly string[];
  /** Empty: another program reloads the server. */
  readonly reload: readonly string[];
  /** The time to wait for other processes that run these commands. */
  readonly patience: number;
  /** The shortest time between two reloads; absent: none. */
  readonly gap?: number;
}

/**
 * A file that the configuration of a web server includes. Each change writes the whole file from the ledger, checks the
 * configuration and reloads the server; if the check or the reload fails, the old file is restored. One process writes
 * at a time. A process does nothing if another process has already published its change, so 1,000 simultaneous changes
 * cause only a few reloads.
 *
 * @param entries the addresses and prefixes in the ledger
 */
export function includedFile(
  name: string,
  spec: IncludedFile,
  entries: () => Iterable<string>,
  commands: ServerCommands,
): Backend {
  const { file, before, after } = spec;
  const list = memoized(file, (text) => listed(spec, text));
  /** @param isMade returns true if another process has made the change */
  const publishUnless = (isMade: () => boolean, executor: Executor) => {
    // If the mark exists, a process ended between writing the file and reloading the server.
    const isPublished = () => existsSync(file) && !existsSync(unfinished(file)) && isMade();
    makeDirectory(dirname(file), 0o755);
    withLock(beside(file, 'lock'), commands.patience, isPublished, () => {
      if (isPublished()) return;
      sleep(pauseBefore(file, commands));
      publish(spec, render(spec, entries()), commands, executor);
    });
  };
  const applyAll = (changes: readonly Change[], executor: Executor) => {
    if (executor.dryRun) {
      for (const { verb, address } of changes) {
        const how = verb === 'block' ? 'with' : 'without';
        executor.edit(`write ${file} ${how} '${before}${address.text}${after}'`, () => {});
      }
      checkAndReload(commands, executor);
      return;
    }
    publishUnless(() => {
      const now = list();
      return changes.every(({ verb, address }) => now.has(address.text) === (verb === 'block'));
    }, executor);
  };
  return {
    name,
    apply: (change, executor) => applyAll([change], executor),
    applyAll(changes, executor) {
      applyAll(changes, executor);
      return new Map();
    },
    pause: () => pauseBefore(file, commands),
    tidy(executor) {
      if (executor.dryRun || !existsSync(unfinished(file))) return [];
      publishUnless(() => true, executor);
      return [`checked and reloaded ${file}, because an earlier process was killed before it did`];
    },
    list: () => new Map([...list()].map((entry): [string, InForce] => [entry, {}])),
  };
}

/** The file's text. */
export function render({ header, before, after }: IncludedFile, entries: Iterable<string>): string {
  const lines = [...entries].sort().map((entry) => `${before}${entry}${after}\n`);
  return [header, ...lines].join('');
}

function listed({ before, after }: IncludedFile, text: string): Set<string> {
  const lines = text.split('\n').filter((line) => line.startsWith(before) && line.endsWith(after));
  const found = lines.map((line) => line.slice(before.length, line.length - after.length));
  return new Set(found.filter((entry) => !entry.startsWith('#')));
}

/** Parses the file again only after it was replaced, because a waiting process calls this fifty times a second. */
function memoized(file: string, parse: (text: string) => Set<string>): () => Set<string> {
  let seen: string | undefined;
  let entries = new Set<string>();
  return () => {
    const stats = statSync(file, { throwIfNoEntry: false });
    const now = `${stats?.ino} ${stats?.mtimeMs} ${stats?.size}`;
    if (now !== seen) entries = parse(readIfThere(file, { followsLinks: true }) ?? '');
    seen = now;
    return entries;
  };
}

/**
 * Milliseconds until the server may be reloaded again. The file's modification time shows the time of the last reload,
 * because the file was replaced just before that reload.
 */
function pauseBefore(file: string, { gap = 0, reload }: ServerCommands): number {
  const last = statSync(file, { throwIfNoEntry: false });
  if (gap === 0 || reload.length === 0 || !last || last.size === 0) return 0;
  const left = last.mtimeMs + gap * 1000 - Date.now();
  return left > gap * 1000 ? 0 : Math.max(0, left); // the clock was set back
}

const sleep = (milliseconds: number): void => {
  if (milliseconds > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
};

/** A hidden name, so that an `Include` with a `*` never reads it as configuration. */
const beside = (file: string, suffix: string) => join(dirname(file), `.${basename(file)}.${suffix}`);
const unfinished = (file: string) => beside(file, 'unfinished');

function publish(
  { file, header, setting }: IncludedFile,
  text: string,
  commands: ServerCommands,
  executor: Executor,
): void {
  const old = readIfThere(file, { followsLinks: true });
  if (old && !old.startsWith(header)) {
    throw new RiposteError(
      EX.CONFIG,
      `${file} was not written by Riposte; set ${setting} to a file of its own`,
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

function checkAndReload({ check, reload }: ServerCommands, executor: Executor): void {
  const commands = [check, reload].flatMap(([program, ...args]) =>
    program === undefined ? [] : [{ program, args }],
  );
  runPlan([{ commands }], executor);
}
