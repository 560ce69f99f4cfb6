import { type ByteSet, complement, oneByte, withBothCases } from './byte-set.ts';
import { readBracket } from './pcre2-bracket.ts';
import { escapedSet } from './pcre2-escapes.ts';
import { MAX_REPEAT, type Node, PatternError } from './syntax.ts';

const ANY_BYTE = complement(oneByte(10));
const EVERY_BYTE = complement(new Uint8Array(256));

/**
 * Parses the part of PCRE2's syntax that decoders and rules use. The pattern matches bytes, as in OSSEC's `pcre2`
 * options (which set PCRE2_CASELESS, and neither PCRE2_UTF nor PCRE2_MULTILINE).
 *
 * @throws PatternError for a syntax error, or for syntax that JavaScript lacks
 */
export function parsePcre2(text: string, caseless: boolean): Node {
  const parser = new Pcre2Parser(text, caseless);
  return parser.whole();
}

class Pcre2Parser {
  private at = 0;
  private captures = 0;
  private dotAll = false;
  private multiline = false;
  private ungreedy = false;

  constructor(
    private readonly text: string,
    private caseless: boolean,
  ) {}

  whole(): Node {
    // With (*UTF), a character may be several bytes. The engine matches these bytes in sequence, which is equivalent.
    this.take('(*UTF)');
    const node = this.choice();
    if (this.at < this.text.length) throw new PatternError(`unmatched ) at offset ${this.at}`);
    return node;
  }

  private choice(): Node {
    // An option setting such as (?i) lasts to the end of its group.
    const { caseless, dotAll, multiline, ungreedy } = this;
    const options = [this.sequence()];
    while (this.take('|')) options.push(this.sequence());
    Object.assign(this, { caseless, dotAll, multiline, ungreedy });
    return options.length === 1 && options[0] ? options[0] : { kind: 'choice', options };
  }

  private sequence(): Node {
    const items: Node[] = [];
    while (this.at < this.text.length && !'|)'.includes(this.peek())) {
      const item = this.item();
      if (item) items.push(item);
    }
    return { kind: 'sequence', items };
  }

  private item(): Node | undefined {
    const start = this.at;
    const node = this.atom();
    if (!node) return undefined;
    const bounds = this.bounds();
    if (!bounds) return node;
    if (node.kind === 'edge') throw new PatternError(`nothing to repeat at offset ${start}`);
    const isMarked = this.take('?');
    if (!isMarked && this.take('+'))
      return { kind: 'repeat', item: node, ...bounds, lazy: false, possessive: true };
    return { kind: 'repeat', item: node, ...bounds, lazy: isMarked !== this.ungreedy };
  }

  private bounds(): { min: number; max: number } | undefined {
    if (this.take('*')) return { min: 0, max: Infinity };
    if (this.take('+')) return { min: 1, max: Infinity };
    if (this.take('?')) return { min: 0, max: 1 };
    const counted = /^\{(\d+)(,(\d*))?\}/.exec(this.text.slice(this.at, this.at + 16));
    if (!counted) return undefined;
    this.at += counted[0].length;
    const min = Number(counted[1]);
    const max = counted[2] === undefined ? min : counted[3] ? Number(counted[3]) : Infinity;
    if (max < min) throw new PatternError(`numbers out of order in ${counted[0]}`);
    if (min > MAX_REPEAT || (max > MAX_REPEAT && max !== Infinity)) {
      throw new PatternError(`repeat ${counted[0]} is over the limit of ${MAX_REPEAT}`);
    }
    return { min, max };
  }

  private atom(): Node | undefined {
    const char = this.next();
    if (char === '(') return this.group();
    if (char === '[') return this.byte(this.bracket());
    if (char === '.') return { kind: 'byte', set: this.dotAll ? EVERY_BYTE : ANY_BYTE };
    if (char === '^') return { kind: 'edge', at: this.multiline ? 'lineStart' : 'start' };
    // In PCRE2, `$` also matches before a newline at the end of the subject. A log line contains no newline.
    if (char === '$') return { kind: 'edge', at: this.multiline ? 'lineEnd' : 'end' };
    if (char === '\\') return this.escape();
    if ('*+?'.includes(char)) throw new PatternError(`nothing to repeat at offset ${this.at - 1}`);
    return this.byte(oneByte(char.charCodeAt(0)));
  }

