import { type ByteSet, complement, oneByte, union } from './byte-set.ts';
import { escapedSet, POSIX_CLASSES } from './pcre2-escapes.ts';
import { PatternError } from './syntax.ts';

/** The text between `[` and `]`, before case folding and the `^`. */
interface Bracket {
  members: ByteSet;
  isNegated: boolean;
}

/** One member of a class, and its length in the text. */
interface Member {
  set: ByteSet;
  length: number;
}

/**
 * Reads a character class.
 *
 * @param text the pattern after the `[`
 * @returns the class, and its length in the text, `]` included
 * @throws PatternError for a class that is not closed or a range out of order
 */
export function readBracket(text: string): { set: Bracket; length: number } {
  const isNegated = text.startsWith('^');
  let members: ByteSet = new Uint8Array(256);
  let at = isNegated ? 1 : 0;
  // A ] in the first position is a plain character.
  for (let isFirst = true; isFirst || text[at] !== ']'; isFirst = false) {
    if (at >= text.length) throw new PatternError('missing ] of a character class');
    const member = readMember(text.slice(at));
    members = union(members, member.set);
    at += member.length;
  }
  return { set: { members, isNegated }, length: at + 1 };
}

function readMember(text: string): Member {
  const posix = /^\[:(\^?)(\w+):\]/.exec(text);
  if (posix) {
    const named = POSIX_CLASSES[posix[2] ?? ''];
    if (!named) throw new PatternError(`unknown class ${posix[0]}`);
    return { set: posix[1] ? complement(named) : named, length: posix[0].length };
  }
  const from = readByte(text);
  const rest = text.slice(from.length);
  if (!isSingle(from) || rest[0] !== '-' || rest[1] === ']' || rest[1] === undefined) return from;
  const to = readByte(rest.slice(1));
  if (!isSingle(to)) return from;
  const [low, high] = [from.set.indexOf(1), to.set.indexOf(1)];
  if (high < low) throw new PatternError('range out of order in a character class');
  return { set: new Uint8Array(256).fill(1, low, high + 1), length: from.length + 1 + to.length };
}

function readByte(text: string): Member {
  const char = text[0] ?? '';
  if (char !== '\\') return { set: oneByte(char.charCodeAt(0)), length: 1 };
  const escaped = text[1];
  if (escaped === undefined) throw new PatternError('\\ at the end of the pattern');
  if (escaped === 'b') return { set: oneByte(8), length: 2 };
  const { set, length } = escapedSet(escaped, text.slice(2));
  return { set, length: 2 + length };
}

function isSingle({ set }: Member): boolean {
  return set.indexOf(1) === set.lastIndexOf(1);
}
