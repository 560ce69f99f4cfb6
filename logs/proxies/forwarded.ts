import { parseAddressField } from '../readers/address-field.ts';

const QUOTE = 34;
const COMMA = 44;
const SEMICOLON = 59;
const EQUALS = 61;
const BACKSLASH = 92;

/**
 * The offset where the last element of a Forwarded header begins (RFC 7239). The search begins at the end, so that a
 * quote that a client left open cannot reach into the text that a proxy has appended.
 *
 * @param end where that element ends
 */
export function startOfElement(header: string, end: number): number {
  let isInQuotes = false;
  for (let at = end - 1; at >= 0; at--) {
    const code = header.charCodeAt(at);
    if (code === QUOTE && !isEscaped(header, at)) isInQuotes = !isInQuotes;
    else if (code === COMMA && !isInQuotes) return at + 1;
  }
  return 0;
}

function isEscaped(header: string, quote: number): boolean {
  let at = quote - 1;
  while (at >= 0 && header.charCodeAt(at) === BACKSLASH) at--;
  return (quote - at) % 2 === 0;
}

/**
 * The address in the `for` of one element, such as `for="[2001:db8::7]:443";proto=https`; undefined for `unknown`, a
 * name such as `_hidden`, an element without `for` or with two, and any other text.
 */
export function forwardedFor(element: string): string | undefined {
  let found: string | undefined;
  for (let at = 0; at < element.length; at++) {
    at = pastSpace(element, at);
    if (at === element.length || element.charCodeAt(at) === SEMICOLON) continue;
    const equals = element.indexOf('=', at);
    if (equals < 0 || !isToken(element, at, equals)) return undefined;
    const name = element.slice(at, equals);
    const end = endOfValue(element, equals + 1);
    at = pastSpace(element, end);
    if (end < 0 || (at < element.length && element.charCodeAt(at) !== SEMICOLON)) return undefined;
    if (name.length !== 3 || name.toLowerCase() !== 'for') continue;
    if (found !== undefined) return undefined;
    found = parseAddressField(element.slice(equals + 1, end));
    if (found === undefined) return undefined;
  }
  return found;
}

function pastSpace(text: string, start: number): number {
  let at = start;
  while (at < text.length && (text[at] === ' ' || text[at] === '\t')) at++;
  return at;
}

/** True for a token of RFC 9110. */
function isToken(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (!TOKEN.has(text.charCodeAt(at))) return false;
  return end > start;
}

const TOKEN = new Set(
  [..."!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"].map((char) =>
    char.charCodeAt(0),
  ),
);

/**
 * The offset after the closing quote; for a value without quotes, the offset after its last character; -1 if the
 * closing quote is missing.
 */
function endOfValue(text: string, start: number): number {
  let at = start;
  if (text.charCodeAt(start) !== QUOTE) {
    while (at < text.length && text[at] !== ' ' && text[at] !== '\t' && !isEnd(text.charCodeAt(at))) at++;
    return at;
  }
  for (at++; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code === BACKSLASH) at++;
  }
  return -1;
}

/** True for characters that end a value without quotes. */
const isEnd = (code: number): boolean => code === SEMICOLON || code === QUOTE || code === EQUALS;