  private escape(): Node {
    const char = this.next();
    if (char === 'A' || char === 'G') return { kind: 'edge', at: 'start' };
    if (char === 'z' || char === 'Z') return { kind: 'edge', at: 'end' };
    if (char === 'b') return { kind: 'edge', at: 'word' };
    if (char === 'B') return { kind: 'edge', at: 'notWord' };
    if (char === 'Q') return this.quoted();
    if (char === 'N' && this.peek() === '{') return this.codePoint();
    if (/[1-9]/.test(char)) {
      const index = Number(char);
      if (index > this.captures) throw new PatternError(`reference to group ${index}, which does not exist`);
      return { kind: 'back', index };
    }
    return this.byte(this.escapedByte(char));
  }

  /** `\N{U+202E}`: the UTF-8 bytes of a character. */
  private codePoint(): Node {
    const named = /^\{U\+([0-9A-Fa-f]{1,5})\}/.exec(this.text.slice(this.at, this.at + 9));
    if (!named) throw new PatternError('\\N{ is not followed by U+, a number and }');
    this.at += named[0].length;
    const utf8 = Buffer.from(String.fromCodePoint(Number.parseInt(named[1] ?? '', 16)));
    return { kind: 'sequence', items: [...utf8].map((code) => this.byte(oneByte(code))) };
  }

  private escapedByte(char: string): ByteSet {
    const { set, length } = escapedSet(char, this.text.slice(this.at));
    this.at += length;
    return set;
  }

  private quoted(): Node {
    const end = this.text.indexOf('\\E', this.at);
    const literal = this.text.slice(this.at, end < 0 ? undefined : end);
    this.at = end < 0 ? this.text.length : end + 2;
    return { kind: 'sequence', items: [...literal].map((char) => this.byte(oneByte(char.charCodeAt(0)))) };
  }

  private group(): Node | undefined {
    if (!this.take('?')) return this.capture();
    if (this.take(':')) return this.closed(this.choice());
    for (const [mark, behind, negative] of LOOKS) {
      if (this.take(mark)) return { kind: 'look', item: this.closed(this.choice()), behind, negative };
    }
    const name = /^P?<[A-Za-z_]\w*>|^'[A-Za-z_]\w*'/.exec(this.text.slice(this.at));
    if (name) {
      this.at += name[0].length;
      return this.capture();
    }
    const flags = /^([imsU]*)(-([imsU]+))?([:)])/.exec(this.text.slice(this.at));
    if (!flags) throw new PatternError(`group (?${this.peek()}… is not supported`);
    this.at += flags[0].length;
    return this.setFlags(flags[1] ?? '', flags[3] ?? '', flags[4] === ':');
  }

  private setFlags(on: string, off: string, scoped: boolean): Node | undefined {
    const { caseless, dotAll, multiline, ungreedy } = this;
    this.caseless = on.includes('i') || (caseless && !off.includes('i'));
    this.dotAll = on.includes('s') || (dotAll && !off.includes('s'));
    this.ungreedy = on.includes('U') || (ungreedy && !off.includes('U'));
    this.multiline = on.includes('m') || (multiline && !off.includes('m'));
    if (!scoped) return undefined;
    const node = this.closed(this.choice());
    Object.assign(this, { caseless, dotAll, multiline, ungreedy });
    return node;
  }

  private capture(): Node {
    const index = ++this.captures;
    return { kind: 'capture', index, item: this.closed(this.choice()) };
  }

  private closed(node: Node): Node {
    if (!this.take(')')) throw new PatternError('missing closing parenthesis');
    return node;
  }

  private bracket(): ByteSet {
    const { set, length } = readBracket(this.text.slice(this.at));
    this.at += length;
    const both = this.caseless ? withBothCases(set.members) : set.members;
    return set.isNegated ? complement(both) : both;
  }

  private byte(set: ByteSet): Node {
    return { kind: 'byte', set: this.caseless ? withBothCases(set) : set };
  }

  private peek(): string {
    return this.text[this.at] ?? '';
  }

  private next(): string {
    const char = this.text[this.at++];
    if (char === undefined) throw new PatternError('\\ at the end of the pattern');
    if (char.charCodeAt(0) > 255) throw new PatternError(`character ${char} is not a byte`);
    return char;
  }

  private take(mark: string): boolean {
    if (!this.text.startsWith(mark, this.at)) return false;
    this.at += mark.length;
    return true;
  }
}

const LOOKS: readonly [mark: string, behind: boolean, negative: boolean][] = [
  ['=', false, false],
  ['!', false, true],
  ['<=', true, false],
  ['<!', true, true],
];
