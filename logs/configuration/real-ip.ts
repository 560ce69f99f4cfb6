import { TrustedProxies } from '../proxies/trusted-proxies.ts';
import type { Located, ServerConfiguration } from './configured-log.ts';

/** A directive that lets clients choose the address that a web server logs as theirs. */
export interface UnsafeRealIp {
  readonly directive: Located;
  /**
   * `everybody`: the server trusts the header of every sender. `header`: it trusts only named proxies, but many proxies
   * pass this header on unchanged from the client.
   */
  readonly because: 'everybody' | 'header';
}

/**
 * The directives of mod_remoteip and nginx's realip module that let a client forge `%a` and `$remote_addr`. Without a
 * list of proxies, mod_remoteip trusts every sender (mod_remoteip.c), and the realip module trusts no sender
 * (ngx_http_realip_module.c).
 */
export function unsafeRealIp({
  server,
  realIp,
}: Pick<ServerConfiguration, 'server' | 'realIp'>): UnsafeRealIp[] {
  const directives = realIp.map((located): Directive => {
    const [name = '', ...words] = located.text.split(' ');
    return { located, name: name.toLowerCase(), words };
  });
  return server === 'apache' ? inApache(directives) : inNginx(directives);
}

interface Directive {
  readonly located: Located;
  readonly name: string;
  readonly words: readonly string[];
}

function inApache(directives: readonly Directive[]): UnsafeRealIp[] {
  const lists = directives.filter(({ name }) => /^remoteip(?:internal|trusted)proxy(?:list)?$/.test(name));
  const hasList = (site: string): boolean =>
    lists.some(({ located }) => located.site === site || located.site === '');
  const headers = directives.filter(({ name }) => name === 'remoteipheader');
  const named = lists.filter(({ name }) => !name.endsWith('list'));
  const proxies = named.flatMap(({ words }) => words);
  return [
    ...headers.filter(({ located }) => !hasList(located.site)).map(everybody),
    ...(headers.length === 0 ? [] : named.filter(({ words }) => words.some(isEverybody)).map(everybody)),
    ...headers
      .filter(({ located, words }) => hasList(located.site) && isClientWritten(words[0] ?? '', proxies))
      .map(byHeader),
  ];
}

function inNginx(directives: readonly Directive[]): UnsafeRealIp[] {
  const from = directives.filter(({ name }) => name === 'set_real_ip_from');
  const [first] = from;
  if (first === undefined) return [];
  const headers = directives.filter(({ name }) => name === 'real_ip_header');
  const proxies = from.flatMap(({ words }) => words);
  const unsafe = headers.filter(({ words }) => isClientWritten(words[0] ?? '', proxies));
  // Without real_ip_header, nginx uses X-Real-IP.
  const byDefault = headers.length === 0 ? [first] : [];
  return [
    ...from.filter(({ words }) => words.some(isEverybody)).map(everybody),
    ...[...unsafe, ...byDefault].map(byHeader),
  ];
}

const everybody = ({ located: directive }: Directive): UnsafeRealIp => ({ directive, because: 'everybody' });
const byHeader = ({ located: directive }: Directive): UnsafeRealIp => ({ directive, because: 'header' });

/** Proxies append to X-Forwarded-For; the PROXY protocol is not a header; Cloudflare overwrites CF-Connecting-IP. */
function isClientWritten(header: string, proxies: readonly string[]): boolean {
  const name = header.toLowerCase();
  if (name === 'x-forwarded-for' || name === 'proxy_protocol') return false;
  if (name !== 'cf-connecting-ip') return true;
  const cloudflare = new TrustedProxies(['cloudflare']);
  return !proxies.every((proxy) => cloudflare.has(proxy.replace(/\/.*$/, '')));
}

/** The shortest prefixes, in bits: a shorter prefix has more addresses than any operator's proxies. */
const SHORTEST_IPV4 = 8;
const SHORTEST_IPV6 = 16;

/** True for a prefix such as `0.0.0.0/0` or `::/0`, but not for a prefix of private addresses. */
function isEverybody(word: string): boolean {
  const [, address = '', mask = ''] = /^([^/]+)\/([\d.]+)$/.exec(word) ?? [];
  if (mask === '') return false;
  const isIpv6 = address.includes(':');
  const length = mask.includes('.') ? lengthOfMask(mask) : Number(mask);
  const isInside = isIpv6 && /^f[c-f]/i.test(address);
  return !isInside && length < (isIpv6 ? SHORTEST_IPV6 : SHORTEST_IPV4);
}

/** The prefix length of a mask such as `255.0.0.0`, in bits. */
const lengthOfMask = (mask: string): number =>
  mask
    .split('.')
    .map((part) => Number(part).toString(2).replaceAll('0', '').length)
    .reduce((sum, bits) => sum + bits, 0);
