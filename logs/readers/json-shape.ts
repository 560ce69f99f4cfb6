/** The kind of a key's value: `none` is null, true, false, a bare `-` or nothing at all. */
export type JsonKind = 'string' | 'number' | 'none';

/**
 * A function that is called for each value whose key the reader knows, in the order of the line. For a key in a list,
 * it may be called several times.
 */
export type JsonVisitor<Known> = (known: Known, text: string, kind: JsonKind) => void;

/** A key of a line without objects and lists in it. */
export interface ShapeKey<Known> {
  readonly path: string;
  readonly known: Known | undefined;
  /** The kind of its value. A word is a number, or stands for no value. */
  readonly kind: 'string' | 'word';
}

type KnownKey<Known> = Pick<ShapeKey<Known>, 'kind'> & { readonly known: Known };

/** The most keys of a pattern. A line with more keys, or with a key that is not PLAIN_KEY, gets no pattern. */
const MOST_KEYS = 64;
const PLAIN_KEY = /^[A-Za-z0-9_@.-]{1,80}$/;

/**
 * Reads lines that have the same keys in the same order as another line, and no escapes in their values. Nearly all
 * lines of one log are like that. One pattern is about five times as fast as reading key after key. No two parts of
 * the pattern can match the same bytes, so it cannot backtrack far.
 */
export class JsonShape<Known> {
  private constructor(
    private readonly pattern: RegExp,
    /** In the order of the pattern's groups. */
    private readonly keys: readonly KnownKey<Known>[],
  ) {}

  /** @param flat the keys of a line, each once @returns undefined when these keys get no pattern */
  static of<Known>(flat: readonly ShapeKey<Known>[]): JsonShape<Known> | undefined {
    if (flat.length === 0 || flat.length > MOST_KEYS || !flat.every(({ path }) => PLAIN_KEY.test(path)))
      return undefined;
    const parts = flat.map(({ path, known, kind }) => {
      const value = kind === 'string' ? STRING : WORD;
      return `"${path.replaceAll('.', '\\.')}": ?${known === undefined ? value : GROUPS[kind]}`;
    });
    const keys = flat.flatMap(({ known, kind }) => (known === undefined ? [] : [{ known, kind }]));
    return new JsonShape(new RegExp(`^\\{ ?${parts.join(' ?, ?')} ?\\}$`), keys);
  }

  /** @returns false when the line is not of this shape; in that case no value was visited */
  read(line: string, visit: JsonVisitor<Known>): boolean {
    const groups = this.pattern.exec(line);
    if (groups === null) return false;
    for (let index = 0; index < this.keys.length; index++) {
      const key = this.keys[index];
      const text = groups[index + 1] ?? '';
      if (key === undefined) continue;
      if (key.kind === 'string') visit(key.known, text, 'string');
      else if (isNumber(text)) visit(key.known, text, 'number');
      else visit(key.known, '', 'none');
    }
    return true;
  }
}

/**
 * @returns the problem if the key does not allow this kind of value (a key allows texts, or texts and numbers); else
 * undefined
 */
export function wrongKind(key: string, kind: JsonKind, mayBeNumber: boolean): string | undefined {
  if (kind === 'string' || (kind === 'number' && mayBeNumber)) return undefined;
  return `has ${kind === 'none' ? 'no text' : 'a number'} as ${key}`;
}

const STRING = '"[^"\\\\]*"';
const WORD = '(?:-?\\d+(?:\\.\\d+)?|-|null|true|false)?';
const GROUPS = { string: '"([^"\\\\]*)"', word: `(${WORD})` } as const;

/** True if a WORD is a number: no other word ends with a digit. */
function isNumber(word: string): boolean {
  const last = word.charCodeAt(word.length - 1);
  return last >= 48 && last <= 57;
}
