import { EX, RiposteError } from '../../base/errors.ts';
import { readIfThere } from '../../base/files.ts';
import { printable } from '../../base/printable.ts';

/** A format that riposte.conf describes. */
export interface OwnFormat {
  /** `apache:` or `nginx:`, and the format string of the web server's configuration. */
  readonly text: string;
  /** File, line and key, for messages. */
  readonly origin: string;
}

/**
 * The formats of LOG_FORMAT_… lines, by the name after LOG_FORMAT_, from the first of `files` that exists. If a name
 * comes twice, the last one counts. The text after `=` stays unchanged, with `#`, `$` and quotes, as in the web
 * server's configuration; only one pair of quotes around the whole text is removed.
 *
 * @throws RiposteError (CONFIG) naming file, line and key for a line without a format; (IOERR, NOPERM) for a file that
 * cannot be read
 */
export function loadLogFormats(files: readonly string[]): ReadonlyMap<string, OwnFormat> {
  for (const file of files) {
    const text = readIfThere(file);
    if (text !== undefined) return logFormatsIn(text, file);
  }
  return new Map();
}

/** The formats in the text of one file, like `loadLogFormats`. */
export const logFormatsIn = (text: string, file: string): ReadonlyMap<string, OwnFormat> =>
  new Map(text.split(/\r?\n/).flatMap((line, index) => formatIn(line, `${file}:${index + 1}`)));

function formatIn(line: string, at: string): [string, OwnFormat][] {
  const [, name, value = ''] = /^\s*LOG_FORMAT_([\w-]+)\s*=(.*)$/s.exec(line) ?? [];
  if (name === undefined) return [];
  const text = withoutQuotes(value.trim());
  const origin = `${at}: LOG_FORMAT_${name}`;
  if (/^(apache|nginx):./.test(text)) return [[name, { text, origin }]];
  const form = 'apache: or nginx: and the format string of the web server’s configuration';
  throw new RiposteError(EX.CONFIG, `${origin} is '${printable(text, 80)}', but must be ${form}`);
}

function withoutQuotes(text: string): string {
  const quote = text[0];
  const isQuoted = text.length >= 2 && (quote === '"' || quote === "'") && text.endsWith(quote);
  return isQuoted ? text.slice(1, -1) : text;
}
