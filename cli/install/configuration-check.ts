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
import { execaSync } from 'execa';
import { EX, RiposteError } from '../../active-response/errors.ts';
import { fileError, isMissing } from '../../active-response/files.ts';
import { printable } from '../../active-response/printable.ts';
import type { Manager, NoManager } from '../manager/manager.ts';
import { Changes, freshOf, keptOf } from './changes.ts';
import type { Site } from './site.ts';

/** A program of the manager's that reads a configuration, says what is wrong with it, and does nothing else. */
export type Check = readonly [program: string, ...args: string[]];

/** What the manager's programs said of a configuration. */
export interface Verdict {
  /** Why it cannot be used: the program and its words. */
  readonly refusal: string | undefined;
  /** Lines of errors and, from Wazuh, of warnings, by what of them does not vary. */
  readonly notes: ReadonlyMap<string, string>;
}

/** The longest that a check may take, in milliseconds: analysisd reads all rules. */
const TIME_LIMIT = 120_000;

/**
 * The checks of those programs that read what Riposte puts into ossec.conf. ossec-control makes the same before
 * a start. OSSEC's analysisd and logtest have their directory compiled in, so they are told it.
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

/** Has the manager's programs read `conf`, and leaves ar.conf as it was: analysisd writes it anew (`AR_ReadConfig`). */
export function verdictOn(
  manager: Manager | NoManager,
  site: Site,
  conf: string,
  calledConf: string,
): Verdict {
  const guard = guardArConf(site);
  const notes = new Map<string, string>();
  const faulty = manager.kind === 'wazuh' ? FAULT.wazuh : FAULT.ossec;
  try {
    for (const [program, ...args] of checksOf(manager, conf)) {
      const { all, exitCode, failed, shortMessage } = execaSync(program, args, {
        all: true,
        reject: false,
        stdin: 'ignore',
        timeout: TIME_LIMIT,
        killSignal: 'SIGKILL', // a program that hangs may not heed another
      });
      const lines = (all ?? '').replaceAll(conf, calledConf).split('\n').map(withoutTime);
      const faults = lines.filter((line) => faulty.test(line));
      for (const line of faults) notes.set(withoutLineNumbers(line), line);
      if (!failed) continue;
      const words = faults.length > 0 ? faults : lines.filter((line) => line !== '').slice(-3);
      const said = [...new Set(words)].join('; ') || (shortMessage ?? `exit status ${exitCode}`);
      return { refusal: `${program} -t: ${printable(said, 1000)}`, notes };
    }
    return { refusal: undefined, notes };
  } finally {
    guard.undo();
  }
}

/** @throws RiposteError (CONFIG) when the new configuration is refused, or has faults that the old one had not */
export function demandSound(verdict: Verdict, before: Verdict, file: string): void {
  const added = [...verdict.notes].flatMap(([note, line]) => (before.notes.has(note) ? [] : line));
  const why = verdict.refusal ?? (added.length > 0 ? printable(added.join('; '), 1000) : undefined);
  if (why !== undefined)
    throw new RiposteError(EX.CONFIG, `the manager does not take the new ${file}: ${why}`);
}

/** Puts back what a check that was killed has left of ar.conf. */
export function recoverArConf({ home }: Site): void {
  const scratch = scratchOf(home.arConf);
  const kept = keptOf(home.arConf, scratch);
  if (existsSync(kept)) renameSync(kept, home.arConf);
  // Two names of one file are left alone by rename.
  for (const leftover of [kept, freshOf(home.arConf, scratch)]) rmSync(leftover, { force: true });
}

/**
 * Gives the check a copy of ar.conf to write to; the file itself, with its times, comes back by `undo`. The
 * manager's own account may write to etc/shared: through a link that it has laid there nothing is read, and
 * nothing written by the check.
 *
 * @throws RiposteError (IOERR) for what is no regular file
 */
function guardArConf({ home: { arConf } }: Site): Pick<Changes, 'undo'> {
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
      if (!stats.isFile()) throw new RiposteError(EX.IOERR, `${file} is no regular file; move it away`);
      return { bytes: readFileSync(fd), stats };
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileError('read', file, error);
  }
}

/** Not etc/shared itself: what lies there is sent to agents. */
export const scratchOf = (arConf: string): string => dirname(dirname(arConf));

const FAULT = { ossec: /\b(ERROR|CRITICAL)\b/, wazuh: /\b(WARNING|ERROR|CRITICAL)\b/ };

/** A line of a manager's without its time. */
const withoutTime = (line: string): string => line.trim().replace(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d /, '');

/** Two lines that differ in line numbers alone say the same: our own lines have moved them. */
const withoutLineNumbers = (line: string): string => line.replace(/\b(line:?) '?\d+'?/gi, '$1');
