/** What the line of a log tells of a request. */
export interface RequestInLog {
  /** Method and path; the path alone where the log tells no method. */
  readonly request?: string | undefined;
  /** The same with its query, where it has one. */
  readonly whole?: string | undefined;
  /** What the client calls itself. */
  readonly agent?: string | undefined;
}

/** The longest request and name of a client that are shown, in characters. */
const LONGEST = 160;

// A quoted field of Apache's, nginx's or squid's log; what is quoted in it is escaped.
const QUOTED = /"((?:[^"\\]|\\.)*)"/g;
const REQUEST = /^([A-Z]{3,20}) (\S+)(?: HTTP\/[\d.]+)?$/;
// ModSecurity, in Apache's error log.
const MODSECURITY_URI = /\[uri "((?:[^"\\]|\\.)*)"\]/;

/** Finds a request in a line of an access log or of ModSecurity's; nothing where there is none. */
export function requestIn(log: string): RequestInLog {
  const [, uri] = MODSECURITY_URI.exec(log) ?? [];
  if (uri !== undefined) return { request: pathOf(uri), whole: wholeOf(uri, uri) };
  const quoted = Array.from(log.matchAll(QUOTED), ([, text = '']) => text);
  const at = quoted.findIndex((text) => REQUEST.test(text));
  if (at < 0) return {};
  const [, method = '', target = ''] = REQUEST.exec(quoted[at] ?? '') ?? [];
  // The combined form: "request" status bytes "referer" "user agent".
  const agent = quoted[at + 2];
  return {
    request: `${method} ${pathOf(target)}`.slice(0, LONGEST),
    whole: wholeOf(target, `${method} ${target}`),
    agent: agent === undefined || agent === '' || agent === '-' ? undefined : agent.slice(0, LONGEST),
  };
}

const pathOf = (target: string): string =>
  target.replace(/[?#].*/s, '').slice(0, LONGEST) || target.slice(0, LONGEST);

const wholeOf = (target: string, whole: string): string | undefined =>
  /[?#]/.test(target) ? whole.slice(0, LONGEST) : undefined;
