import { join } from 'node:path';
import { type Address, parseAddress } from '../../base/address.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { readIfThere } from '../../base/files.ts';
import { printable } from '../../base/printable.ts';

/**
 * The addresses and prefixes in riposte.allow that have not ended: one in each line; `#` starts a comment. Includes
 * the addresses of its names as the last sweep resolved them, because a response must not wait for DNS. Empty when the
 * file does not exist, or `file` is undefined.
 *
 * @throws RiposteError (CONFIG) naming file and line: an unreadable allow list protects nobody
 */
export const readAllowList = (file: string | undefined): Address[] =>
  file === undefined ? [] : [file, resolvedNames(file)].flatMap(addressesOf);

/** The file with the addresses of an allow list's names. Only sweeps and `riposte allow` write it. */
export const resolvedNames = (allowList: string): string =>
  join(allowList, '../../var/riposte/allowed-names');

function addressesOf(file: string): Address[] {
  const lines = (readIfThere(file) ?? '').split(/\r?\n/);
  return lines.flatMap((line, index) => {
    const [entry = '', end] = line.replace(/#.*/, '').trim().split(UNTIL);
    if (entry === '' || HOST_NAME.test(entry) || Date.parse(end ?? '') <= Date.now()) return [];
    try {
      return [parseAddress(entry)];
    } catch {
      throw new RiposteError(EX.CONFIG, `${file}:${index + 1}: ${wrongEntry(entry)}`);
    }
  });
}

/** Says what is wrong with an entry. */
export const wrongEntry = (entry: string): string =>
  `'${printable(entry, 80)}' ${
    /\suntil(?:\s|$)/.test(entry)
      ? 'has no time such as 2026-12-31T18:00:00Z after until'
      : 'is not an address, a prefix or a host name'
  }`;

/** Separates an entry from its end. */
export const UNTIL = /\s+until\s+(?=\d{4}-)/;

/** A name with a dot. Its last part begins with a letter, so that no mistyped address is one. */
export const HOST_NAME = /^[\w.-]+\.[a-z][\w-]*$/i;
