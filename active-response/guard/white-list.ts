import { type Address, parseAddress } from '../../base/address.ts';
import { withoutComments } from '../ossec-conf.ts';
import { HOST_NAME } from './allow-list.ts';

/** An entry of `<white_list>` in ossec.conf, which OSSEC 4 also calls `<allow_list>` (`Read_Global`). */
export interface WhiteListEntry {
  readonly text: string;
  /** Undefined for a name, and for a pattern. */
  readonly address: Address | undefined;
  /** The name of a host, in lower case, which a sweep resolves. */
  readonly name: string | undefined;
}

/** The white_list of a manager's ossec.conf; an agent's has none. */
export function whiteListOf(ossecConf: string | undefined): WhiteListEntry[] {
  if (ossecConf === undefined) return [];
  const [, ...sections] = withoutComments(ossecConf).split('<global>');
  const global = sections.map((section) => section.split('</global>', 1)[0]).join('\n');
  return [...global.matchAll(/<(white_list|allow_list)>([^<]*)<\/\1>/g)].map(([, , entry = '']) => {
    const text = entry.trim();
    const address = addressOf(text);
    return { text, address, name: address ? undefined : nameOf(text) };
  });
}

/** The addresses and prefixes of the white_list. */
export const whiteListed = (ossecConf: string | undefined): Address[] =>
  whiteListOf(ossecConf).flatMap(({ address }) => address ?? []);

/** Reads an address; OSSEC also accepts 192.168.2.0/255.255.255.0. */
function addressOf(text: string): Address | undefined {
  const [host = '', mask = ''] = text.split('/');
  try {
    if (!mask.includes('.')) return parseAddress(text);
    const bits = parseAddress(mask).value.toString(2);
    return /^1{1,32}0*$/.test(bits) && bits.length === 32
      ? parseAddress(`${host}/${bits.replaceAll('0', '').length}`)
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The name in `www.example.org` and `^www.example.org$`. Leaves out names of this host such as `localhost`, which is
 * protected anyway.
 */
function nameOf(text: string): string | undefined {
  const name = text.replace(/^\^|\$$/g, '').toLowerCase();
  return HOST_NAME.test(name) && !name.startsWith('localhost') ? name : undefined;
}
