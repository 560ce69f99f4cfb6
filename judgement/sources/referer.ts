const SLASH = 0x2f;
const COLON = 0x3a;
const QUERY = 0x3f;
const HASH = 0x23;

/** The maximum length of a host (RFC 1035). */
export const LONGEST_HOST = 253;

/** True for a referer that a browser may have sent: `http://…` or `https://…`. */
export const isWebReferer = (referer: string): boolean =>
  referer.startsWith('http://') || referer.startsWith('https://');

/** The position of the host in a web referer. */
const hostAt = (referer: string): number => (referer.charCodeAt(4) === COLON ? 7 : 8);

/** The host of a web referer, without the port, in lower case. */
export function hostOf(referer: string): string {
  const from = hostAt(referer);
  let to = from;
  while (to < referer.length && !endsHost(referer.charCodeAt(to))) to++;
  return referer.slice(from, to).toLowerCase();
}

/** True for a host that no browser can have asked for: it has characters that no host name has. */
export const isNoHost = (host: string): boolean => /[^\w.:[\]-]/.test(host);

/** True if a web referer has this host. Allocates no text. @param host in lower case, without a port */
export function isOfHost(referer: string, host: string): boolean {
  const from = hostAt(referer);
  const to = from + host.length;
  return referer.startsWith(host, from) && (to === referer.length || endsHost(referer.charCodeAt(to)));
}

/** The position of the path in a web referer; its length if it has no path. */
export function pathAt(referer: string): number {
  const at = referer.indexOf('/', hostAt(referer));
  return at < 0 ? referer.length : at;
}

const endsHost = (code: number): boolean =>
  code === SLASH || code === COLON || code === QUERY || code === HASH;

/** Hosts that send visitors to every site, so none of them is the site itself. */
const ELSEWHERE =
  /(?:^|\.)(?:google|bing|duckduckgo|yahoo|yandex|baidu|ecosia|qwant|startpage|facebook|instagram|twitter|linkedin|reddit|youtube|pinterest)\.[a-z.]{2,6}$|(?:^|\.)(?:t\.co|x\.com)$/;

/** True for a search engine or a network that sends visitors to every site. */
export const isElsewhere = (host: string): boolean => ELSEWHERE.test(host);

/** The host in a log's field, without its port, in lower case. */
export function plainHost(host: string): string {
  const lower = host.toLowerCase();
  const port = /:\d{1,5}$/.exec(lower);
  return port ? lower.slice(0, port.index) : lower;
}
