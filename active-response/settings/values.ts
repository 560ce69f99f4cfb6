/** Parsers of single values. Each returns what it read, or undefined when the text is not such a value. */

const UNITS: Record<string, number> = { '': 1, s: 1, m: 60, h: 3600, d: 86400, w: 604800 };

/** A time in seconds: `600`, `90s`, `10m`, `2h`, `1d`, `1w`. More than 0, at most ten years. */
export function seconds(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,9})([smhdw]?)$/.exec(text) ?? [];
  const value = Number(count) * (UNITS[unit] ?? Number.NaN);
  return value > 0 && value <= 10 * 365 * 86400 ? value : undefined;
}

/** Several times, first offence first: `1d,7d`. An empty text is none. */
export function secondsList(text: string): number[] | undefined {
  return list(text, seconds);
}

/** Ports and ranges of them, as nft and iptables write them: `80,25,8000-8100`. An empty text is none. */
export function ports(text: string): string[] | undefined {
  return list(text, (item) => {
    const [, first, last = first] = /^([1-9]\d{0,4})(?:-([1-9]\d{0,4}))?$/.exec(item) ?? [];
    const fits = Number(first) >= 1 && Number(last) <= 65535 && Number(first) <= Number(last);
    return fits ? item : undefined;
  });
}

/** Rule ids as the manager has them: `31151,117010`. An empty text is none. */
export function ruleIds(text: string): string[] | undefined {
  return list(text, (item) => (/^\d{1,8}$/.test(item) ? item : undefined));
}

/** An OSSEC rule level, 0 to 16. */
export function level(text: string): number | undefined {
  return /^\d{1,2}$/.test(text) && Number(text) <= 16 ? Number(text) : undefined;
}

export function yesOrNo(text: string): boolean | undefined {
  return text === 'yes' ? true : text === 'no' ? false : undefined;
}

/** One of a few words. */
export function oneOf<const T extends string>(...words: T[]): (text: string) => T | undefined {
  return (text) => words.find((word) => word === text);
}

/** A file by its absolute path; an empty text is none. */
export function path(text: string): string | undefined {
  return text === '' || text.startsWith('/') ? text : undefined;
}

/** Files by their absolute paths, with commas between them; an empty text is none. */
export function paths(text: string): string[] | undefined {
  return list(text, (item) => (item.startsWith('/') ? item : undefined));
}

/** Where to listen for this host alone: `127.0.0.1:9749`, `[::1]:9749`, or the path of a socket; an empty text is nowhere. */
export function listenAddress(text: string): string | undefined {
  if (text === '' || text.startsWith('/')) return text;
  const [, host, port] = /^(127(?:\.\d{1,3}){3}|\[::1\]):([1-9]\d{0,4})$/.exec(text) ?? [];
  const isAddress = host === '[::1]' || host?.split('.').every((part) => Number(part) <= 255);
  return isAddress && Number(port) <= 65535 ? text : undefined;
}

/** The name or number of a group; an empty text is none. */
export function groupName(text: string): string | undefined {
  return /^[\w.-]{0,32}$/.test(text) ? text : undefined;
}

/** A program by its absolute path and its arguments, split at spaces as Wazuh splits; an empty text is none. */
export function command(text: string): string[] | undefined {
  const words = text.split(' ').filter((word) => word !== '');
  return words.length === 0 || words[0]?.startsWith('/') ? words : undefined;
}

/** Messages in a time: `10/1h`. */
export interface Rate {
  readonly count: number;
  readonly seconds: number;
}

export function rate(text: string): Rate | undefined {
  const [, count, time = ''] = /^([1-9]\d{0,4})\/(\w+)$/.exec(text) ?? [];
  const period = seconds(time);
  return count === undefined || period === undefined ? undefined : { count: Number(count), seconds: period };
}

/** `user@host`, or a user of this host; of ASCII alone, and nothing that a program would take for an option. */
export function mailAddress(text: string): string | undefined {
  return text === '' ||
    /^[\w!#$%&'*+/=?^`{|}~][\w!#$%&'*+/=?^`{|}~.-]{0,63}(@[a-z\d][a-z\d.-]{0,252})?$/i.test(text)
    ? text
    : undefined;
}

export function mailAddresses(text: string): string[] | undefined {
  return list(text, (item) => (item === '' ? undefined : mailAddress(item)));
}

/** A mail server's URL, `sendmail`, or a program like it; notify/mail-server.ts reads it. */
export function mailServer(text: string): string | undefined {
  const isUrl = /^(smtps?|smtp\+plain):\/\/([\w.-]+|\[[\da-f:.]+\])(:[1-9]\d{0,4})?\/?$/i.test(text);
  return isUrl || text === 'sendmail' || text.startsWith('/') ? text : undefined;
}

function list<T>(text: string, parse: (item: string) => T | undefined): T[] | undefined {
  const items = text.split(',').map((item) => item.trim());
  if (text.trim() === '') return [];
  const values = items.map(parse).filter((value) => value !== undefined);
  return values.length === items.length ? values : undefined;
}
