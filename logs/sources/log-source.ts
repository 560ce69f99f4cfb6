import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { EX, RiposteError } from '../../base/errors.ts';

/**
 * A source of lines, as an item of LOGS or an operand names it, with `format` if the item or the operand names a
 * format.
 */
export type LogSource =
  | { readonly kind: 'file'; readonly path: string; readonly format?: string }
  | { readonly kind: 'pattern'; readonly pattern: string; readonly format?: string }
  | { readonly kind: 'journal'; readonly unit: string; readonly format?: string };

/**
 * Reads one item of LOGS, or one operand: `/path`, `/dir/*access*.log` (`*` and `?`, also in directories),
 * `journal:UNIT`. Each may be followed by `=FORMAT`.
 *
 * A path may hold `=` itself. Only the text after the last `=` can be a format, if it looks like a format's name. If
 * a file with the whole text as its path exists, there is no format.
 *
 * @param directory the directory of relative paths; without it a path must be absolute
 * @throws RiposteError (CONFIG) for a text of none of these forms
 */
export function parseLogSource(text: string, directory?: string): LogSource {
  const journal = /^journal:(.*?)(?:=([\w:.-]+))?$/.exec(text);
  if (journal) return withFormat({ kind: 'journal', unit: unitOf(journal[1] ?? '', text) }, journal[2]);
  if (text === '' || (directory === undefined && !text.startsWith('/')))
    throw wrong(text, 'a log is an absolute path, or journal:UNIT');
  const whole = resolve(directory ?? '/', text);
  const [, head, format] = /^(.*)=([\w:.-]+)$/s.exec(whole) ?? [];
  if (head === undefined || existsSync(whole)) return fileOrPattern(whole, undefined);
  if (head.endsWith('/')) throw wrong(text, 'there is no path before =');
  return fileOrPattern(head, format);
}

/** The name of a source in messages, positions and `serve --status`. */
export function nameOfSource(source: LogSource): string {
  if (source.kind === 'journal') return `journal:${source.unit}`;
  return source.kind === 'file' ? source.path : source.pattern;
}

/**
 * The format of a source's lines, as `formatNamed` takes it: lines of the journal come in journald's JSON. Undefined
 * if the source names no format.
 */
export function formatOfSource({ kind, format }: LogSource): string | undefined {
  if (kind !== 'journal' || format === undefined || format === 'raw') return format;
  return format.startsWith('journald:') ? format : `journald:${format}`;
}

export const isPattern = (path: string): boolean => /[*?]/.test(path);

function fileOrPattern(path: string, format: string | undefined): LogSource {
  return withFormat(isPattern(path) ? { kind: 'pattern', pattern: path } : { kind: 'file', path }, format);
}

const withFormat = <T extends LogSource>(source: T, format: string | undefined): T =>
  format === undefined ? source : { ...source, format };

/** systemd.unit(5): the kinds of units; a name without one is a service. */
const KIND_OF_UNIT = /\.(?:service|socket|scope|slice|mount|automount|swap|target|path|timer|device)$/;

function unitOf(name: string, text: string): string {
  if (!/^[\w.@:\\][\w.@:\\-]{0,240}$/.test(name))
    throw wrong(text, 'the name of a unit must follow journal:');
  return KIND_OF_UNIT.test(name) ? name : `${name}.service`;
}

const wrong = (text: string, why: string): RiposteError =>
  new RiposteError(EX.CONFIG, `'${text.slice(0, 200)}' is not a log: ${why}`);
