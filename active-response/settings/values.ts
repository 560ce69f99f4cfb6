import { addressesIn } from '../../base/address.ts';
import { levelOfWord } from '../level-words.ts';

/** Parsers of single values. Each returns the parsed value, or undefined when the text is not valid. */

const UNITS: Record<string, number> = { '': 1, s: 1, m: 60, h: 3600, d: 86400, w: 604800 };

/** Ten years, in seconds: the longest time that a block has, unless it lasts for ever. */
export const LONGEST_TIME = 10 * 365 * 86_400;

/** A time in seconds: `600`, `90s`, `10m`, `2h`, `1d`, `1w`. More than 0, at most ten years. */
export function seconds(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,9})([smhdw]?)$/.exec(text) ?? [];
  const value = Number(count) * (UNITS[unit] ?? Number.NaN);
  return value > 0 && value <= LONGEST_TIME ? value : undefined;
}

/** The duration of a block, in seconds: a time, or `forever`, which is Infinity. */
export const blockTime = (text: string): number | undefined =>
  text === 'forever' ? Number.POSITIVE_INFINITY : seconds(text);

/** Several times, first offence first: `1d,7d,forever`. An empty text gives an empty list. */
export function blockTimes(text: string): number[] | undefined {
  return list(text, blockTime);
}

/** The length of an IPv6 prefix that can be blocked: from 32 to 128; 0 for an empty text. */
export function ipv6PrefixLength(text: string): number | undefined {
  const length = /^[1-9]\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return text === '' ? 0 : length >= 32 && length <= 128 ? length : undefined;
}

/** A count from 2 to 256; 0 for an empty text. */
export function countOrNone(text: string): number | undefined {
  const count = /^\d{0,3}$/.test(text) ? Number(text) : Number.NaN;
  return text === '' || (count >= 2 && count <= 256) ? count : undefined;
}

/** Ports and ranges, as nft and iptables write them: `80,25,8000-8100`. An empty text gives an empty list. */
export function ports(text: string): string[] | undefined {
  return list(text, (item) => {
    const [, first, last = first] = /^([1-9]\d{0,4})(?:-([1-9]\d{0,4}))?$/.exec(item) ?? [];
    const fits = Number(first) >= 1 && Number(last) <= 65535 && Number(first) <= Number(last);
    return fits ? item : undefined;
  });
}

/** Rule ids of OSSEC, Wazuh 4 and Riposte: `31151,117010`. An empty text gives an empty list. */
export function ruleIds(text: string): string[] | undefined {
  return list(text, ruleNumber);
}

/** Rule ids of any manager: numbers, and the UUIDs of Wazuh 5, in lower case. An empty text gives an empty list. */
export function anyRuleIds(text: string): string[] | undefined {
  const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;
  return list(text.toLowerCase(), (item) => (uuid.test(item) ? item : ruleNumber(item)));
}

const ruleNumber = (item: string): string | undefined => (/^\d{1,8}$/.test(item) ? item : undefined);

/** A rule level, 0 to 16, or Wazuh 5's word for it. */
export function level(text: string): number | undefined {
  return /^\d{1,2}$/.test(text) && Number(text) <= 16 ? Number(text) : levelOfWord(text);
}

/** `yes` is true, `no` is false. */
export function yesOrNo(text: string): boolean | undefined {
  return text === 'yes' ? true : text === 'no' ? false : undefined;
}

/** One of a few words. */
export function oneOf<const T extends string>(...words: T[]): (text: string) => T | undefined {
  return (text) => words.find((word) => word === text);
}

/** A file's absolute path, or an empty text. */
export function path(text: string): string | undefined {
  return text === '' || text.startsWith('/') ? text : undefined;
}

/** A file's absolute path. */
export const absolutePath = (text: string): string | undefined => (text.startsWith('/') ? text : undefined);

/**
 * Logs separated by commas: absolute paths, also with `*` and `?`, and `journal:UNIT`, each optionally followed by
 * `=FORMAT`. Checks only the form; logs/sources/log-source.ts parses them. An empty text gives an empty list.
 */
export function logSources(text: string): string[] | undefined {
  return list(text, (item) =>
    isPath(item) || /^journal:[\w.@:\\][\w.@:\\-]*(=[\w:.-]+)?$/.test(item) ? item : undefined,
  );
}

/**
 * Refuses two paths with a space between them, a space before `=`, and `=` without a format: such a path would not
 * exist.
 */
const isPath = (item: string): boolean => item.startsWith('/') && !/\s[/=]|=$/.test(item);

