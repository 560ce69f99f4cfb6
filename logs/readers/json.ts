import { JsonShape, type JsonVisitor, type ShapeKey } from './json-shape.ts';
import { closingQuote } from './quotes.ts';

/**
 * Parses lines that hold one JSON object each. It is stricter than JSON.parse (RFC 8259): a key that an object has
 * twice makes the line unreadable, because no program that writes logs repeats a key, and readers differ in which of
 * the two values they use. It also accepts texts that servers write outside of JSON's grammar, because none of these
 * texts can move the end of a string:
 * - `\xhh`, `\v`: escapes of nginx without `escape=json`, and of Apache
 * - a raw control character in a string: nginx with `escape=none`
 * - a number that begins with 0, a bare `-` or no value at all: nginx and Apache for a variable that is not set
 *
 * Strings are bytes as latin1, as the line itself is; numbers stay as they were written. Time is linear in the
 * line's length.
 */
export class JsonReader<Known> {
  readonly #root = new Key<Known>('', undefined);
  #keys = 0;
  #objects = 0;
  #line = '';
  #at = 0;
  /** The offset of the next backslash after the beginning of the last string. */
  #slash = -1;
  #depth = 0;
  #isRepeated = false;
  /** The shape of most lines. */
  #shape: JsonShape<Known> | undefined;
  #shapes = 0;
  /** The number of lines in a row without that shape. */
  #misses = 0;
  /** The keys of a line without objects and lists in it, if a shape will be made from them. */
  #flat: ShapeKey<Known>[] | undefined;
  #visit: JsonVisitor<Known> = () => {};

  /**
   * @param known returns the reader's key for a path; if it returns undefined, the value is skipped. A path has the
   * keys of all objects around the value, `request.headers.Referer`; the path of an element of a list ends with `[]`
   */
  constructor(private readonly known: (path: string) => Known | undefined) {}

  /** @returns the reason why the line cannot be read; undefined when it was read to its end */
  read(line: string, visit: JsonVisitor<Known>): string | undefined {
    if (this.#shape?.read(line, visit)) {
      this.#misses = 0;
      return undefined;
    }
    this.#flat = ++this.#misses > MISSES && this.#shapes < MOST_SHAPES ? [] : undefined;
    const reason = this.#readWhole(line, visit);
    if (reason === undefined && this.#flat !== undefined) {
      this.#shapes++;
      this.#shape = JsonShape.of(this.#flat);
    }
    return reason;
  }

