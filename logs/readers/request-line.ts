import { wordFromLog } from './canonical-text.ts';

/** The parts of a request line; their texts are canonical. */
export interface RequestLine {
  readonly method: string;
  readonly target: string;
  readonly version: string;
}

/** The version of a request that names none: servers answer `GET /.env` as HTTP/0.9. */
export const NO_VERSION = 'HTTP/0.9';

/**
 * Parses a request line as a log has it, for any bytes that the client has sent. A target may have spaces, and the
 * version may be missing; raw bytes, such as bytes of TLS, are a target without a method.
 *
 * @param convert makes a part of it canonical
 * @returns undefined when there was no request: a connection that was opened and not used
 */
export function requestLine(line: string, convert = wordFromLog): RequestLine | undefined {
  if (line === '-' || line === '') return undefined;
  const end = methodEnd(line);
  if (end <= 0) return { method: '-', target: convert(line), version: NO_VERSION };
  // Servers ignore spaces around the target, and nginx also ignores spaces after the version.
  const to = endBeforeSpaces(line, line.length, end + 1);
  const last = lastSpace(line, to);
  const hasVersion = last > end && line.startsWith('HTTP/', last + 1);
  // `trim` would also remove a tab. A server that logs a tab there takes the tab for a part of the target.
  let from = end + 1;
  while (line.charCodeAt(from) === SPACE) from++;
  const target = line.slice(from, hasVersion ? endBeforeSpaces(line, last, from) : to);
  return {
    method: methodOf(line.slice(0, end)),
    target: target === '' ? '-' : convert(target),
    version: hasVersion ? convert(line.slice(last + 1, to)) : NO_VERSION,
  };
}

/** The end of a text without the spaces at its end. */
function endBeforeSpaces(text: string, end: number, start: number): number {
  let to = end;
  while (to > start && text.charCodeAt(to - 1) === SPACE) to--;
  return to;
}

/** Like lastIndexOf(' '), but faster for the few bytes of a version. */
function lastSpace(text: string, end: number): number {
  let at = end - 1;
  while (at >= 0 && text.charCodeAt(at) !== SPACE) at--;
  return at;
}

const SPACE = 0x20;

/** The offset of the space after the method; 0 or -1 when the line does not begin with a method (RFC 9110: a token). */
function methodEnd(line: string): number {
  for (let i = 0; i < line.length; i++) {
    const code = line.charCodeAt(i);
    if (code === SPACE) return i;
    if (!isOfWord(code) && !TOKEN.includes(line.charAt(i))) return -1;
  }
  return -1;
}

/** The characters that a token may hold besides the characters of `isOfWord`. */
const TOKEN = "!#$%&'*+.^`|~";

/** Apache accepts any token as a method, and passes it on to programs. A token that no method uses is not a method. */
function methodOf(token: string): string {
  for (let i = 0; i < token.length; i++) if (!isOfWord(token.charCodeAt(i))) return '-';
  return token.length <= LONGEST_METHOD ? token : '-';
}

const LONGEST_METHOD = 40;

/** Letters, digits, `-` and `_`. */
function isOfWord(code: number): boolean {
  const lower = code | 0x20;
  return (lower >= 97 && lower <= 122) || (code >= 48 && code <= 57) || code === 45 || code === 95;
}