/** The CDNs in logs/proxies/cdn-lists.ts, repeated here because the scripts read this file and carry no lists. */
export const CDN_NAMES: readonly string[] = ['cloudflare', 'fastly', 'cloudfront'];

/** Proxies separated by commas: names of CDNs, addresses, and prefixes. An empty text gives an empty list. */
export function proxies(text: string): string[] | undefined {
  return list(text, (item) => (CDN_NAMES.includes(item) || isProxy(item) ? item : undefined));
}

/**
 * Refuses prefixes that are too wide for any operator's proxies: IPv4 prefixes wider than /8, and IPv6 prefixes wider
 * than /20 except those of unique local addresses.
 */
function isProxy(item: string): boolean {
  const [address] = item.includes('%') ? [] : addressesIn(item);
  if (address === undefined) return false;
  const { family, value, prefix } = address;
  const isUniqueLocal = family === 6 && prefix >= 7 && value >> 121n === 0xfcn >> 1n;
  return isUniqueLocal || prefix >= (family === 4 ? 8 : 20);
}

/** Host names separated by commas, without ports. An empty text gives an empty list. */
export function hostNames(text: string): string[] | undefined {
  return list(text, (item) => (/^[a-z0-9.-]{1,253}$/i.test(item) ? item : undefined));
}

/**
 * A listening address of this host: `127.0.0.1:9749`, `[::1]:9749`, or the path of a socket; an empty text means
 * none.
 */
export function listenAddress(text: string): string | undefined {
  if (text === '' || text.startsWith('/')) return text;
  const [, host, port] = /^(127(?:\.\d{1,3}){3}|\[::1\]):([1-9]\d{0,4})$/.exec(text) ?? [];
  const isAddress = host === '[::1]' || host?.split('.').every((part) => Number(part) <= 255);
  return isAddress && Number(port) <= 65535 ? text : undefined;
}

/** The name or number of a group; an empty text means none. */
export function groupName(text: string): string | undefined {
  return /^[\w.-]{0,32}$/.test(text) ? text : undefined;
}

/** A number of blocks. */
export function blockCount(text: string): number | undefined {
  const count = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  return count >= 100 && count <= 1_000_000 ? count : undefined;
}

/** A number of addresses and prefixes of lists. */
export function importCount(text: string): number | undefined {
  const count = /^\d{1,8}$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
  return count <= 10_000_000 ? count : undefined;
}

/** A program by its absolute path and its arguments, split at spaces as Wazuh does; an empty text means none. */
export function command(text: string): string[] | undefined {
  const words = text.split(' ').filter((word) => word !== '');
  return words.length === 0 || words[0]?.startsWith('/') ? words : undefined;
}

/** A number of messages in a time: `10/1h`. */
export interface Rate {
  readonly count: number;
  readonly seconds: number;
}

/** Parses a rate such as `10/1h`. */
export function rate(text: string): Rate | undefined {
  const [, count, time = ''] = /^([1-9]\d{0,4})\/(\w+)$/.exec(text) ?? [];
  const period = seconds(time);
  return count === undefined || period === undefined ? undefined : { count: Number(count), seconds: period };
}

/** `user@host`, or a user of this host; only ASCII, and nothing that a program would take as an option. */
export function mailAddress(text: string): string | undefined {
  return text === '' ||
    /^[\w!#$%&'*+/=?^`{|}~][\w!#$%&'*+/=?^`{|}~.-]{0,63}(@[a-z\d][a-z\d.-]{0,252})?$/i.test(text)
    ? text
    : undefined;
}

/** Mail addresses separated by commas. An empty text gives an empty list. */
export function mailAddresses(text: string): string[] | undefined {
  return list(text, (item) => (item === '' ? undefined : mailAddress(item)));
}

/** A mail server's URL, `sendmail`, or a compatible program; notify/mail-server.ts parses it. */
export function mailServer(text: string): string | undefined {
  const isUrl = /^(smtps?|smtp\+plain):\/\/([\w.-]+|\[[\da-f:.]+\])(:[1-9]\d{0,4})?\/?$/i.test(text);
  return isUrl || text === 'sendmail' || text.startsWith('/') ? text : undefined;
}

/** `slack`, `json`, or the absolute path of a template. */
export function webhookBody(text: string): string | undefined {
  return text === 'slack' || text === 'json' || text.startsWith('/') ? text : undefined;
}

function list<T>(text: string, parse: (item: string) => T | undefined): T[] | undefined {
  const items = text.split(',').map((item) => item.trim());
  if (text.trim() === '') return [];
  const values = items.map(parse).filter((value) => value !== undefined);
  return values.length === items.length ? values : undefined;
}
