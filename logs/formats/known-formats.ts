import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EX, RiposteError } from '../../base/errors.ts';
import { makeDirectory, readIfThere, replaceFile } from '../../base/files.ts';
import { jsonObjectIn } from '../../base/json.ts';
import { namesIn } from '../../base/names-in.ts';
import { isRotatedFormOf } from '../sources/rotated-names.ts';

/** The known format of a log, for the log's whole life: it survives rotation and restarts. */
export interface KnownFormat {
  /** A name of FORMATS or of a LOG_FORMAT_… setting. If there is a definition, the name is only for messages. */
  readonly format: string;
  /** The source that decided it: LOGS in riposte.conf, the web server's configuration, or the log's own lines. */
  readonly origin: 'setting' | 'configuration' | 'lines';
  /** True when only an administrator can change it. */
  readonly isFirm: boolean;
  /** The time at which it became known, ISO 8601. */
  readonly since: string;
  /** The definition of the format, as LOG_FORMAT_… takes it: `apache:"%a %t …"`. */
  readonly definition?: string | undefined;
}

/** By the log's name. */
export type KnownFormats = Readonly<Record<string, KnownFormat>>;

/** @param directory where Riposte keeps its data */
export const knownFormatsFile = (directory: string): string => join(directory, 'formats.json');

/**
 * @throws RiposteError (CONFIG) when the file is damaged, because without the file, an attacker's line could choose a
 * format
 */
export function readKnownFormats(directory: string): KnownFormats {
  const file = knownFormatsFile(directory);
  const text = readIfThere(file);
  if (text === undefined) return {};
  const formats = parsed(text);
  if (formats !== undefined) return formats;
  throw new RiposteError(
    EX.CONFIG,
    `${file} is damaged; remove it to detect anew all formats that LOGS does not name (PATH=FORMAT)`,
  );
}

/**
 * Leaves out the formats of logs that are gone for good, such as logs of old containers. Such a log is not read any
 * more, and neither the log nor a rotated form of it is on disk. A log that is missing for a moment during a rotation
 * keeps its format, because otherwise an attacker could choose the format by the first line of the new log.
 *
 * @param read the names of the logs that are read now
 */
export function withoutGone(formats: KnownFormats, read: ReadonlySet<string>): KnownFormats {
  const isKept = (log: string): boolean =>
    read.has(log) || !log.startsWith('/') || existsSync(log) || isRotated(log);
  return Object.fromEntries(Object.entries(formats).filter(([log]) => isKept(log)));
}

/** True if rotated forms of a log are on disk, or if its directory cannot be read. */
function isRotated(log: string): boolean {
  try {
    return namesIn(dirname(log)).some((name) => isRotatedFormOf(basename(log), name));
  } catch (error) {
    if (error instanceof RiposteError) return true;
    throw error;
  }
}

export function writeKnownFormats(directory: string, formats: KnownFormats): void {
  const file = knownFormatsFile(directory);
  makeDirectory(dirname(file), 0o755);
  replaceFile(file, `${JSON.stringify(formats, undefined, 1)}\n`);
}

/**
 * Forgets the format of a log, so that it is found anew at the next start.
 *
 * @throws RiposteError (USAGE) naming the logs with a known format
 */
export function forgetFormat(formats: KnownFormats, log: string): KnownFormats {
  if (Object.hasOwn(formats, log))
    return Object.fromEntries(Object.entries(formats).filter(([name]) => name !== log));
  const names = Object.keys(formats).sort();
  const known =
    names.length === 0
      ? 'it knows no format of any log'
      : `it knows the formats of these logs: ${names.join(', ')}`;
  throw new RiposteError(
    EX.USAGE,
    `Riposte knows no format of ${log}, so there is nothing to forget; ${known}`,
  );
}

function parsed(text: string): KnownFormats | undefined {
  const value = jsonObjectIn(text);
  return value && Object.values(value).every(isKnownFormat) ? (value as KnownFormats) : undefined;
}

function isKnownFormat(value: unknown): value is KnownFormat {
  const { format, origin, isFirm, since, definition } = (value ?? {}) as Partial<KnownFormat>;
  return (
    typeof format === 'string' &&
    format !== '' &&
    (origin === 'setting' || origin === 'configuration' || origin === 'lines') &&
    typeof isFirm === 'boolean' &&
    !Number.isNaN(Date.parse(`${since}`)) &&
    (definition === undefined || typeof definition === 'string')
  );
}
