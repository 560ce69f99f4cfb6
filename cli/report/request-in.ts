/** What the line of a log tells of a request. */
export interface RequestInLog {
  /** Method and path; the path alone where the log tells no method. */
  readonly request?: string | undefined;
  /** The same with its query, where it has one. */
  readonly whole?: string | undefined;
  /** What the client calls itself. */
  readonly agent?: string | undefined;
}

/** The longest request and name of a client that are shown, and how much of a line is looked at, in characters. */
const LONGEST = 160;
export const LOOKED_AT = 4096;

// The log of Apache, nginx or squid in its combined form: "request" status bytes "referer" "user agent". A quote in
// what is quoted is escaped, and a line may be cut anywhere. No escaped quote is where a request begins: else a line
// of many would be looked through as many times.
const QUOTED = '[^"\\\\]*(?:\\\\.[^"\\\\]*)*';
const COMBINED = new RegExp(
  `(?<!\\\\)"([A-Z]{3,20}) ([^"\\s\\\\]${QUOTED})"(?:[^"]*"${QUOTED}"[^"]*"(${QUOTED}))?`,
);
const PROTOCOL = / HTTP\/[\d.]+$/;
// ModSecurity, in Apache's error log.
const MODSECURITY_URI = new RegExp(`\\[uri "(${QUOTED})"\\]`);

/** Finds a request in a line of an access log or of ModSecurity's; nothing where there is none. */
export function requestIn(log: string): RequestInLog {
  const line = log.length > LOOKED_AT ? log.slice(0, LOOKED_AT) : log;
  if (!line.includes('"')) return {};
  const [, uri] = line.includes('[uri "') ? (MODSECURITY_URI.exec(line) ?? []) : [];
  if (uri !== undefined) return withQuery('', uri);
  const [, method, target = '', agent] = COMBINED.exec(line) ?? [];
  if (method === undefined) return {};
  return {
    ...withQuery(`${method} `, target.replace(PROTOCOL, '')),
    agent: agent === undefined || agent === '' || agent === '-' ? undefined : agent.slice(0, LONGEST),
  };
}

function withQuery(method: string, target: string): RequestInLog {
  const end = target.search(/[?#]/);
  const whole = `${method}${target}`.slice(0, LONGEST);
  return end <= 0
    ? { request: whole }
    : { request: `${method}${target.slice(0, end)}`.slice(0, LONGEST), whole };
}
