import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { EX, RiposteError } from '../base/errors.ts';
import { fileError, isMissing } from '../base/files.ts';
import { printable } from '../base/printable.ts';
import { Changes, freshOf, keptOf } from './changes.ts';
import type { InstallTarget } from './install-target.ts';
import type { Manager, NoManager } from './manager/manager.ts';
import { runWithin } from './run-within.ts';

/** A command of the manager that only reads a configuration and reports its errors. */
export type Check = readonly [program: string, ...args: string[]];

/** The result of the manager's checks. */
export interface Verdict {
  /** The reason why the configuration cannot be used: the program and its output. */
  readonly refusal: string | undefined;
  /** Lines of errors and, from Wazuh, of warnings, by their text without line numbers. */
  readonly notes: ReadonlyMap<string, string>;
}

/** The time limit of a check, in milliseconds: analysisd reads all rules. */
const TIME_LIMIT = 120_000;

/**
 * The checks by all programs that read our parts of ossec.conf. ossec-control runs the same checks before a start.
 * OSSEC's analysisd and logtest have a directory compiled in, so the checks pass the real directory to these programs.
 */
export function checksOf({ kind, role, home }: Manager | NoManager, conf: string): Check[] {
  if (kind === 'none') return [];
  const jail = kind === 'ossec' ? ['-D', home] : [];
  const analysis =
    role === 'agent' ? [] : kind === 'ossec' ? ['ossec-logtest', 'ossec-analysisd'] : ['wazuh-analysisd'];
  const checks: [string, string[]][] = [
    ...analysis.map((name): [string, string[]] => [name, jail]),
    [`${kind}-logcollector`, []],
    [`${kind}-execd`, []],
  ];
  return checks
    .map(([name, options]): Check => [join(home, 'bin', name), '-t', ...options, '-c', conf])
    .filter(([program]) => existsSync(program));
}

/** Runs the manager's checks on `conf`. Restores ar.conf afterwards, because analysisd rewrites it (`AR_ReadConfig`). */
export function verdictOn(
  manager: Manager | NoManager,
  target: InstallTarget,
  conf: string,
  calledConf: string,
): Verdict {
  const guard = guardArConf(target);
  const notes = new Map<string, string>();
  const faulty = manager.kind === 'wazuh' ? FAULT.wazuh : FAULT.ossec;
  try {
    for (const [program, ...args] of checksOf(manager, conf)) {
      const { said, failed, reason } = runWithin(TIME_LIMIT, program, args);
      const lines = said.replaceAll(conf, calledConf).split('\n').map(withoutTime);
      const faults = lines.filter((line) => faulty.test(line));
      for (const line of faults) notes.set(withoutLineNumbers(line), line);
      if (!failed) continue;
      const words = faults.length > 0 ? faults : lines.filter((line) => line !== '').slice(-3);
      const why = [...new Set(words)].join('; ') || reason;
      return { refusal: `${program} -t: ${printable(why, 1000)}`, notes };
    }
    return { refusal: undefined, notes };
  } finally {
    guard.undo();
  }
}

/** @throws RiposteError (CONFIG) when the new configuration is refused, or has errors that the old one did not have */
export function demandSound(verdict: Verdict, before: Verdict, file: string): void {
  const added = [...verdict.notes].flatMap(([note, line]) => (before.notes.has(note) ? [] : line));
  const why = verdict.refusal ?? (added.length > 0 ? printable(added.join('; '), 1000) : undefined);
  if (why !== undefined) throw new RiposteError(EX.CONFIG, `the manager refuses the new ${file}: ${why}`);
}

/** Restores ar.conf after a killed check. */
export function recoverArConf({ home }: InstallTarget): void {
  const scratch = scratchOf(home.arConf);
  const kept = keptOf(home.arConf, scratch);
  if (existsSync(kept)) renameSync(kept, home.arConf);
  // If both names are links to one file, rename removes neither name.
  for (const leftover of [kept, freshOf(home.arConf, scratch)]) rmSync(leftover, { force: true });
}

/**
 * Puts a copy in the place of ar.conf, so that the check writes to the copy. `undo` restores the original file with its
 * times. The manager's account may make a link in etc/shared, so ar.conf is never read or written through a link.
 *
 * @throws RiposteError (IOERR) when it is not a regular file
 */
function guardArConf({ home: { arConf } }: InstallTarget): Pick<Changes, 'undo'> {
  const there = readPlainFile(arConf);
  if (there === undefined) return { undo: () => rmSync(arConf, { force: true }) };
  const guard = new Changes();
  const { uid, gid, mode } = there.stats;
  guard.put({ path: arConf, bytes: there.bytes, uid, gid, mode: mode & 0o7777 }, scratchOf(arConf));
  return guard;
}

function readPlainFile(file: string): { bytes: Buffer; stats: Stats } | undefined {
  try {
    const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(fd);
      if (!stats.isFile()) throw new RiposteError(EX.IOERR, `${file} is not a regular file; move it away`);
      return { bytes: readFileSync(fd), stats };
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileError('read', file, error);
  }
}

/** The directory for copies of ar.conf: not etc/shared itself, whose files are sent to agents. */
export const scratchOf = (arConf: string): string => dirname(dirname(arConf));

const FAULT = { ossec: /\b(ERROR|CRITICAL)\b/, wazuh: /\b(WARNING|ERROR|CRITICAL)\b/ };

/** A log line of a manager without its time. */
const withoutTime = (line: string): string => line.trim().replace(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d /, '');

/** A line without line numbers, because our own lines shift them. */
const withoutLineNumbers = (line: string): string => line.replace(/\b(line:?) '?\d+'?/gi, '$1');
