import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { debug } from '../base/debug.ts';
import { RiposteError } from '../base/errors.ts';
import { withoutEmpty } from '../logs/files/lines.ts';
import { READ } from '../logs/files/no-file.ts';
import { type FormatSources, formatFor, withFormatOf } from '../logs/formats/formats-of-logs.ts';
import { type KnownFormats, withoutGone } from '../logs/formats/known-formats.ts';
import type { ProxyPolicy } from '../logs/proxies/client-of.ts';
import { RAW } from '../logs/readers/formats.ts';
import { LogReader } from '../logs/readers/log-format.ts';
import type { SourceLog } from '../logs/sources/find-logs.ts';
import { type EvaluatedLog, isErrorLog } from './evaluated-log.ts';

/** The rules that decide the formats of logs before their lines are read. */
export interface FormatRules {
  readonly policy: ProxyPolicy;
  /** The format of logs that are named without a format: --format, or `raw` with a manager's ruleset. */
  readonly written: string | undefined;
  readonly sources: FormatSources;
  /** Seconds since 1970. */
  readonly now: number;
}

/**
 * Checks the formats that are given for logs, before anything is created or changed.
 *
 * @throws RiposteError (CONFIG) as `evaluatedLog`
 */
export function checkWrittenFormats(logs: readonly SourceLog[], rules: FormatRules): void {
  for (const { name, format } of logs)
    if (format !== undefined || rules.written !== undefined) evaluatedLog(name, format, rules);
}

/** The number of bytes to read at a log's beginning, or at its end, to find its format. */
const PIECE = 64 * 1024;

/**
 * Makes the readers of logs. Error logs come last, because requests must be read before the errors that they confirm.
 * A log is left out if the web server's configuration gives it a format in which a client could write an address.
 *
 * @param complain gets a message for each log that is left out
 * @throws RiposteError (CONFIG) for a format that LOGS or --format names and that cannot be used, and if the only log
 * would be left out
 */
export function evaluatedLogs(
  logs: readonly SourceLog[],
  rules: FormatRules,
  complain: (message: string) => void,
): EvaluatedLog[] {
  const evaluated: EvaluatedLog[] = [];
  for (const log of logs) {
    try {
      const unit = log.kind === 'journal' ? log.unit : undefined;
      evaluated.push({ ...evaluatedLog(log.name, log.format, rules), unit });
    } catch (error) {
      const isOnly = logs.length === 1;
      if (
        !(error instanceof RiposteError) ||
        log.format !== undefined ||
        rules.written !== undefined ||
        isOnly
      )
        throw error;
      complain(
        `Riposte does not read ${log.name}: ${error.message}; or name its format in LOGS (${log.name}=FORMAT)`,
      );
    }
  }
  evaluated.forEach(detectFormat);
  for (const { location, chosen, reader } of evaluated)
    debug('log', () => ({ location, chosen: chosen?.name, origin: chosen?.origin, state: reader?.state }));
  return evaluated.sort((a, b) => Number(isErrorLog(a)) - Number(isErrorLog(b)));
}

/**
 * Chooses the format of a log and makes its reader.
 *
 * @param written the format that LOGS or the operand names, if any
 * @throws RiposteError (CONFIG) for a format that does not exist, or in which a client could write an address
 */
export function evaluatedLog(path: string, written: string | undefined, rules: FormatRules): EvaluatedLog {
  const { policy, now, sources } = rules;
  const given = written ?? rules.written;
  const isKnown = given !== undefined || (Object.hasOwn(sources.known, path) && sources.known[path]?.isFirm);
  const chosen = named(path, written, () =>
    formatFor(path, given, isKnown ? withoutConfiguration(sources) : sources),
  );
  if (chosen?.name === RAW) return { location: path, reader: undefined, chosen };
  const format = chosen?.format && { format: chosen.format, origin: chosen.origin, isFirm: chosen.isFirm };
  return { location: path, reader: new LogReader({ policy, now }, format), chosen };
}

/** Puts the log's name before the message of an error about the format that is written behind that name. */
function named<T>(path: string, written: string | undefined, choose: () => T): T {
  try {
    return choose();
  } catch (error) {
    if (!(error instanceof RiposteError) || written === undefined) throw error;
    throw new RiposteError(error.exitCode, `${path}: ${error.message}`);
  }
}

/**
 * A known format does not change, even if the web server's configuration has changed, so the configuration is not read.
 */
const withoutConfiguration = ({ known, own, host }: FormatSources): FormatSources => ({
  known,
  own,
  host,
  configurations: [],
});

/**
 * Adds the formats of these logs to the known formats, and drops the formats of logs that are gone. Returns `known`
 * itself if there is nothing to add.
 *
 * @param now ISO 8601
 */
export function formatsToRemember(
  logs: readonly EvaluatedLog[],
  known: KnownFormats,
  now: string,
): KnownFormats {
  const formats = logs.reduce(
    (all, { location, reader, chosen }) => withFormatOf(all, location, chosen, reader?.state, now),
    known,
  );
  return formats === known ? known : withoutGone(formats, new Set(logs.map(({ location }) => location)));
}

/** Recognizes a log's format by its first lines, if nothing else decides it and the log exists already. */
export function detectFormat({ location, reader }: EvaluatedLog): void {
  if (reader && location.startsWith('/')) reader.begin({ head: firstLines(location), last: [] });
}

/**
 * Prepares the reader of a log that will be read from its end. The reader gets the last lines of the log, because the
 * next line may continue them.
 */
export function beginAtEnd({ location, reader }: EvaluatedLog): void {
  if (reader && location.startsWith('/'))
    reader.begin({ head: firstLines(location), last: lastLines(location) });
}

const firstLines = (path: string): string[] => linesAt(path, () => 0).slice(0, MOST_LINES);

function lastLines(path: string): string[] {
  const lines = linesAt(path, (size) => Math.max(0, size - PIECE));
  return lines.slice(-MOST_LINES);
}

/** Enough lines to recognize any format. */
const MOST_LINES = 200;

/**
 * The whole lines of a piece of a file. If the file cannot be read, returns no lines; the code that follows the log
 * reports the error.
 */
function linesAt(path: string, from: (size: number) => number): string[] {
  let fd: number;
  try {
    fd = openSync(path, READ);
  } catch {
    return [];
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) return [];
    const bytes = Buffer.alloc(PIECE);
    const at = from(stats.size);
    const text = bytes.toString('latin1', 0, readSync(fd, bytes, 0, PIECE, at));
    return withoutEmpty(text.split('\n').slice(at === 0 ? 0 : 1, -1));
  } catch {
    return [];
  } finally {
    closeSync(fd);
  }
}
