import { utf8 } from '../../base/bytes.ts';
import { hasControls } from '../../base/printable.ts';
import type { AccessRecord } from '../../logs/readers/reading.ts';
import { CLASSES } from '../classes.ts';
import { signaturesOf } from '../signatures/matcher.ts';
import { withoutEscapes } from '../target/percent.ts';
import { comparedPath } from './path-pattern.ts';
import type { ExceptedRequest } from './request-condition.ts';

/** A longer user agent or referer is not a name that a person would except. */
const LONGEST = 300;

/**
 * The lines of riposte.except that would leave a request out of a rule, the narrowest first: by the user agent or the
 * referer if the rule matched there; else by the path, by the directories above it, and by the user agent.
 *
 * @param isAlone true if the rule answered this one request, not several together
 */
export function exceptionsFor(request: ExceptedRequest, rule: number, isAlone: boolean): string[] {
  const named = isAlone ? byName(request) : undefined;
  const conditions =
    named === undefined ? [...byPath(request, rule, isAlone), byAgent(request) ?? []].flat() : [named];
  return conditions.map((condition) => `${condition} rule:${rule}`);
}

function byName(request: ExceptedRequest): string | undefined {
  const { target = '/', userAgent = '-', referer = '-', status = '-' } = request;
  const judged: Parameters<typeof signaturesOf>[0] = {
    method: 'GET',
    target,
    version: 'HTTP/1.1',
    referer,
    userAgent,
    status,
  } satisfies Partial<AccessRecord>;
  const place = signaturesOf(judged)?.place;
  if (place === 'agent') return byAgent(request);
  return place === 'referer' ? textCondition('referer', referer) : undefined;
}

const byAgent = ({ userAgent = '-' }: ExceptedRequest): string | undefined =>
  userAgent === '-' || BROWSER.test(userAgent) ? undefined : textCondition('agent', userAgent);

/** The user agent of a browser, which any scanner may send, too. */
const BROWSER =
  /^Mozilla\/5\.0 \((?!compatible\b)[^)]*\) (?:AppleWebKit|Gecko)\/(?!.*(?:bot|crawl|spider|https?:))/i;

/** @param canonical a record's text */
function textCondition(key: string, canonical: string): string | undefined {
  const text = utf8(withoutEscapes(canonical));
  if (text.length > LONGEST || text.trim().length < 3 || hasControls(text) || text.includes('\ufffd'))
    return undefined;
  return `${key}:${quoted(text)}`;
}

const quoted = (text: string): string =>
  /^[^\s"\\#]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;

const BURSTS: ReadonlySet<number> = new Set([CLASSES.burst.rule, CLASSES['robot burst'].rule]);

/**
 * The path itself and, for several requests, the directories above it except the root: an exception of the root would
 * match every path. A burst gets only the directories, because the next burst requests other pages.
 */
function byPath({ target }: ExceptedRequest, rule: number, isAlone: boolean): string[] {
  const path = target === undefined ? undefined : comparedPath(target);
  if (path === undefined || path === '/') return [];
  const segments = path.slice(1).split('/').map(encoded);
  const directories = segments.slice(0, -1).map((_, above) => `/${segments.slice(0, above + 1).join('/')}/`);
  const paths = [
    ...(BURSTS.has(rule) ? [] : [`/${segments.join('/')}`]),
    ...(isAlone ? [] : directories.reverse()),
  ];
  return paths.map((each) => `path:${each}`);
}

/** The bytes that a path in riposte.except may not contain. A percent sign is decoded twice. */
const encoded = (segment: string): string =>
  segment.replace(/[^!$&'()+,\-./:;=@\w~]/g, (byte) =>
    byte === '%' ? '%2525' : `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
