/** The parts of a request in a log line. */
export interface RequestInLog {
  /** Method and path, or only the path if the log has no method. */
  readonly request?: string | undefined;
  /** The request with its query, if it has one. */
  readonly whole?: string | undefined;
  /** The client's User-Agent. */
  readonly agent?: string | undefined;
}

/** The longest request and user agent that are shown, and the part of a line that is searched, in characters. */
const LONGEST = 160;
export const SEARCHED = 4096;

// The combined format of Apache, nginx or squid: "request" status bytes "referer" "user agent". Quotes inside a quoted
// field are escaped, and a line may be cut anywhere. A request never begins at an escaped quote, because a line with
// many escaped quotes would otherwise be searched again from each of them.
const QUOTED = '[^"\\\\]*(?:\\\\.[^"\\\\]*)*';
const COMBINED = new RegExp(
  `(?<!\\\\)"([A-Z]{3,20}) ([^"\\s\\\\]${QUOTED})"(?:[^"]*"${QUOTED}"[^"]*"(${QUOTED}))?`,
);
const PROTOCOL = / HTTP\/[\d.]+$/;
// ModSecurity's field in Apache's error log.
const MODSECURITY_URI = new RegExp(`\\[uri "(${QUOTED})"\\]`);

/** Finds a request in a line of an access log or of ModSecurity's log; returns {} if there is none. */
export function requestIn(log: string): RequestInLog {
  const line = log.length > SEARCHED ? log.slice(0, SEARCHED) : log;
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
