import { EX, RiposteError } from '../../base/errors.ts';
import { expandPattern, type Matches, MOST_MATCHES, realPath } from './expand.ts';
import { formatOfSource, type LogSource, nameOfSource } from './log-source.ts';

/** A log to read. */
export type SourceLog = {
  /** The path, or `journal:UNIT`, as messages and positions have it. */
  readonly name: string;
  /** The format's name for formatNamed; undefined if none is given. */
  readonly format: string | undefined;
  /** True if a pattern has matched it, so it may vanish for good. */
  readonly isMatched: boolean;
} & ({ readonly kind: 'file'; readonly path: string } | { readonly kind: 'journal'; readonly unit: string });

/** The logs of some sources. */
export interface FoundLogs {
  /** Each once, in the order of the sources. */
  readonly logs: readonly SourceLog[];
  /** Patterns that match no file now. */
  readonly unmatched: readonly string[];
  /** Messages about directories that may not be read and patterns that match too much. */
  readonly problems: readonly string[];
  /** True if a pattern matches more logs than are read. */
  readonly hasMore: boolean;
}

/**
 * Finds the logs of all sources. Several sources may name the same log, by its path or by a link; the log is read once,
 * under the first of these names. If only one of the sources names a format, that format counts.
 *
 * @throws RiposteError (CONFIG) for a log with two formats
 */
export function findLogs(sources: readonly LogSource[]): FoundLogs {
  const { conflicts, ...found } = collect(sources);
  if (conflicts[0]) throw new RiposteError(EX.CONFIG, conflicts[0]);
  return found;
}

/** Finds the logs like `findLogs`, but does not refuse a log with two formats: the first format counts. */
export function collect(
  sources: readonly LogSource[],
): FoundLogs & { readonly conflicts: readonly string[] } {
  const byFile = new Map<string, SourceLog>();
  const unmatched: string[] = [];
  const conflicts: string[] = [];
  const problems: string[] = [];
  let hasMoreLogs = false;
  for (const source of sources) {
    const { logs, denied, hasMore } = logsOf(source);
    hasMoreLogs ||= hasMore;
    if (hasMore) problems.push(tooMany(nameOfSource(source)));
    problems.push(...denied.map((each) => `cannot read ${each}: permission denied (run as root?)`));
    if (logs.length === 0) unmatched.push(nameOfSource(source));
    for (const log of logs) {
      const key = log.kind === 'file' ? realPath(log.path) : log.name;
      const known = byFile.get(key);
      const format = known?.format ?? log.format;
      if (known && log.format !== undefined && format !== log.format) conflicts.push(conflict(known, log));
      byFile.set(key, known ? { ...known, format, isMatched: known.isMatched && log.isMatched } : log);
    }
  }
  return { logs: [...byFile.values()], unmatched, problems, hasMore: hasMoreLogs, conflicts };
}

/** @throws RiposteError (CONFIG) if there is no log to read, because no pattern matches */
export function requireLogs({ logs, unmatched, problems }: FoundLogs): void {
  if (logs.length === 0) throw noMatch(unmatched, problems);
}

/** @throws RiposteError (CONFIG) if any pattern matches nothing */
export function requireMatches({ unmatched, problems }: FoundLogs): void {
  if (unmatched.length > 0) throw noMatch(unmatched, problems);
}

const noMatch = (patterns: readonly string[], problems: readonly string[]): RiposteError =>
  new RiposteError(
    EX.CONFIG,
    [`no file matches ${patterns.join(', ')}`, ...problems, 'name a log that exists'].join('; '),
  );

const tooMany = (pattern: string): string =>
  `${pattern} matches more than ${MOST_MATCHES} logs: Riposte reads only the ${MOST_MATCHES} that were written last; ` +
  'use narrower patterns';

const conflict = (known: SourceLog, { name, format }: SourceLog): string => {
  const names = known.name === name ? name : `${known.name} (also ${name})`;
  return `${names} has two formats, ${known.format} and ${format}: remove one of them`;
};

function logsOf(source: LogSource): { logs: SourceLog[] } & Pick<Matches, 'denied' | 'hasMore'> {
  const format = formatOfSource(source);
  if (source.kind === 'pattern') {
    const { files, ...others } = expandPattern(source.pattern);
    return {
      logs: files.map((path) => ({ kind: 'file', name: path, path, format, isMatched: true })),
      ...others,
    };
  }
  const name = nameOfSource(source);
  const log: SourceLog =
    source.kind === 'file'
      ? { kind: 'file', name, path: source.path, format, isMatched: false }
      : { kind: 'journal', name, unit: source.unit, format, isMatched: false };
  return { logs: [log], denied: [], hasMore: false };
}
