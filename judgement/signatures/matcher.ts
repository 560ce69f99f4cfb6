import { memoized } from '../../base/memoized.ts';
import { oncePerPack } from '../../base/pack-overlay.ts';
import type { AccessRecord } from '../../logs/readers/reading.ts';
import { type DecodedTarget, decodedTarget } from '../target/decoded-target.ts';
import { withoutEscapes } from '../target/percent.ts';
import { signatureList } from './list/index.ts';
import type { CompiledPattern } from './patterns.ts';
import type { PathException, ReadSignature, SignatureList } from './read-list.ts';
import type { Match, SignatureKind } from './signature.ts';
import { WordScanner } from './word-scanner.ts';

/** The fields of a record that signatures match. */
export type JudgedRequest = Pick<
  AccessRecord,
  'method' | 'target' | 'version' | 'referer' | 'userAgent' | 'status'
>;

/** @returns the strongest signature that a request matches; undefined for nearly every request */
export function signaturesOf(request: JudgedRequest): Match | undefined {
  return builtIn().match(request);
}

const builtIn = oncePerPack(() => new SignatureMatcher(signatureList()));

/** Matches requests with a list of signatures. */
export class SignatureMatcher {
  readonly #ofPath: Scanned;
  /** Signatures of payloads, and of paths whose word is in the query. */
  readonly #ofPayload: Scanned;
  readonly #ofHeader: Scanned;
  readonly #exceptions: readonly PathException[];
  readonly #inAgent = memoized((agent) => this.#inHeader(agent, 'agent'), USUAL_HEADERS);
  readonly #inReferer = memoized((referer) => this.#inHeader(referer, 'referer'), USUAL_HEADERS);

