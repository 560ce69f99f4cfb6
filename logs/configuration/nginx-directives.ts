/** A directive of nginx's configuration, with the directives between its braces. */
export interface NginxDirective {
  readonly name: string;
  readonly words: readonly string[];
  /** Undefined if it ends with a semicolon. */
  readonly block: readonly NginxDirective[] | undefined;
  readonly line: number;
}

/**
 * The directives of a file. A file that nginx would refuse is read as far as possible: an unclosed brace ends with
 * the file, and a surplus closing brace is ignored.
 */
export function directivesOf(text: string): NginxDirective[] {
  const outer: NginxDirective[] = [];
  const open: NginxDirective[][] = [outer];
  let words: string[] = [];
  let first = 1;
  const tokens = new Tokens(text);
  for (let token = tokens.next(); token !== undefined; token = tokens.next()) {
    const { text: word, isQuoted, line } = token;
    if (words.length === 0) first = line;
    if (isQuoted || !(word === ';' || word === '{' || word === '}')) {
      words.push(word);
      continue;
    }
    const [name, ...rest] = words;
    words = [];
    if (word === '}') {
      if (open.length > 1) open.pop();
    } else if (name !== undefined) {
      const isCode = word === '{' && name.endsWith('_by_lua_block');
      if (isCode) tokens.skipBlock();
      const block: NginxDirective[] | undefined = word === '{' && !isCode ? [] : undefined;
      open.at(-1)?.push({ name, words: rest, block, line: first });
      if (block && open.length < MOST_DEPTH) open.push(block);
    }
  }
  return outer;
}

/** Deeper blocks count as siblings. */
const MOST_DEPTH = 100;

interface Token {
  readonly text: string;
  readonly isQuoted: boolean;
  readonly line: number;
}

/** Splits a text into tokens as ngx_conf_read_token does. */
class Tokens {
  #at = 0;
  #line = 1;

  constructor(private readonly text: string) {}

  next(): Token | undefined {
    this.#skip();
    const first = this.text[this.#at];
    if (first === undefined) return undefined;
    const line = this.#line;
    if (first === ';' || first === '{' || first === '}') {
      this.#at++;
      return { text: first, isQuoted: false, line };
    }
    if (first !== '"' && first !== "'") return { text: this.#bare(), isQuoted: false, line };
    this.#at++;
    return { text: this.#quoted(first), isQuoted: true, line };
  }

  /** Skips a block of program text, whose braces come in pairs. */
  skipBlock(): void {
    for (let depth = 1; depth > 0 && this.#at < this.text.length; this.#at++) {
      const character = this.text[this.#at];
      if (character === '\n') this.#line++;
      if (character === '{') depth++;
      if (character === '}') depth--;
    }
  }

  /** Skips white space and comments. */
  #skip(): void {
    for (; this.#at < this.text.length; this.#at++) {
      const character = this.text.charAt(this.#at);
      if (character === '#') {
        const end = this.text.indexOf('\n', this.#at);
        this.#at = end < 0 ? this.text.length : end;
      }
      if (this.text[this.#at] === '\n') this.#line++;
      else if (this.#at < this.text.length && !SPACE.has(this.text.charAt(this.#at))) return;
    }
  }

  /** Reads a word without quotes. The brace of `${` does not begin a block. */
  #bare(): string {
    let word = '';
    for (; this.#at < this.text.length; ) {
      const character = this.text.charAt(this.#at);
      const isBrace = character === '{' && word.endsWith('$');
      if (SPACE.has(character) || character === ';' || (character === '{' && !isBrace)) break;
      word += this.#character();
    }
    return word;
  }

  #quoted(quote: string): string {
    let word = '';
    while (this.#at < this.text.length && this.text[this.#at] !== quote) word += this.#character();
    this.#at++;
    return word;
  }

  /**
   * Reads one character, or a backslash and the next character. Returns the character that these two stand for, or, if
   * they do not form an escape, both unchanged.
   */
  #character(): string {
    const character = this.text.charAt(this.#at++);
    if (character === '\n') this.#line++;
    if (character !== '\\' || this.#at >= this.text.length) return character;
    const next = this.text.charAt(this.#at++);
    if (next === '\n') this.#line++;
    return ESCAPED[next] ?? character + next;
  }
}

const SPACE = new Set([' ', '\t', '\r', '\n']);
const ESCAPED: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '\\': '\\',
  t: '\t',
  r: '\r',
  n: '\n',
};
