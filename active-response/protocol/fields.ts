import { EX, RiposteError } from '../errors.ts';
import { hasControls, printable } from '../printable.ts';

/** A JSON object whose fields are not known yet. */
export type Json = { readonly [name: string]: unknown };

/**
 * Readers of single fields of a message that an attacker wrote half of. `name` is the field's path, for the
 * message. An absent field and `null` are undefined (Wazuh's API sends null); any other type than the one
 * asked for is an error, as are control characters.
 *
 * @throws RiposteError (DATAERR)
 */
export function object(name: string, value: unknown): Json | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object' || Array.isArray(value)) throw wrong(name, 'an object', value);
  return value as Json;
}

export function text(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw wrong(name, 'a text', value);
  return clean(name, value);
}

/**
 * A text of an attacker's that is only shown: cut, and made printable. What is wrong with it keeps nobody from being
 * blocked, so any other type is as good as none.
 */
export function shown(value: unknown, longest: number): string | undefined {
  return typeof value === 'string' && value !== '' ? printable(value, longest) : undefined;
}

/** The longest description of a rule, and line of a log, that are kept, in characters. */
export const LONGEST_DESCRIPTION = 200;
export const LONGEST_LOG = 1000;

/** A text that may also come as a number, as identifiers do. */
export function identifier(name: string, value: unknown): string | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : text(name, value);
}

/** A whole number of at least 0, also when it comes as a text of digits. */
export function count(name: string, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (!Number.isSafeInteger(number) || (number as number) < 0) throw wrong(name, 'a whole number', value);
  return number as number;
}

export function texts(name: string, value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrong(name, 'a list of texts', value);
  return value.map((item, index) => {
    if (typeof item !== 'string') throw wrong(`${name}[${index}]`, 'a text', item);
    return clean(`${name}[${index}]`, item);
  });
}

/** Our word for the manager's command. @param words the manager's words for `add` and `delete` */
export function command(
  value: unknown,
  [add, remove]: readonly [add: string, remove: string],
): 'add' | 'delete' {
  const word = text('command', value) ?? '';
  if (word === add) return 'add';
  if (word === remove) return 'delete';
  throw new RiposteError(EX.DATAERR, `command '${printable(word, 40)}' is neither ${add} nor ${remove}`);
}

/** The text itself. @throws RiposteError (DATAERR) when it holds control characters */
export function clean(name: string, value: string): string {
  if (hasControls(value))
    throw new RiposteError(EX.DATAERR, `${name} holds control characters: '${printable(value, 80)}'`);
  return value;
}

function wrong(name: string, expected: string, value: unknown): RiposteError {
  const found = value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value;
  return new RiposteError(EX.DATAERR, `${name} is not ${expected} but ${found}`);
}
