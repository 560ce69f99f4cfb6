import { formatNamed, RAW } from '../readers/formats.ts';
import { formatFromText, isSameFormat } from '../readers/own-format.ts';
import type { LogFormat } from '../readers/reading.ts';
import type { KnownFormat } from './known-formats.ts';

/** A format that a setting or a configuration names. */
export type Claim = Pick<KnownFormat, 'format' | 'definition'>;

/** The sources that name the format of one log. */
export interface Claims {
  /** LOGS in riposte.conf, or an option. */
  readonly setting: Claim | undefined;
  /** formats.json: the format so far. */
  readonly known: KnownFormat | undefined;
  /** The web server's present configuration. */
  readonly configuration: Claim | undefined;
}

/** The format in which a log is read. */
export interface Choice extends Claim, Pick<KnownFormat, 'origin' | 'isFirm'> {
  /** The definition or the name of the format in the web server's present configuration, if it is another format. */
  readonly differs?: string | undefined;
}

/**
 * Chooses the format of a log: the format that a setting names, else the known format if it is firm, else the format in
 * the web server's configuration, else the format that was recognized by the log's lines. A firm format stays when the
 * configuration changes: the old lines are still in the log, and only an administrator knows where the new ones begin.
 *
 * @returns undefined if nothing names a format: the log's lines decide
 */
export function chooseFormat({ setting, known, configuration }: Claims): Choice | undefined {
  if (setting) return { ...setting, origin: 'setting', isFirm: true, ...difference(setting, configuration) };
  if (known?.isFirm)
    return { ...claimOf(known), origin: known.origin, isFirm: true, ...difference(known, configuration) };
  if (configuration) return { ...configuration, origin: 'configuration', isFirm: true };
  return known && { ...claimOf(known), origin: known.origin, isFirm: false };
}

/**
 * The log's format for formats.json. Returns `known` itself if nothing has changed.
 *
 * @param now ISO 8601
 */
export function remembered(choice: Choice, known: KnownFormat | undefined, now: string): KnownFormat {
  const { format, definition, origin, isFirm } = choice;
  if (known && isSame(choice, known) && known.origin === origin && known.isFirm === isFirm) return known;
  const since = known && isSame(choice, known) ? known.since : now;
  return { format, origin, isFirm, since, ...(definition === undefined ? {} : { definition }) };
}

/**
 * @param own the formats of LOG_FORMAT_… settings
 * @throws RiposteError (CONFIG) for a name that no format has, and for a definition that cannot be read
 */
export const formatOfClaim = ({ format, definition }: Claim, own: readonly LogFormat[]): LogFormat =>
  definition === undefined ? formatNamed(format, own) : formatFromText(format, definition);

const claimOf = ({ format, definition }: KnownFormat): Claim =>
  definition === undefined ? { format } : { format, definition };

function difference(used: Claim, configuration: Claim | undefined): Pick<Choice, 'differs'> {
  // The decoders of `raw` take lines of any form.
  return configuration === undefined || used.format === RAW || isSame(used, configuration)
    ? {}
    : { differs: configuration.definition ?? configuration.format };
}

/** If the claims have definitions, only the definitions are compared: the names beside them are for messages. */
function isSame(a: Claim, b: Claim): boolean {
  if (a.definition === undefined || b.definition === undefined)
    return a.definition === b.definition && a.format === b.format;
  return isSameFormat(a.definition, b.definition);
}
