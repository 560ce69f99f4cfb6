import { RiposteError } from '../base/errors.ts';
import { CARRIERS } from '../logs/carriers/carriers.ts';
import { definitionOf, formatOfConfigured, formatOfLog } from '../logs/configuration/configured-format.ts';
import type { ConfiguredLog, ServerConfiguration } from '../logs/configuration/configured-log.ts';
import { hasWildcard } from '../logs/configuration/wildcards.ts';
import { FORMATS, RAW } from '../logs/readers/formats.ts';

/** The lines about logs for riposte.conf, and remarks about them. */
export interface LogsToServe {
  /** Items of LOGS. */
  readonly items: readonly string[];
  /** LOG_FORMAT_… settings, by the part after LOG_FORMAT_: the formats that the items name. */
  readonly formats: ReadonlyMap<string, string>;
  /** Sentences about logs that were found or left out. */
  readonly remarks: readonly string[];
}

/**
 * The logs of web servers for `riposte serve`: access logs whose format lets no client write an address, and Apache's
 * error logs when ModSecurity writes there. nginx's error log is left out: clients can write whole lines into it.
 *
 * @param isFile whether a log exists as a regular file
 */
export function logsToServe(
  configurations: readonly ServerConfiguration[],
  isFile: (path: string) => boolean,
): LogsToServe {
  const items: string[] = [];
  const formats = new Map<string, string>();
  const remarks: string[] = [];
  for (const configuration of configurations) {
    const { logs, source, problems } = configuration;
    remarks.push(...problems);
    for (const log of onePerPath(logs)) {
      const name = log.path ?? log.target;
      const why = reasonAgainst(log, configuration, configurations, isFile);
      if (why !== undefined) {
        remarks.push(`left out ${name}: ${why}`);
        continue;
      }
      const { format, as } = formatToWrite(log, formats);
      items.push(as === undefined ? name : `${name}=${as}`);
      remarks.push(
        `found ${name} in ${source}: ${format}${log.remark === undefined ? '' : `; it ${log.remark}`}`,
      );
    }
  }
  return { items, formats, remarks };
}

/** The lines for riposte.conf. */
export const linesOf = ({ items, formats }: Pick<LogsToServe, 'items' | 'formats'>): string[] => [
  ...[...formats].map(([name, definition]) => `LOG_FORMAT_${name}=${definition}`),
  ...(items.length === 0 ? [] : [`LOGS=${items.join(',')}`]),
];

/** Removes duplicates: several virtual hosts may write to one log. */
function onePerPath(logs: readonly ConfiguredLog[]): ConfiguredLog[] {
  const first = new Map<string, ConfiguredLog>();
  for (const log of logs) {
    const key = `${log.kind} ${log.path ?? log.target}`;
    if (!first.has(key)) first.set(key, log);
  }
  return [...first.values()];
}

/** The reason why a log must not be read; undefined when it may be read. */
function reasonAgainst(
  log: ConfiguredLog,
  { hasModSecurity }: ServerConfiguration,
  configurations: readonly ServerConfiguration[],
  isFile: (path: string) => boolean,
): string | undefined {
  const { path, kind, server, problem } = log;
  if (kind === 'error' && server === 'nginx') return 'clients can write whole lines into nginx’s error log';
  if (path === undefined) return `it ${problem ?? 'is not a regular file'}`;
  if (kind === 'error' && !hasModSecurity) return 'without ModSecurity it contains nothing to respond to';
  if (hasWildcard(path))
    return 'rotatelogs regularly begins a file with another name: give it -L LINK, and name the link in LOGS';
  if (!/^[^\s,#'"`]+$/.test(path)) return 'its path has a character that LOGS cannot hold';
  if (!isFile(path)) return 'it does not exist';
  try {
    formatOfConfigured(log);
    formatOfLog(path, configurations);
    return undefined;
  } catch (error) {
    if (error instanceof RiposteError) return error.message;
    throw error;
  }
}

/** Formats that can be recognised by their lines. */
const RECOGNISED = new Set(['combined', 'vhost_combined', 'apache-error']);

/** @returns `as`: the format for LOGS; undefined when the log's lines show it */
function formatToWrite(
  log: ConfiguredLog,
  formats: Map<string, string>,
): { format: string; as?: string | undefined } {
  const { format, definition } = formatOfConfigured(log);
  if (definition === undefined)
    return { format: format.name, as: RECOGNISED.has(format.name) ? undefined : format.name };
  const text = log.format === undefined ? definition : definitionOf(log.format);
  // A line of riposte.conf cannot hold this text, so riposte serve reads it from the web server's configuration.
  if (/[\r\n]/.test(text)) return { format: format.name };
  const name = nameFor(log.format?.name ?? '', text, formats);
  formats.set(name, text);
  return { format: text, as: name };
}

/**
 * The nickname in the configuration, made valid as a name after LOG_FORMAT_, and different from the names of other
 * formats.
 */
function nameFor(nickname: string, text: string, formats: ReadonlyMap<string, string>): string {
  const plain = nickname.replace(/[^\w-]/g, '_') || 'own';
  const isTaken = (name: string): boolean =>
    name === RAW ||
    [...FORMATS, ...CARRIERS].some((each) => each.name === name) ||
    (formats.has(name) && formats.get(name) !== text);
  let name = isTaken(plain) ? `own-${plain}` : plain;
  for (let number = 2; isTaken(name); number++) name = `own-${plain}-${number}`;
  return name;
}
