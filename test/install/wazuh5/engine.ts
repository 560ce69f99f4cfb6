import { jsonIn } from '../../../base/json.ts';
import { readLogpar } from './logpar.ts';

/** The fields of an event by their dotted names. Fields whose names begin with `_` are temporary. */
export type Event = Record<string, unknown>;

type Block = Record<string, unknown>;

/**
 * Decodes a line as the documentation of Wazuh 5's engine says (branch 5.0.1: docs/ref/modules/engine): the first
 * decoder below the root that accepts the event decodes the line. Knows only the helpers that Riposte's decoders use.
 *
 * @returns undefined when no decoder accepts the event
 * @throws Error for another helper
 */
export function decode(decoders: readonly Block[], location: string, line: string): Event | undefined {
  for (const decoder of decoders) {
    const event: Event = { 'event.original': line, 'wazuh.protocol.location': location };
    if (!runStages(decoder, event, false)) continue;
    return Object.fromEntries(Object.entries(event).filter(([name]) => !name.startsWith('_')));
  }
  return undefined;
}

/** @param isBlock true for the stages of a block in `normalize` */
function runStages(stages: Block, event: Event, isBlock: boolean): boolean {
  for (const [stage, value] of Object.entries(stages)) {
    if (stage === 'check') {
      if (!passes(value, event)) return false;
    } else if (stage.startsWith('parse|')) {
      if (!parses(stage.slice('parse|'.length), value as string[], event)) return false;
    } else if (stage === 'normalize' && !isBlock) {
      for (const block of value as Block[]) runStages(block, event, true);
    } else if (stage === 'map' && isBlock) {
      for (const operation of value as Block[]) map(operation, event);
    } else if (isBlock || !['id', 'name', 'enabled', 'metadata'].includes(stage)) {
      throw new Error(`no stage ${stage}`);
    }
  }
  return true;
}

function parses(field: string, expressions: readonly string[], event: Event): boolean {
  const text = read(event, field);
  if (typeof text !== 'string') return false;
  for (const expression of expressions) {
    const found = readLogpar(expression, text);
    if (found === undefined) continue;
    for (const [name, value] of Object.entries(found)) set(event, name, value);
    return true;
  }
  return false;
}

/** A list of conditions, or terms with AND and OR. */
function passes(check: unknown, event: Event): boolean {
  if (Array.isArray(check))
    return check.every((item: Block) =>
      Object.entries(item).every(([field, how]) => holds(event, field, how)),
    );
  return String(check)
    .split(' OR ')
    .some((terms) => terms.split(' AND ').every((term) => holdsTerm(event, term.trim())));
}

function holdsTerm(event: Event, term: string): boolean {
  const [, field, value] = /^\$([\w.]+) == (\w+)$/.exec(term) ?? [];
  if (field !== undefined) return read(event, field) === value;
  const [, helper = '', of = '', rest = ''] = /^(\w+)\(\$([\w.]+), (.*)\)$/.exec(term) ?? [];
  return holds(event, of, `${helper}(${rest})`);
}

function holds(event: Event, field: string, how: unknown): boolean {
  const value = read(event, field);
  const [name, args] = helperIn(how);
  const [argument = ''] = args.map(String);
  if (name === undefined) return value === how;
  if (name === 'int_greater_or_equal') return typeof value === 'number' && value >= Number(argument);
  if (typeof value !== 'string') return false;
  switch (name) {
    case 'ends_with':
      return value.endsWith(argument);
    case 'starts_with':
      return value.startsWith(argument);
    case 'contains':
      return value.includes(argument);
    case 'string_not_equal':
      return value !== argument;
    case 'regex_match':
      return new RegExp(argument, 's').test(value);
  }
  throw new Error(`no condition ${name}`);
}

/** An operation that fails leaves the field unchanged. */
function map(operation: Block, event: Event): void {
  for (const [field, how] of Object.entries(operation)) {
    const value = mapped(event, field, how);
    if (value !== undefined) set(event, field, value);
  }
}

function mapped(event: Event, field: string, how: unknown): unknown {
  const [name, args] = helperIn(how);
  if (name === undefined)
    return typeof how === 'string' && how.startsWith('$') ? read(event, how.slice(1)) : how;
  const values = args.map((argument) =>
    typeof argument === 'string' && argument.startsWith('\0$') ? read(event, argument.slice(2)) : argument,
  );
  const [first, second] = values;
  const own = read(event, field);
  switch (name) {
    case 'get_date':
      return '2026-11-20T09:00:00Z';
    case 'array_append':
      return [...(Array.isArray(own) ? own : []), ...values];
    case 'parse_json':
      return typeof first === 'string' ? jsonIn(first) : undefined;
    case 'to_string':
      return typeof first === 'number' ? String(first) : undefined;
    case 'downcase':
      return typeof first === 'string' ? first.toLowerCase() : undefined;
    case 'replace':
      return typeof own === 'string' ? own.replaceAll(String(first), String(second)) : undefined;
    case 'trim':
      if (first !== 'end' || typeof own !== 'string') return undefined;
      return own.endsWith(String(second)) ? own.replace(new RegExp(`[${second}]+$`), '') : own;
    case 'regex_extract':
      return typeof first === 'string' ? new RegExp(String(second), 's').exec(first)?.[1] : undefined;
  }
  throw new Error(`no helper ${name}`);
}

/** A helper's name and arguments: quoted texts, references (marked by NUL) and numbers. */
function helperIn(how: unknown): [name: string | undefined, args: unknown[]] {
  const [, name, rest = ''] = typeof how === 'string' ? (/^([a-z_]+)\((.*)\)$/s.exec(how) ?? []) : [];
  if (name === undefined) return [undefined, []];
  const args: unknown[] = [];
  let at = 0;
  while (at < rest.length) {
    const argument = /^(?:'((?:[^'\\]|\\['\\])*)'|\$([\w.]+)|(\d+))(?:, |$)/.exec(rest.slice(at));
    if (argument === null) throw new Error(`no argument: ${rest.slice(at)}`);
    const [all, quoted, reference, number] = argument;
    at += all.length;
    if (reference !== undefined) args.push(`\0$${reference}`);
    else args.push(number === undefined ? (quoted ?? '').replace(/\\(.)/g, '$1') : Number(number));
  }
  return [name, args];
}

/** A field, or a part of a temporary object. */
function read(event: Event, name: string): unknown {
  if (name in event) return event[name];
  const parent = Object.keys(event).find((key) => name.startsWith(`${key}.`));
  if (parent === undefined) return undefined;
  return name
    .slice(parent.length + 1)
    .split('.')
    .reduce<unknown>((value, part) => (value as Block | undefined | null)?.[part], event[parent]);
}

/** The types of the fields in Wazuh's schema. The engine leaves out a value of another type. */
const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  'source.ip': (value) => typeof value === 'string' && /^[0-9a-f.:]+$/.test(value),
  'event.severity': (value) => typeof value === 'number',
  'http.response.status_code': (value) => typeof value === 'number',
  'event.category': Array.isArray,
  'event.type': Array.isArray,
  'event.start': (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
};

function set(event: Event, name: string, value: unknown): void {
  const isRight = name.startsWith('_') || (TYPES[name] ?? ((one: unknown) => typeof one === 'string'))(value);
  if (isRight) event[name] = value;
}
