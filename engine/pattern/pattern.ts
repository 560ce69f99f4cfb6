import { growsExponentially, isAnchored, polynomialDegree } from './backtracking-degree.ts';
import { asLowerCase, withBothCases } from './byte-set.ts';
import { asLiteral, firstBytes, type Literal, requiredTexts, textsOf } from './literal.ts';
import { parseOsMatch } from './os-match.ts';
import { parseOsRegex } from './os-regex.ts';
import { parsePcre2 } from './parse-pcre2.ts';
import { mapSets, type Node, PatternError, setsOf } from './syntax.ts';
import { textSource, toJavaScript } from './to-javascript.ts';

export type PatternKind = 'osmatch' | 'osregex' | 'pcre2';

/**
 * The number of bytes of a long subject that are matched if the work grows with the square of its length, or faster.
 */
const SUBJECT_LIMIT = { square: 6144, more: 2048 } as const;

/** A compiled pattern of any dialect. Subjects are byte strings (latin1). */
export interface Pattern {
  readonly source: string;
  /** See backtrackingDegree(): 1 is linear, 2 is quadratic. */
  readonly degree: number;
  /** The possible first bytes of a matching subject, if the pattern is anchored; else undefined. */
  readonly firstBytes: Uint8Array | undefined;
  /** True when the subject matches. `lower` is the subject in lower case; it may be the same string. */
  test(subject: string, lower: string): boolean;
  /** The offset just after the match, or -1. */
  end(subject: string): number;
  /** The match, with its groups; see endOf() and groupsOf(). */
  exec(subject: string): RegExpExecArray | null;
}

const cache = new Map<string, Pattern>();

/**
 * Compiles a pattern, once for equal patterns.
 *
 * @param caseless for pcre2 only; OS_Match and OS_Regex always ignore case
 * @throws PatternError for a pattern that cannot be expressed, or whose work grows exponentially
 */
export function compilePattern(kind: PatternKind, source: string, caseless = true): Pattern {
  const key = `${kind} ${caseless} ${source}`;
  const known = cache.get(key);
  if (known) return known;
  const pattern = build(parse(kind, source, caseless), source);
  cache.set(key, pattern);
  return pattern;
}

function parse(kind: PatternKind, source: string, caseless: boolean): Node {
  if (kind === 'osmatch') return parseOsMatch(source);
  return kind === 'osregex' ? parseOsRegex(source) : parsePcre2(source, caseless);
}

function build(node: Node, source: string): Pattern {
  if (growsExponentially(node)) {
    throw new PatternError(
      'a loop inside a loop can match the same text in many ways (catastrophic backtracking)',
    );
  }
  return new CompiledPattern(node, source);
}

/** The offset just after a match. */
export function endOf(match: RegExpExecArray): number {
  return match.index + match[0].length;
}

/** The groups that took part in a match, in order: OSSEC ignores the others. */
export function groupsOf(match: RegExpExecArray): string[] {
  return match.slice(1).filter((group) => group !== undefined);
}

/** Compiles the regular expressions on first use: most of a ruleset never runs. */
class CompiledPattern implements Pattern {
  private matches: Pattern['test'] | undefined;
  private finder: RegExp | undefined;
  private executor: ((subject: string) => RegExpExecArray | null) | undefined;
  private knownDegree: number | undefined;

  constructor(
    private readonly node: Node,
    readonly source: string,
  ) {}

  /**
   * Computed for the first long subject: computing the degrees of a whole ruleset takes longer than the rest of
   * loading.
   */
  get degree(): number {
    this.knownDegree ??= polynomialDegree(this.node);
    return this.knownDegree;
  }

  get firstBytes(): Uint8Array | undefined {
    return isAnchored(this.node) ? firstBytes(this.node) : undefined;
  }

  test(subject: string, lower: string): boolean {
    this.matches ??= tester(this.node);
    const length = this.matchedLength(subject);
    if (subject.length <= length) return this.matches(subject, lower);
    return this.matches(subject.slice(0, length), lower.slice(0, length));
  }

  end(subject: string): number {
    this.finder ??= new RegExp(toJavaScript(this.node).source, 'g');
    const { finder } = this;
    finder.lastIndex = 0;
    return finder.test(this.cut(subject)) ? finder.lastIndex : -1;
  }

  exec(subject: string): RegExpExecArray | null {
    this.executor ??= executorOf(this.node);
    return this.executor(this.cut(subject));
  }

  private cut(subject: string): string {
    const length = this.matchedLength(subject);
    return subject.length > length ? subject.slice(0, length) : subject;
  }

  /** The greatest number of bytes of the subject that are matched; Infinity if there is no limit. */
  private matchedLength(subject: string): number {
    if (subject.length <= SUBJECT_LIMIT.more || this.degree < 2) return Infinity;
    return this.degree < 3 ? SUBJECT_LIMIT.square : SUBJECT_LIMIT.more;
  }
}

function executorOf(node: Node): (subject: string) => RegExpExecArray | null {
  const { source, groups } = toJavaScript(node);
  const regex = new RegExp(source);
  if (!groups) return (subject) => regex.exec(subject);
  return (subject) => {
    const match = regex.exec(subject);
    return match && withGroups(match, groups);
  };
}

/** The match with only the pattern's own groups. */
function withGroups(match: RegExpExecArray, groups: number[]): RegExpExecArray {
  const own = groups.map((group) => match[group]) as RegExpExecArray;
  own.index = match.index;
  own.input = match.input;
  return own;
}

/** Tests the subject in lower case when possible, because a plain text then needs no regular expression. */
function tester(node: Node): Pattern['test'] {
  const isCaseless = [...setsOf(node)].every((set) => withBothCases(set) === set);
  const folded = isCaseless ? mapSets(node, asLowerCase) : node;
  const literal = asLiteral(folded);
  const matches = literal ? literalTest(literal) : regexTest(folded);
  return isCaseless ? (_, lower) => matches(lower) : (subject) => matches(subject);
}

function literalTest({ text, atStart, atEnd }: Literal): (subject: string) => boolean {
  if (atStart && atEnd) return (subject) => subject === text;
  if (atStart) return (subject) => subject.startsWith(text);
  if (atEnd) return (subject) => subject.endsWith(text);
  return (subject) => subject.includes(text);
}

function regexTest(node: Node): (subject: string) => boolean {
  const regex = new RegExp(toJavaScript(node).source);
  const [text = '', ...others] = requiredTexts(node);
  if (others.length === 0 && text.length > 2)
    return (subject) => subject.includes(text) && regex.test(subject);
  if (!isWorthSearching([text, ...others]) || textsOf(node)) return (subject) => regex.test(subject);
  const search = new RegExp([text, ...others].map(textSource).join('|'));
  return (subject) => search.test(subject) && regex.test(subject);
}

/** False for very short texts: most subjects contain them, so a search would rule out few subjects. */
const isWorthSearching = (texts: readonly string[]): boolean => texts.every(({ length }) => length > 2);
