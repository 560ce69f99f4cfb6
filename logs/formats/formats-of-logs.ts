import { EX, RiposteError } from '../../base/errors.ts';
import { formatOfLog } from '../configuration/configured-format.ts';
import type { ServerConfiguration } from '../configuration/configured-log.ts';
import type { ConfigurationHost } from '../configuration/host.ts';
import { FORMATS, RAW } from '../readers/formats.ts';
import type { FormatState } from '../readers/log-format.ts';
import { formatFromText } from '../readers/own-format.ts';
import type { LogFormat } from '../readers/reading.ts';
import { type Choice, type Claim, chooseFormat, formatOfClaim, remembered } from './format-choice.ts';
import type { KnownFormats } from './known-formats.ts';
import type { OwnFormat } from './own-formats.ts';

/** The sources that name the formats of logs. */
export interface FormatSources {
  /** formats.json. */
  readonly known: KnownFormats;
  /** The LOG_FORMAT_… settings, by their names. */
  readonly own: ReadonlyMap<string, Pick<OwnFormat, 'text'>>;
  readonly configurations: readonly ServerConfiguration[];
  readonly host: Pick<ConfigurationHost, 'realPath'>;
}

/** The format by which a log is read, ready for use. */
export interface ChosenFormat extends Omit<Choice, 'format'> {
  readonly name: string;
  /** Undefined for `raw`. */
  readonly format: LogFormat | undefined;
}

/**
 * The format of one log; see `chooseFormat`.
 *
 * @param log its name in LOGS @param written the format that LOGS names after it
 * @returns undefined if no source names the format; the log's lines must show it
 * @throws RiposteError (CONFIG) for a format that does not exist, and for a format in which a client could write an
 * address, if only the web server's configuration names that format
 */
export function formatFor(
  log: string,
  written: string | undefined,
  sources: FormatSources,
): ChosenFormat | undefined {
  const own = (name: string): Claim => {
    const text = sources.own.get(name)?.text;
    return text === undefined ? { format: name } : { format: name, definition: text };
  };
  const known = Object.hasOwn(sources.known, log) ? sources.known[log] : undefined;
  const configured = configuredFor(log, sources);
  if (configured instanceof RiposteError && written === undefined && !known?.isFirm) throw configured;
  const choice = chooseFormat({
    setting: written === undefined ? undefined : own(written),
    known,
    configuration: configured instanceof RiposteError ? undefined : configured,
  });
  if (choice === undefined) return undefined;
  const format = choice.format === RAW ? undefined : formatOfClaim(choice, ownFormats(sources));
  return { ...choice, name: choice.format, format };
}

/**
 * The known formats after a log's lines have been read; `known` itself if nothing is new.
 *
 * @param chosen the result of `formatFor` @param state of the log's LogReader; undefined for `raw` @param now ISO 8601
 */
export function withFormatOf(
  known: KnownFormats,
  log: string,
  chosen: ChosenFormat | undefined,
  state: Pick<FormatState, 'format' | 'isFirm'> | undefined,
  now: string,
): KnownFormats {
  const name = chosen?.name ?? state?.format;
  if (name === undefined) return known;
  const before = Object.hasOwn(known, log) ? known[log] : undefined;
  const after = remembered(
    {
      format: name,
      definition: chosen?.definition,
      origin: chosen?.origin ?? 'lines',
      isFirm: chosen?.isFirm || state?.isFirm === true,
    },
    before,
    now,
  );
  return after === before ? known : { ...known, [log]: after };
}

/**
 * Makes the formats of LOG_FORMAT_… settings.
 *
 * @throws RiposteError (CONFIG) for a definition that cannot be read
 */
export const ownFormats = ({ own }: Pick<FormatSources, 'own'>): LogFormat[] =>
  [...own].map(([name, { text }]) => formatFromText(name, text));

/**
 * Checks the formats of LOG_FORMAT_… settings, including formats that no log uses.
 *
 * @throws RiposteError (CONFIG) naming file, line and key of a format that cannot be read, or that has the name of a
 * built-in format
 */
export function checkOwnFormats(own: ReadonlyMap<string, OwnFormat>): void {
  for (const [name, { text, origin }] of own) {
    if (name === RAW || FORMATS.some((format) => format.name === name))
      throw new RiposteError(EX.CONFIG, `${origin}: ${name} is a built-in format; choose another name`);
    try {
      formatFromText(name, text);
    } catch (error) {
      if (!(error instanceof RiposteError)) throw error;
      const reason = error.message.replace(`log format '${name}': `, '');
      throw new RiposteError(error.exitCode, `${origin}: ${reason}`);
    }
  }
}

function configuredFor(
  log: string,
  { configurations, host }: FormatSources,
): Claim | RiposteError | undefined {
  if (!log.startsWith('/')) return undefined;
  try {
    const found = formatOfLog(host.realPath(log), configurations);
    if (found === undefined) return undefined;
    const { format, definition } = found;
    return definition === undefined ? { format: format.name } : { format: format.name, definition };
  } catch (error) {
    if (error instanceof RiposteError) return error;
    throw error;
  }
}