  constructor({ signatures, exceptions }: SignatureList) {
    const ofTarget = signatures.filter(({ signature }) => IN_TARGET.has(signature.kind));
    const ofPathAlone = ofTarget.filter(({ compiled }) => isOfPathAlone(compiled));
    this.#ofPath = scanned(
      ofTarget.filter(({ compiled }) => compiled.isWordOfPath),
      [...INDIRECT_PATHS, ...UNUSUAL_IN_PATH, ...ofPathAlone.map(({ compiled }) => scannedWord(compiled))],
    );
    this.#ofPayload = scanned(
      ofTarget.filter(({ compiled }) => !compiled.isWordOfPath),
      ENCODING,
    );
    this.#ofHeader = scanned(
      signatures.filter(({ signature }) => IN_HEADERS.has(signature.kind)),
      ENCODING_IN_HEADER,
    );
    this.#exceptions = exceptions;
  }

  match(request: JudgedRequest): Match | undefined {
    const inTarget = this.#needsDecoding(request.target) ? this.#inTarget(request) : undefined;
    const inAgent = this.#inAgent(request.userAgent);
    const inReferer = request.referer === '-' ? undefined : this.#inReferer(request.referer);
    return stronger(stronger(inTarget, inAgent), inReferer);
  }

  /** False for nearly every target: such a target cannot match any signature, so it need not be decoded. */
  #needsDecoding(target: string): boolean {
    if (target.charCodeAt(0) !== SLASH) return true;
    const at = target.indexOf('?');
    const end = at < 0 ? target.length : at;
    if (this.#ofPath.scanner.hasAny(target, 0, end)) return true;
    return at >= 0 && this.#ofPayload.scanner.hasAny(target, end, target.length);
  }

  #inTarget(request: JudgedRequest): Match | undefined {
    const target = decodedTarget(request.target);
    let strongest: Match | undefined;
    for (const candidate of candidates(this.#ofPath, target.path))
      strongest = stronger(strongest, this.#compare(candidate, target, request));
    for (const candidate of candidates(this.#ofPayload, target.decodedQuery))
      strongest = stronger(strongest, this.#compare(candidate, target, request));
    const hasSigns = HAS_SIGNS.test(target.uncollapsed);
    for (const candidate of candidates(this.#ofPayload, target.uncollapsed))
      if (hasSigns || isOfPathAlone(candidate.compiled) || holdsSign(candidate, target.uncollapsed))
        strongest = stronger(strongest, this.#compare(candidate, target, request));
    return strongest;
  }

  #compare(candidate: ReadSignature, target: DecodedTarget, request: JudgedRequest): Match | undefined {
    return candidate.signature.kind === 'path'
      ? this.#comparePath(candidate, target, request)
      : comparePayload(candidate, target);
  }

  #comparePath(candidate: ReadSignature, target: DecodedTarget, request: JudgedRequest): Match | undefined {
    const { signature, compiled } = candidate;
    if (!isMethod(candidate, request) || !isPath(candidate, target)) return undefined;
    const exception = this.#exceptions.find(
      (line) => isMethod(line, request) && excuses(line, candidate, target),
    )?.class;
    if (exception === 'harmless') return undefined;
    const isInSearch = isTextInSearch(compiled.queryText, target);
    const isUnmistakable = signature.class === 'unmistakable' && exception === undefined && !isInSearch;
    const wasServed = request.status === '200' || request.status === '206';
    return {
      signature,
      class: isUnmistakable ? 'unmistakable' : 'probe',
      isSevere: isUnmistakable && (signature.isSevere || (signature.isSecret && wasServed)),
      place: 'path',
      text: isInSearch ? searchedText(target) : textOf(target),
      isInSearch,
    };
  }

  #inHeader(header: string, place: 'agent' | 'referer'): Match | undefined {
    if (!this.#ofHeader.scanner.hasAny(header, 0, header.length)) return undefined;
    const text = withoutEscapes(header).toLowerCase();
    let strongest: Match | undefined;
    for (const { signature, compiled } of candidates(this.#ofHeader, text)) {
      if (signature.kind === 'agent' && place !== 'agent') continue;
      if (!compiled.expression.test(text)) continue;
      const { class: found, isSevere } = signature;
      strongest = stronger(strongest, { signature, class: found, isSevere, place, text, isInSearch: false });
    }
    return strongest;
  }
}

const IN_TARGET: ReadonlySet<SignatureKind> = new Set(['path', 'payload', 'everywhere']);
const IN_HEADERS: ReadonlySet<SignatureKind> = new Set(['header', 'everywhere', 'agent']);

/** Signatures, and the scanner that finds their words. */
interface Scanned {
  readonly signatures: readonly ReadSignature[];
  readonly scanner: WordScanner;
}

/** @param more further words, which have no signature */
function scanned(signatures: readonly ReadSignature[], more: readonly string[] = []): Scanned {
  const words = signatures.map(({ compiled }) => scannedWord(compiled));
  return { signatures, scanner: new WordScanner([...words, ...more]) };
}

const scannedWord = ({ word }: CompiledPattern): string => word.slice(-LONGEST_WORD);

/**
 * True for a payload's expression that begins at the slash of a path: a path without any character of UNUSUAL_IN_PATH
 * can match it.
 */
const isOfPathAlone = ({ isWordOfPath, source }: CompiledPattern): boolean =>
  !isWordOfPath && /^\^\\?\//.test(source);

/** A site's visitors have a few hundred different user agents, and come from a few hundred different referers. */
const USUAL_HEADERS = { most: 1024, longest: 512 };

/** The end of a word is specific enough, and short ends keep the scanner's table small. */
const LONGEST_WORD = 12;

/** The signatures whose words are in one of the texts. */
function candidates({ signatures, scanner }: Scanned, ...texts: readonly string[]): ReadSignature[] {
  const found = new Set<number>();
  for (const text of texts) scanner.collect(text, found);
  return [...found].flatMap((index) => signatures[index] ?? []);
}

const SLASH = 0x2f;

/** Servers remove these parts from a path, so an attacker may write such a part inside a word. */
const INDIRECT_PATHS = ['//', '/./', './', '..'];

/** The characters that may hide the rest of a path's word, and the characters that payloads contain. */
const UNUSUAL_IN_PATH = [...'%\\;#$(){}[]<>|`\'"*^'];
const ENCODING = [...'%\\'];
/**
 * Signs of a payload in a decoded path. A path without these signs, such as `/docs/union-select`, is the path of an
 * article.
 */
const HAS_SIGNS = /[^\w./~:@!,+&=-]|\.\.|\/\.?\//;
/** Signs that many ordinary paths have (`/@user/`): they count only within the payload itself. */
const HAS_COMMON_SIGN = /[=&@]/;
const ENCODING_IN_HEADER = ['\\'];

const holdsSign = ({ compiled }: ReadSignature, path: string): boolean =>
  HAS_COMMON_SIGN.test(path) && HAS_COMMON_SIGN.test(compiled.expression.exec(path)?.[0] ?? '');

const isMethod = ({ compiled }: Pick<ReadSignature, 'compiled'>, { method }: JudgedRequest): boolean =>
  compiled.method === undefined || compiled.method === method;

function isPath({ compiled }: ReadSignature, target: DecodedTarget): boolean {
  return compiled.expression.test(target.path) && target.decodedQuery.includes(compiled.queryText);
}

/**
 * True if the exception matches the path, and the signature does not match the part of the path in front of the
 * exception: servers pass a program any path behind its name, so an attacker can append an excepted path.
 */
function excuses({ compiled }: PathException, signature: ReadSignature, target: DecodedTarget): boolean {
  if (!target.decodedQuery.includes(compiled.queryText)) return false;
  const front = compiled.inFront(target.path);
  return front !== undefined && !signature.compiled.expression.test(front);
}

/**
 * True if a search parameter contains the text, and no other parameter does. A text that spans several parameters is in
 * none of them.
 */
function isTextInSearch(text: string, { parameters }: DecodedTarget): boolean {
  if (text === '') return false;
  const holders = parameters.filter((parameter) => parameter.text.includes(text));
  return holders.length > 0 && holders.every(({ isSearch }) => isSearch);
}

function comparePayload({ signature, compiled }: ReadSignature, target: DecodedTarget): Match | undefined {
  const where = placeOf(compiled.expression, target);
  if (where === undefined) return undefined;
  const isInSearch = where === 'search';
  const isWeaker = isInSearch && signature.kind === 'payload';
  return {
    signature,
    class: isWeaker ? 'probe' : signature.class,
    isSevere: signature.isSevere && !isWeaker,
    place: where === 'path' ? 'path' : 'query',
    text: isInSearch ? searchedText(target) : textOf(target),
    isInSearch,
  };
}

/** The part where the expression matches; `search` if only search parameters match. */
function placeOf(expression: RegExp, target: DecodedTarget): 'path' | 'query' | 'search' | undefined {
  if (expression.test(target.uncollapsed)) return 'path';
  if (target.query === '') return undefined;
  let isInSearch = false;
  for (const parameter of target.parameters) {
    if (!expression.test(parameter.text)) continue;
    if (!parameter.isSearch) return 'query';
    isInSearch = true;
  }
  if (isInSearch) return 'search';
  return expression.test(target.decodedQuery) ? 'query' : undefined;
}

/** The maximum length of the text that distinguishes two requests. */
const LONGEST_TEXT = 1000;

/** The text of all search parameters, which is the same on each page of a search's results. */
function searchedText({ parameters }: DecodedTarget): string {
  const searched = parameters.filter(({ isSearch }) => isSearch).map(({ text }) => text);
  return searched.join('&').slice(0, LONGEST_TEXT);
}

function textOf({ uncollapsed, query, decodedQuery }: DecodedTarget): string {
  const text = query === '' ? uncollapsed : `${uncollapsed}?${decodedQuery}`;
  return text.length > LONGEST_TEXT ? text.slice(0, LONGEST_TEXT) : text;
}

function stronger(one: Match | undefined, other: Match | undefined): Match | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const difference = strengthOf(other) - strengthOf(one);
  return difference > 0 || (difference === 0 && isNarrower(other, one)) ? other : one;
}

/** True if the first pattern is more specific: `/cgi-bin/luci/**` is inside `/cgi-bin/**`, but is another product. */
const isNarrower = ({ signature: one }: Match, { signature: other }: Match): boolean =>
  one.kind === 'path' && other.kind === 'path' && plainLength(one.pattern) > plainLength(other.pattern);

const plainLength = (pattern: string): number => pattern.replaceAll('*', '').length;

/**
 * The order is: severe, unmistakable, probe. Among probes a payload is stronger, because the site may serve the path's
 * product; a payload in a search is the weakest.
 */
function strengthOf({ class: found, isSevere, isInSearch, signature }: Match): number {
  if (isSevere) return 4;
  if (found === 'unmistakable') return 3;
  if (isInSearch) return 0;
  return signature.kind === 'path' ? 1 : 2;
}
