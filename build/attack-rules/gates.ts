import type { ReadSignature } from '../../judgement/signatures/read-list.ts';
import { PATH_ENDINGS, type PathPattern, pathPattern } from './path-tokens.ts';
import { headerTokens, rawTokens } from './raw-pattern.ts';
import { LONGEST_PATTERN, type Rule } from './rule-xml.ts';
import { chunked, type Tokens } from './token-trie.ts';

/** The stock rules for requests to a web server: all requests, plain answered requests, and requests by Wget. */
export const REQUESTS: readonly number[] = [31100, 31108, 31511];

/** The ids of the rules that hold patterns. One of the rules below each of them is final. */
const GATES = [...idsFrom(117_110, 19), ...idsFrom(117_170, 4)];

/** Bytes reserved for the text around the alternatives of a pattern. */
const AROUND = 300;
const LONGEST = LONGEST_PATTERN - AROUND;

/** Names of parameters into which people type words, as in judgement/target/parameters.ts. */
const SEARCH =
  '(?:[^&=]*(?:search|keyword|query|fulltext|term)[^&=]*|as_q|criteria|find|kw?d?|lookup|needle|phrase|qs?|qt|s|srch|swords?|terms|wd|words?|_nkw)=';

/** The position of a rule in the tree, and a name for the requests that it matches. */
export interface Place {
  readonly level: number;
  readonly parents: readonly number[];
  readonly what: string;
}

/** Makes the rules that hold the patterns, as few as their lengths allow. */
export class Gates {
  readonly rules: Rule[] = [];

  constructor(private readonly ids = GATES) {}

  /** Adds one rule. @returns its id @throws Error if no id is left */
  gate({ level, parents, elements }: Pick<Rule, 'level' | 'parents' | 'elements'>, what: string): number {
    const id = this.ids[this.rules.length];
    if (id === undefined)
      throw new Error(`the list of attacks has grown: give the rules for ${what} more ids`);
    const description = `Riposte: ${what}, grouped.`;
    this.rules.push({ id, level, isGate: true, parents, elements, description });
    return id;
  }

  /** @returns the ids of the rules, one for each pattern */
  #add(place: Place, element: string, patterns: readonly string[]): number[] {
    const { level, parents, what } = place;
    return patterns.map((pattern) => this.gate({ level, parents, elements: [[element, pattern]] }, what));
  }

  /** Adds rules for paths. @returns their ids @param isSpelt also matches hidden names with percent-encoded letters */
  addPaths(place: Place, paths: readonly ReadSignature[], isSpelt = false): number[] {
    const read = paths.map(({ signature }) => pathPattern(signature.pattern, isSpelt));
    const ofAnyMethod = read.filter(({ method }) => method === undefined).map(({ tokens }) => tokens);
    return [
      ...this.#add(place, 'url_pcre2', wrapped('^', chunked(ofAnyMethod, LONGEST, PATH_ENDINGS))),
      ...this.#add(place, 'pcre2', wrapped('\\] "', withMethods(read))),
    ];
  }

  /** Adds rules for payloads in the path, or in a parameter that is not a search. @returns their ids */
  addPayloads(place: Place, payloads: readonly ReadSignature[], others: readonly Tokens[] = []): number[] {
    const own = payloads.map(({ signature }) => rawTokens(signature.pattern));
    const tokens = [...own, ...others].map(withPlace);
    return this.#add(place, 'url_pcre2', wrapped('^', chunked(tokens, LONGEST)));
  }

  /** Adds rules for payloads anywhere in the target. @returns their ids */
  addTargets(level: number, payloads: readonly ReadSignature[], what: string): number[] {
    const tokens = payloads.map(({ signature }) => rawTokens(signature.pattern));
    return this.#add({ level, parents: REQUESTS, what }, 'url_pcre2', chunked(tokens, LONGEST));
  }

  /** Adds rules for payloads in the quoted fields after status and size. @returns their ids */
  addHeaders(level: number, payloads: readonly ReadSignature[], what: string): number[] {
    const tokens = payloads.flatMap(({ signature }) =>
      variantsOf(signature.pattern).map((pattern) => withField(headerTokens(pattern))),
    );
    const place = { level, parents: REQUESTS, what };
    return this.#add(place, 'pcre2', wrapped(BEHIND_SIZE, chunked(tokens, LONGEST)));
  }
}

/** Returns `count` consecutive ids. */
export function idsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

const wrapped = (before: string, patterns: readonly string[]): string[] =>
  patterns.map((pattern) => `${before}${pattern}`);

/** The expressions for paths with a method, each method once. */
function withMethods(paths: readonly PathPattern[]): string[] {
  const tokens = paths.flatMap(({ method, tokens: own }): Tokens[] =>
    method === undefined ? [] : [[`${method} `, ...own.map(withoutSpace)]],
  );
  return chunked(tokens, LONGEST);
}

/** A pattern with a method matches the whole line, in which a space ends the target. */
const withoutSpace = (token: string): string => token.replace(/\[\^(?=\/?\?)/g, '[^\\s');

const START = '(?:(?:\\w+://[^/?]*)?|[^?]*\\?(?:[^\\x26]*\\x26)*)';
const NO_SEARCH = `(?:[^?]*|[^?]*\\?(?:[^&]*&)*(?!${SEARCH})[^&]*?)`.replaceAll('&', '\\x26');

/** A payload at the start of the path or of a parameter, or a payload anywhere except in a search parameter. */
const withPlace = ([first = '', ...others]: Tokens): Tokens =>
  first === '^' ? [START, ...others] : [NO_SEARCH, first, ...others];

const BEHIND_SIZE = '" \\d{3} (?:\\d+|-) ';
const IN_FIELD = '"(?:[^"\\\\]|\\\\.)*?';

/** `(?:^|[;|])wget` is two patterns: one for the start of a field, and one for its middle. */
function variantsOf(pattern: string): string[] {
  const [, others, rest] = /^\(\?:\^\|([^)]*)\)(.*)$/.exec(pattern) ?? [];
  return others === undefined ? [pattern] : [`^${rest}`, `(?:${others})${rest}`];
}

/** A payload at the start of a field, or anywhere in a field. */
const withField = ([first = '', ...others]: Tokens): Tokens =>
  first === '^'
    ? ['"(?:(?:[^"\\\\]|\\\\.)*+" ")?', ...others]
    : ['"(?:(?:[^"\\\\]|\\\\.)*+" ")?', IN_FIELD.slice(1), first, ...others];
