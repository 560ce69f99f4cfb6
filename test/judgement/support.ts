import type { JudgedRequest } from '../../judgement/signatures/matcher.ts';
import { textFromBytes, wordFromBytes } from '../../logs/readers/canonical-text.ts';
import { requestLine } from '../../logs/readers/request-line.ts';

/** A common user agent. */
export const BROWSER =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36';

/** A request in the form that the readers of logs return. */
export function requestFor(
  target: string,
  { method = 'GET', status = '404', userAgent = BROWSER, referer = '-' } = {},
): JudgedRequest {
  return {
    method,
    target: wordFromBytes(target),
    version: 'HTTP/1.1',
    status,
    userAgent: textFromBytes(userAgent),
    referer: textFromBytes(referer),
  };
}

/** A request in the same form, with the parts of a request line from a log. */
export function requestInLog(line: string, { status = '404', userAgent = BROWSER, referer = '-' } = {}) {
  const parts = requestLine(line);
  if (parts === undefined) throw new Error(`no request: ${line}`);
  return { ...parts, status, userAgent: textFromBytes(userAgent), referer: textFromBytes(referer) };
}
