import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ALL_SETTINGS } from '../active-response/response/all-settings.ts';
import { changeableByOthers } from '../base/changeable-by-others.ts';
import { readIfThere } from '../base/files.ts';
import type { DesiredFile } from './desired-file.ts';
import type { Step } from './file-plan.ts';
import type { InstallTarget } from './install-target.ts';

/** Lines of riposte.conf that have no effect there, because an account other than root can change the file. */
export interface SettingsToMove {
  /** The keys that these lines set. */
  readonly keys: readonly string[];
  /** The reason why another account can change the file. */
  readonly why: string;
  /** The changes that move these lines to /etc/riposte.conf. */
  readonly steps: readonly Step[];
}

const ROOTS_KEYS = Object.values(ALL_SETTINGS).flatMap(({ key, isRoots }) => (isRoots ? key : []));
const ROOTS_LINE = new RegExp(`^\\s*(${ROOTS_KEYS.join('|')})\\s*=\\s*["'\`]?(?:\\/|https?:)`);

/**
 * The lines that name programs, files or servers for root in a riposte.conf that another account can change; undefined
 * when there are none. Lines of /etc/riposte.conf with the same key stay, and the moved lines follow them.
 */
export function settingsToMove({ home, root }: InstallTarget): SettingsToMove | undefined {
  const [own = '', general = ''] = home.settings;
  const text = readIfThere(own) ?? '';
  const lines = text.split('\n');
  const moved = lines.filter((line) => ROOTS_LINE.test(line));
  const why = moved.length > 0 ? changeableByOthers(own) : undefined;
  if (why === undefined) return undefined;
  const left = lines.map((line) => (ROOTS_LINE.test(line) ? `# moved to ${general}: ${line.trim()}` : line));
  const to = join(root, general);
  const before =
    readIfThere(to) ??
    '# Settings of Riposte that name programs or files: root alone may change this file.\n';
  const joined = `${before}${before.endsWith('\n') ? '' : '\n'}${moved.map((line) => `${line.trim()}\n`).join('')}`;
  return {
    keys: [...new Set(moved.map((line) => ROOTS_LINE.exec(line)?.[1] ?? ''))],
    why,
    steps: [
      { does: isThere(to) ? 'replace' : 'make', file: withOwner(to, joined, 0o644) },
      { does: 'replace', file: withOwner(own, left.join('\n'), 0o640) },
    ],
  };
}

const isThere = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;

/** The file with its present owner, group and mode; a new file belongs to root. */
function withOwner(path: string, text: string, mode: number): DesiredFile {
  const stats = statSync(path, { throwIfNoEntry: false });
  return {
    path,
    bytes: Buffer.from(text),
    uid: stats?.uid ?? 0,
    gid: stats?.gid ?? 0,
    mode: stats === undefined ? mode : stats.mode & 0o7777,
  };
}
