/**
 * Makes a short text that a regular expression of the list matches: the first alternative of a group, a character of
 * a class, and the minimum of repetitions. Ignores look-arounds.
 */
export function sampleText(source: string): string {
  return new Sampler(source).alternatives();
}

class Sampler {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** Returns the text of the first alternative, and skips the other alternatives of the group. */
  alternatives(): string {
    const first = this.#sequence();
    while (this.#source.charAt(this.#at) === '|') {
      this.#at++;
      this.#sequence();
    }
    return first;
  }

  #sequence(): string {
    let text = '';
    while (this.#at < this.#source.length && !'|)'.includes(this.#source.charAt(this.#at))) {
      const piece = this.#piece();
      text += piece.repeat(this.#least());
    }
    return text;
  }

  #piece(): string {
    const char = this.#source.charAt(this.#at++);
    if (char === '^' || char === '$') return '';
    if (char === '.') return 'x';
    if (char === '\\') return this.#escape();
    if (char === '[') return this.#class();
    return char === '(' ? this.#group() : char;
  }

  #group(): string {
    const [opening = '', kind = ''] = /^\?(:|<?[=!])/.exec(this.#source.slice(this.#at)) ?? [];
    this.#at += opening.length;
    const text = this.alternatives();
    this.#at++;
    return kind === '' || kind === ':' ? text : '';
  }

  #escape(): string {
    const char = this.#source.charAt(this.#at++);
    if (char === 'x') {
      this.#at += 2;
      return String.fromCharCode(Number.parseInt(this.#source.slice(this.#at - 2, this.#at), 16));
    }
    return ESCAPES[char] ?? char;
  }

  #class(): string {
    const start = this.#at - 1;
    let first: string | undefined;
    if (this.#source.charAt(this.#at) === '^') this.#at++;
    while (this.#source.charAt(this.#at) !== ']') {
      const char = this.#source.charAt(this.#at++);
      const text = char === '\\' ? this.#escape() : char;
      first ??= text;
    }
    this.#at++;
    const expression = new RegExp(this.#source.slice(start, this.#at));
    return [first ?? '', 'x', ' ', '-'].find((text) => expression.test(text)) ?? '';
  }

  /** The least number of repetitions of the previous piece. */
  #least(): number {
    const [quantifier = ''] = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/.exec(this.#source.slice(this.#at)) ?? [];
    this.#at += quantifier.length;
    if (quantifier === '' || quantifier.startsWith('+')) return 1;
    return quantifier.startsWith('{') ? Number.parseInt(quantifier.slice(1), 10) : 0;
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  d: '1',
  w: 'a',
  s: ' ',
  S: 'x',
  r: '\r',
  n: '\n',
  t: '\t',
};
