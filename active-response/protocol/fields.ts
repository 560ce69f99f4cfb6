import { EX, RiposteError } from '../../base/errors.ts';
import { hasControls, printable } from '../../base/printable.ts';
import type { Request } from './request.ts';

/** A JSON object with unknown fields. */
export type Json = { readonly [name: string]: unknown };

/**
 * These functions read the fields that a request requires: the message itself, its command, its settings. `name` is the
 * field's path, for the error. They return undefined for an absent field and for `null` (Wazuh's API sends null), and
 * refuse any other type and control characters.
 *
 * @throws RiposteError (DATAERR)
 */
export function object(name: string, value: unknown): Json | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object' || Array.isArray(value)) throw wrongType(name, 'an object', value);
  return value as Json;
}

export function text(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw wrongType(name, 'a text', value);
  return clean(name, value);
}

/**
 * Reads a field for display only: shortens it and makes it printable. Undefined for a list, an object, and an empty
 * text. Never fails: an attacker may have written the field, and must not avoid a block with it.
 */
export function shown(value: unknown, longest: number): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return printable(String(value), longest);
  return typeof value === 'string' && value !== '' ? printable(value, longest) : undefined;
}

/** The maximum lengths of a message's texts, in characters. */
export const LONGEST_ID = 80;
export const LONGEST_NAME = 200;
export const LONGEST_DESCRIPTION = 200;
export const LONGEST_LOG = 1000;

/** The fields of an object; empty for any other value. Never fails, like {@link shown}. */
export function fieldsOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** Reads a whole number of at least 0, also from a text of digits; undefined for anything else. */
export function count(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) && (number as number) >= 0 ? (number as number) : undefined;
}

/** A field that may hold the address: its path and its value. */
export type Candidate = readonly [path: string, value: unknown];

/**
 * Reads the address of a message from the first field whose text is neither empty nor `-`. Does not parse the address.
 *
 * @returns the address; if no field has one, an empty text and the paths of the fields, for the error
 */
export function addressIn(candidates: readonly Candidate[]): Pick<Request, 'address' | 'lookedAt'> {
  for (const [, value] of candidates)
    if (typeof value === 'string' && value !== '' && value !== '-')
      return { address: printable(value, LONGEST_NAME) };
  const lookedAt = candidates.map(([path, value]) => {
    const isOfWrongType = value !== undefined && value !== null && typeof value !== 'string';
    return isOfWrongType ? `${path} (${typeOf(value)})` : path;
  });
  return { address: '', lookedAt };
}

export function texts(name: string, value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrongType(name, 'a list of texts', value);
  return value.map((item, index) => {
    if (typeof item !== 'string') throw wrongType(`${name}[${index}]`, 'a text', item);
    return clean(`${name}[${index}]`, item);
  });
}

/** Translates the manager's command. @param words the manager's words for `add` and `delete` */
export function command(
  value: unknown,
  [add, remove]: readonly [add: string, remove: string],
): 'add' | 'delete' {
  const word = text('command', value) ?? '';
  if (word === add) return 'add';
  if (word === remove) return 'delete';
  throw new RiposteError(EX.DATAERR, `command '${printable(word, 40)}' is neither ${add} nor ${remove}`);
}

/** Returns the text. @throws RiposteError (DATAERR) when it contains control characters */
export function clean(name: string, value: string): string {
  if (hasControls(value))
    throw new RiposteError(EX.DATAERR, `${name} holds control characters: '${printable(value, 80)}'`);
  return value;
}

function wrongType(name: string, expected: string, value: unknown): RiposteError {
  return new RiposteError(EX.DATAERR, `${name} is not ${expected} but ${typeOf(value)}`);
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value;
}
