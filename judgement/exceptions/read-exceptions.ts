import { EX, RiposteError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { textFromBytes, wordFromBytes } from '../../logs/readers/canonical-text.ts';
import { plainHost } from '../sources/referer.ts';
import { pathPattern } from './path-pattern.ts';
import type { RequestCondition } from './request-condition.ts';

/** One line of riposte.except. */
export interface Exception {
  /** The conditions, all of which must hold. */
  readonly conditions: readonly RequestCondition[];
  /** The rules that do not answer the request; undefined for all of them. */
  readonly rules: ReadonlySet<number> | undefined;
  /** The line without its comment. */
  readonly text: string;
}

/** Finds the rules for which an id of an exception stands; none if there is no such rule. */
export type RulesOf = (id: number) => readonly number[];

/**
 * Reads the lines of riposte.except.
 *
 * @param file its name, for messages
 * @throws RiposteError (CONFIG) naming file and line
 */
export function readExceptions(text: string, file: string, rulesOf: RulesOf): Exception[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    try {
      return readException(line, rulesOf) ?? [];
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      throw new RiposteError(EX.CONFIG, `${file}:${index + 1}: ${problem}`);
    }
  });
}

/** @returns undefined for an empty line and a comment. @throws Error for a line that is not an exception */
export function readException(line: string, rulesOf: RulesOf): Exception | undefined {
  const items = itemsOf(line);
  if (items.length === 0) return undefined;
  const conditions: RequestCondition[] = [];
  const rules = new Set<number>();
  for (const { key, value } of items) {
    if (key === 'rule') for (const id of rulesIn(value, rulesOf)) rules.add(id);
    else conditions.push(conditionOf(key, value));
  }
  const isForAll = items.every(({ key, value }) => key === 'path' && /^\/[*/]*$/.test(value));
  if (isForAll && rules.size === 0)
    throw new Error(
      `${items.map(({ value }) => value).join(' ')} excepts every request; name a rule or a path`,
    );
  return {
    conditions,
    rules: rules.size === 0 ? undefined : rules,
    text: items.map(({ text }) => text).join(' '),
  };
}

/** A condition in its written form. */
interface Item {
  readonly key: string;
  readonly value: string;
  readonly text: string;
}

function itemsOf(line: string): Item[] {
  const items: Item[] = [];
  let rest = line.trim();
  while (rest !== '' && !rest.startsWith('#')) {
    const [text = ''] = ITEM.exec(rest) ?? [];
    if (text === '') throw new Error(problemOf(rest));
    const [key = ''] = text.split(':', 1);
    items.push({ key, value: unquoted(text.slice(key.length + 1)), text });
    rest = rest.slice(text.length).trimStart();
  }
  return items;
}

/** A condition up to the next space outside quotes. A quote within quotes has a backslash before it. */
const ITEM = /^[a-z]+:(?:"(?:[^"\\]|\\.)*"|[^\s"]+)(?=\s|$)/;

const unquoted = (value: string): string =>
  value.startsWith('"') ? value.slice(1, -1).replace(/\\(["\\])/g, '$1') : value;

function problemOf(rest: string): string {
  const word = printable(rest.split(/\s/, 1)[0] ?? '', 80);
  if (/^[a-z]+:$/.test(word)) return `'${word}' has no value; a value with spaces needs quotes`;
  if (/^[a-z]+:"/.test(word)) return `'${word}' has no closing quote, or text behind the closing quote`;
  if (/^[a-z]+:/.test(word)) return `'${word}' has a quote inside; put quotes around the whole value`;
  return `'${word}' is not a condition; write ${KEYS}, and quotes around spaces`;
}

const KEYS = 'path:, agent:, referer:, user:, host: or rule:';

function rulesIn(value: string, rulesOf: RulesOf): number[] {
  return value.split(',').flatMap((word) => {
    if (!/^\d{1,9}$/.test(word))
      throw new Error(`rule:${printable(value, 80)} is neither a number nor a list of numbers with commas`);
    const rules = rulesOf(Number(word));
    if (rules.length === 0) throw new Error(`there is no rule ${word}`);
    return rules;
  });
}

/** Shorter texts would except nearly every request. */
const SHORTEST = 3;

function conditionOf(key: string, value: string): RequestCondition {
  // The file is UTF-8, and a record holds bytes as latin1.
  const bytes = Buffer.from(value).toString('latin1');
  switch (key) {
    case 'path':
      return pathCondition(value, bytes);
    case 'agent':
      return textCondition('agent', value, bytes, ({ userAgent }) => userAgent);
    case 'referer':
      return textCondition('referer', value, bytes, ({ referer }) => referer);
    case 'user':
      return userCondition(value, wordFromBytes(bytes));
    case 'host':
      return hostCondition(value, plainHost(wordFromBytes(bytes)));
    default:
      throw new Error(`'${printable(key, 40)}:' is not a condition; write ${KEYS}`);
  }
}

function pathCondition(value: string, bytes: string): RequestCondition {
  const shown = printable(value, 80);
  if (!value.startsWith('/')) throw new Error(`path:${shown} does not begin with /`);
  if (/[?#]/.test(value)) throw new Error(`path:${shown} has a query; write the path alone`);
  if (/(?:^|\/)\.\.?(?:\/|$)/.test(value))
    throw new Error(`path:${shown} has a . or .. segment, which no path matches`);
  const matches = pathPattern(wordFromBytes(bytes));
  return ({ path }) => path !== undefined && matches(path);
}

function textCondition(
  key: string,
  value: string,
  bytes: string,
  fieldOf: (request: Parameters<RequestCondition>[0]['request']) => string | undefined,
): RequestCondition {
  if (value.trim().length < SHORTEST)
    throw new Error(
      `${key}:${printable(value, 80)} is too short; write at least ${SHORTEST} characters of it`,
    );
  const wanted = textFromBytes(bytes).toLowerCase();
  return ({ request }) => fieldOf(request)?.toLowerCase().includes(wanted) === true;
}

/** An answer 401 refuses the user's password, so the name is only a claim. */
function userCondition(value: string, wanted: string): RequestCondition {
  if (value === '-' || value.trim() === '')
    throw new Error('user: needs a name; in logs, - means that there is no user');
  return ({ request: { user, status } }) => user === wanted && status !== '401';
}

function hostCondition(value: string, wanted: string): RequestCondition {
  if (!/^[\w.:[\]-]{1,253}$/.test(value))
    throw new Error(`host:${printable(value, 80)} is not the name of a host`);
  return ({ request: { host } }) => host !== undefined && plainHost(host) === wanted;
}
