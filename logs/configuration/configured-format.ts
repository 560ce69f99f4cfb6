import { EX, RiposteError } from '../../base/errors.ts';
import { formatNamed } from '../readers/formats.ts';
import { formatFromText } from '../readers/own-format.ts';
import type { LogFormat } from '../readers/reading.ts';
import type { ConfiguredLog, FormatText, ServerConfiguration } from './configured-log.ts';
import { hasWildcard, matchesPath } from './wildcards.ts';

/** The format of a log in a web server's configuration. */
export interface ConfiguredFormat {
  readonly format: LogFormat;
  /** Its definition in the form of LOG_FORMAT_…; undefined for a built-in format. */
  readonly definition: string | undefined;
  /** The position of the directive: file and line. */
  readonly place: string;
}

/**
 * The format of a log by the web servers' configurations.
 *
 * @param path with the links in its directories resolved
 * @returns undefined for a log that no configuration names, and for Apache's error log unless Apache's own program
 * printed the configuration
 * @throws RiposteError (CONFIG) for a format in which a client could write an address, for a missing format, and for a
 * log that is written in two formats
 */
export function formatOfLog(
  path: string,
  configurations: readonly ServerConfiguration[],
): ConfiguredFormat | undefined {
  const found = configurations.flatMap((configuration) =>
    configuration.logs
      .filter((log) => isLogAt(log, path))
      // Apache before 2.4 writes another form of error log. Only Apache's own program shows that its version is 2.4
      // or later.
      .filter(({ kind, server }) => kind === 'access' || server === 'nginx' || configuration.isAsked),
  );
  const [first] = found;
  if (first === undefined) return undefined;
  const other = found.find((each) => identity(each) !== identity(first));
  if (other !== undefined)
    throw new RiposteError(
      EX.CONFIG,
      `the web server writes ${path} in two formats (${first.place}, ${other.place}): give each format its own log`,
    );
  return formatOfConfigured(first);
}

/** True if a configured log is at this path. A pattern stands for all files that a program begins in turn. */
export function isLogAt({ path }: ConfiguredLog, wanted: string): boolean {
  if (path === undefined) return false;
  return path === wanted || (hasWildcard(path) && matchesPath(path, wanted));
}

/** Two texts are one format if the same reader parses both. */
const identity = ({ server, kind, format, problem }: ConfiguredLog): string =>
  JSON.stringify([server, kind, problem, format && (wellKnown(format) ?? definitionOf(format))]);

/**
 * @throws RiposteError (CONFIG) naming the directive, for a log that cannot be read, for a missing format, and for a
 * format in which a client could write an address
 */
export function formatOfConfigured(log: ConfiguredLog): ConfiguredFormat {
  const { kind, server, format, place, problem } = log;
  try {
    if (kind === 'error') {
      if (problem !== undefined) throw new RiposteError(EX.CONFIG, `the error log ${problem}`);
      return { format: formatNamed(`${server}-error`), definition: undefined, place };
    }
    if (format === undefined)
      throw new RiposteError(EX.CONFIG, `${log.target} ${problem ?? 'has no format'}`);
    const name = wellKnown(format);
    if (name !== undefined) return { format: formatNamed(name), definition: undefined, place };
    const definition = definitionOf(format);
    return { format: formatFromText(nameOf(format), definition), definition, place };
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    throw new RiposteError(EX.CONFIG, `${place}: ${error.message}`);
  }
}

/** Prefixes a nickname with the server, because Riposte may have another format of that name. */
const nameOf = ({ dialect, name }: FormatText): string =>
  name === '' ? `${dialect}:own` : `${dialect}:${name}`;

/** Renders the definition for `formatFromText`, quoted so that no text can be mistaken for syntax. */
export function definitionOf({ dialect, text, escaping }: FormatText): string {
  if (dialect === 'apache') return `apache:"${text.replaceAll('"', '\\"')}"`;
  const option = escaping === 'default' ? '' : `escape=${escaping} `;
  return `nginx:${option}'${text.replace(/['\\]/g, '\\$&')}'`;
}

/**
 * The built-in format of exactly these lines, if there is one. JSON has none: `nginx-json` finds the client by the
 * usual names of keys, and only the definition shows which key holds $remote_addr, and which key holds a header from
 * the client.
 */
export function wellKnown({ dialect, text, escaping }: FormatText): string | undefined {
  if (dialect === 'apache') {
    const plain = text
      .replace(/%[<>]s/g, '%s')
      .replace(/%(?:a|\{c\}a|\{c\}h)/g, '%h')
      .replace(/%[OB]/g, '%b');
    return APACHE[plain.replace(/%\{(\w+(?:-\w+)*)\}i/g, (each) => each.toLowerCase())];
  }
  return escaping === 'default' ? NGINX[text.replace('$bytes_sent', '$body_bytes_sent')] : undefined;
}

const COMMON = '%h %l %u %t "%r" %s %b';
const COMBINED = `${COMMON} "%{referer}i" "%{user-agent}i"`;
const APACHE: Readonly<Record<string, string>> = {
  [COMMON]: 'combined',
  [COMBINED]: 'combined',
  [`%v ${COMBINED}`]: 'vhost_combined',
  [`%v:%p ${COMBINED}`]: 'vhost_combined',
  [`%v ${COMMON}`]: 'vhost_combined',
  [`%v:%p ${COMMON}`]: 'vhost_combined',
};

const NGINX_COMBINED =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';
const NGINX: Readonly<Record<string, string>> = {
  [NGINX_COMBINED]: 'combined',
  [`$server_name ${NGINX_COMBINED}`]: 'vhost_combined',
  [`$server_name:$server_port ${NGINX_COMBINED}`]: 'vhost_combined',
};
