import { jsonIn } from '../../base/json.ts';

/** A value of an audit log's line. Strings are characters as JSON has them: bytes of a log that is read as latin1. */
export type AuditValue = string | number | boolean | null | readonly AuditValue[] | AuditObject;
export type AuditObject = ReadonlyMap<string, AuditValue>;

/**
 * Parses the JSON of an audit log strictly (RFC 8259). An object that has a key twice is an error, because programs
 * differ in which of the two they use. In `headers`, a key may come twice, because a client may send a header several
 * times: such a key has the value null.
 *
 * @returns undefined when the line is not such an object
 */
export function parseAuditJson(line: string): AuditObject | undefined {
  const parser = new Parser(line);
  const value = parser.value('', 0);
  return value instanceof Map && parser.isAtEnd() ? value : undefined;
}

/** The object at this key. */
export function objectAt(object: AuditObject | undefined, key: string): AuditObject | undefined {
  const value = object?.get(key);
  return value instanceof Map ? value : undefined;
}

/** The list at this key; empty when there is none. */
export function listAt(object: AuditObject | undefined, key: string): readonly AuditValue[] {
  const value = object?.get(key);
  return Array.isArray(value) ? value : [];
}

/** The text at this key. */
export function textAt(object: AuditObject | undefined, key: string): string | undefined {
  const value = object?.get(key);
  return typeof value === 'string' ? value : undefined;
}

const DEEPEST = 32;
const SPACE = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
const WORD = /true|false|null/y;
const WORDS: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };

class Parser {
  #at = 0;

  constructor(private readonly text: string) {}

  isAtEnd(): boolean {
    this.#take(SPACE);
    return this.#at === this.text.length;
  }

  /** @param key the key of the value @returns undefined when there is no value */
  value(key: string, depth: number): AuditValue | undefined {
    if (depth > DEEPEST) return undefined;
    this.#take(SPACE);
    const first = this.text[this.#at];
    if (first === '{') return this.#object(key === 'headers', depth);
    if (first === '[') return this.#list(depth);
    if (first === '"') return this.#string();
    const word = this.#take(WORD);
    if (word) return WORDS[word];
    const number = this.#take(NUMBER);
    return number ? Number(number) : undefined;
  }

  #object(mayRepeat: boolean, depth: number): AuditObject | undefined {
    const entries = new Map<string, AuditValue>();
    this.#at++;
    if (this.#has('}')) return entries;
    do {
      this.#take(SPACE);
      const key = this.text[this.#at] === '"' ? this.#string() : undefined;
      if (key === undefined || !this.#has(':')) return undefined;
      const value = this.value(key, depth + 1);
      const isRepeated = entries.has(key);
      if (value === undefined || (isRepeated && !mayRepeat)) return undefined;
      entries.set(key, isRepeated ? null : value);
    } while (this.#has(','));
    return this.#has('}') ? entries : undefined;
  }

  #list(depth: number): readonly AuditValue[] | undefined {
    const values: AuditValue[] = [];
    this.#at++;
    if (this.#has(']')) return values;
    do {
      const value = this.value('', depth + 1);
      if (value === undefined) return undefined;
      values.push(value);
    } while (this.#has(','));
    return this.#has(']') ? values : undefined;
  }

  #string(): string | undefined {
    const from = this.#at;
    let at = from + 1;
    for (let code = this.text.charCodeAt(at); code !== 0x22; code = this.text.charCodeAt(at)) {
      if (Number.isNaN(code) || code < 0x20) return undefined;
      at += code === 0x5c ? 2 : 1;
    }
    this.#at = at + 1;
    const raw = this.text.slice(from, at + 1);
    if (!raw.includes('\\')) return raw.slice(1, -1);
    return jsonIn(raw) as string | undefined;
  }

  /** Skips spaces, and this character if it is the next. @returns true if this character was skipped */
  #has(character: string): boolean {
    this.#take(SPACE);
    if (this.text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }
}