  #readWhole(line: string, visit: JsonVisitor<Known>): string | undefined {
    this.#line = line;
    this.#at = 0;
    this.#slash = -1;
    this.#depth = 0;
    this.#isRepeated = false;
    this.#visit = visit;
    if (!this.#object(this.#root)) return this.#isRepeated ? 'has a key twice' : 'is not a JSON object';
    return Number.isNaN(this.#next()) ? undefined : 'has something after its JSON object';
  }

  /** @returns false when the line is not JSON */
  #object(parent: Key<Known>): boolean {
    if (this.#next() !== OPEN || ++this.#depth > DEEPEST) return false;
    this.#at++;
    if (this.#next() === CLOSE) return this.#leave();
    const serial = ++this.#objects;
    let uncommon: Map<string, Key<Known>> | undefined;
    for (;;) {
      if (this.#next() !== QUOTE) return false;
      const name = this.#string();
      if (name === undefined || this.#next() !== COLON) return false;
      this.#at++;
      let key = parent.keys?.get(name) ?? uncommon?.get(name);
      if (key === undefined) {
        const path = parent.path === '' ? name : `${parent.path}.${name}`;
        key = new Key(path, this.known(path));
        // Clients choose the names of some keys, so the number of keys that are kept is bounded.
        if (this.#keys < MOST_KEYS) {
          this.#keys++;
          parent.keys ??= new Map();
          parent.keys.set(name, key);
        } else {
          uncommon ??= new Map();
          uncommon.set(name, key);
        }
      }
      if (key.lastObject === serial) {
        this.#isRepeated = true;
        return false;
      }
      key.lastObject = serial;
      this.#flat?.push({
        path: key.path,
        known: key.known,
        kind: this.#next() === QUOTE ? 'string' : 'word',
      });
      if (!this.#value(key)) return false;
      const code = this.#next();
      if (code === CLOSE) return this.#leave();
      if (code !== COMMA) return false;
      this.#at++;
    }
  }

  #list(parent: Key<Known>): boolean {
    if (++this.#depth > DEEPEST) return false;
    this.#at++;
    if (this.#next() === CLOSE_LIST) return this.#leave();
    parent.element ??= new Key(`${parent.path}[]`, this.known(`${parent.path}[]`));
    for (;;) {
      const first = this.#next();
      if (first === COMMA || first === CLOSE_LIST || !this.#value(parent.element)) return false;
      const code = this.#next();
      if (code === CLOSE_LIST) return this.#leave();
      if (code !== COMMA) return false;
      this.#at++;
    }
  }

  #leave(): true {
    this.#at++;
    this.#depth--;
    return true;
  }

  #value(key: Key<Known>): boolean {
    const code = this.#next();
    if (code === QUOTE) {
      const text = this.#string(key.known !== undefined);
      if (text === undefined) return false;
      if (key.known !== undefined) this.#visit(key.known, text, 'string');
      return true;
    }
    if (code === OPEN || code === OPEN_LIST) {
      this.#flat = undefined;
      return code === OPEN ? this.#object(key) : this.#list(key);
    }
    return this.#word(key);
  }

  /** A number, or a word that stands for no value. */
  #word({ known }: Key<Known>): boolean {
    const line = this.#line;
    const from = this.#at;
    let at = from;
    let code = line.charCodeAt(at);
    let isWhole = true;
    while (isOfWord(code)) {
      if (code > NINE || code < ZERO) isWhole = false;
      code = line.charCodeAt(++at);
    }
    this.#at = at;
    if (known === undefined && isWhole) return true;
    const word = line.slice(from, at);
    const isNumber = word !== '' && (isWhole || NUMBER.test(word));
    if (!isNumber && !NONE.has(word)) return false;
    if (known !== undefined) this.#visit(known, isNumber ? word : '', isNumber ? 'number' : 'none');
    return true;
  }

  /**
   * @param isWanted false when the string's text is not needed
   * @returns undefined when the string does not end, or holds an escape that no server writes
   */
  #string(isWanted = true): string | undefined {
    const line = this.#line;
    const from = this.#at + 1;
    const quote = line.indexOf('"', from);
    if (quote < 0) return undefined;
    if (this.#slash < from) {
      const slash = line.indexOf('\\', from);
      this.#slash = slash < 0 ? line.length : slash;
    }
    if (this.#slash > quote) {
      this.#at = quote + 1;
      return isWanted ? line.slice(from, quote) : '';
    }
    const end = closingQuote(line, this.#slash);
    if (end < 0) return undefined;
    this.#at = end + 1;
    return unescaped(line, from, end);
  }

  /** Skips white space. @returns the code after it; NaN at the end */
  #next(): number {
    for (;;) {
      const code = this.#line.charCodeAt(this.#at);
      if (code !== SPACE && code !== 9 && code !== 13) return code;
      this.#at++;
    }
  }
}

const QUOTE = 0x22;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const SPACE = 0x20;
const ZERO = 0x30;
const NINE = 0x39;
const DEEPEST = 32;
const MOST_KEYS = 1000;
/** After this many lines in a row that are not of the last shape, another shape is made. */
const MISSES = 2;
const MOST_SHAPES = 50;

/** A key of the objects at one path, in all lines. */
class Key<Known> {
  keys: Map<string, Key<Known>> | undefined;
  element: Key<Known> | undefined;
  /** The number of the last object that had this key. */
  lastObject = 0;

  constructor(
    readonly path: string,
    readonly known: Known | undefined,
  ) {}
}

const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/;
const NONE: ReadonlySet<string> = new Set(['', '-', 'null', 'true', 'false']);

/** Letters, digits, `+`, `-` and `.`. */
function isOfWord(code: number): boolean {
  const lower = code | 0x20;
  const isDigit = code >= ZERO && code <= NINE;
  return isDigit || (lower >= 97 && lower <= 122) || code === 43 || code === 45 || code === 46;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** @returns the bytes of a string's text; undefined for an escape that no server writes */
function unescaped(line: string, from: number, to: number): string | undefined {
  let result = '';
  let start = from;
  for (;;) {
    const slash = line.indexOf('\\', start);
    if (slash < 0 || slash >= to) return result + line.slice(start, to);
    result += line.slice(start, slash);
    const letter = line[slash + 1] ?? '';
    const digits = letter === 'u' ? 4 : letter === 'x' ? 2 : 0;
    start = slash + 2 + digits;
    if (start > to) return undefined;
    if (digits === 0) {
      const text = ESCAPES[letter];
      if (text === undefined) return undefined;
      result += text;
      continue;
    }
    const code = hexNumber(line.slice(slash + 2, start));
    if (Number.isNaN(code)) return undefined;
    const low = isHighSurrogate(code) && line.startsWith('\\u', start) ? lowSurrogate(line, start + 2) : 0;
    if (low > 0) start += 6;
    // \xhh is a byte, \uhhhh a character.
    const point = low > 0 ? 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff) : code;
    result += digits === 2 || point < 0x80 ? String.fromCharCode(point) : utf8(point);
  }
}

/** NaN for anything but hexadecimal digits. */
const hexNumber = (text: string): number =>
  /^[0-9a-fA-F]+$/.test(text) ? Number.parseInt(text, 16) : Number.NaN;

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code < 0xdc00;

/** @returns 0 for another character */
function lowSurrogate(line: string, at: number): number {
  const code = hexNumber(line.slice(at, at + 4));
  return code >= 0xdc00 && code < 0xe000 ? code : 0;
}

const utf8 = (point: number): string => Buffer.from(String.fromCodePoint(point)).toString('latin1');
