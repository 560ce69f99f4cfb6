import { release } from 'node:os';
import { join } from 'node:path';
import { ALL_SETTINGS } from '../../active-response/response/all-settings.ts';
import { attempt, RiposteError } from '../../base/errors.ts';
import { readIfThere } from '../../base/files.ts';
import { printable } from '../../base/printable.ts';
import { VERSION } from '../../base/version.ts';
import type { Examination } from '../examination.ts';
import type { Finding } from '../finding.ts';
import { show, tally } from '../show.ts';
import { lastLines } from '../tail.ts';

/** The number of lines of each log that are included. */
const LINES = 40;

const KEYS = new Set(Object.values(ALL_SETTINGS).map(({ key }) => key));

/** The text for a bug report: versions, settings, findings, and the last lines of log and journal. */
export function supportText(examined: Examination, findings: readonly Finding[], now = new Date()): string {
  const { home } = examined;
  const sections: [title: string, lines: readonly string[]][] = [
    ['Versions', versions(examined)],
    ...home.settings.map((file): [string, string[]] => [`Settings: ${file}`, settingsIn(file)]),
    [
      'Findings of riposte doctor',
      [...findings.map((each) => show(each, { hasColours: false })), tally(findings)],
    ],
    ...[home.activeResponsesLog, home.journal].map((file): [string, string[]] => [
      `The last lines of ${file}`,
      linesOf(file),
    ]),
  ];
  const texts = sections.map(([title, lines]) => `== ${title}\n${lines.join('\n')}\n`);
  return [`Riposte: support information of ${now.toISOString()}\n`, ...texts].join('\n');
}

function versions({ home, root, manager, isRoot }: Examination): string[] {
  const system = readLeniently(join(root, 'etc/os-release')) ?? '';
  return [
    `Riposte ${VERSION}, home ${home.root}, ${isRoot ? 'examined by root' : 'not examined by root'}`,
    `Node ${process.versions.node} (${process.arch}), ${process.platform} ${release()}`,
    /^PRETTY_NAME="?([^"\n]*)/m.exec(system)?.[1] ?? 'unknown distribution',
    manager === undefined
      ? 'no manager'
      : `${manager.kind} ${manager.version ?? '(unknown version)'}, ${manager.role}`,
  ];
}

/** The lines that set something. The value of an unknown key may be a secret. */
function settingsIn(file: string): string[] {
  const text = readLeniently(file);
  if (text === undefined) return ['(missing)'];
  return text.split('\n').flatMap((line) => {
    const [, key] = /^\s*([\w-]+)\s*=/.exec(line) ?? [];
    if (key === undefined) return [];
    return KEYS.has(key) || key.startsWith('LOG_FORMAT_')
      ? printable(line.trim(), 500)
      : `${printable(key)}=(left out: unknown key)`;
  });
}

function linesOf(file: string): string[] {
  try {
    return lastLines(file, LINES).map((line) => printable(line, 2000));
  } catch (error) {
    return [`(${(error as Error).message})`];
  }
}

function readLeniently(file: string): string | undefined {
  const text = attempt(() => readIfThere(file, { followsLinks: true }));
  return text instanceof RiposteError ? `# ${text.message}` : text;
}
