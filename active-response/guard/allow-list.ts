import { join } from 'node:path';
import { type Address, parseAddress } from '../../base/address.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { readIfThere } from '../../base/files.ts';
import { printable } from '../../base/printable.ts';

/**
 * The addresses and prefixes of the entries in riposte.allow that have not ended. Each line has one entry; `#` starts a
 * comment. Adds the last resolved addresses of its host names, because a response must not wait for DNS. Empty when
 * neither file exists, or `file` is undefined.
 *
 * @throws RiposteError (CONFIG), with file and line, when an entry is wrong; (IOERR, NOPERM) when a file cannot be
 * read. Skipping a wrong entry would leave an address unprotected.
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

/** Describes the fault of an entry. */
export const wrongEntry = (entry: string): string =>
  `'${printable(entry, 80)}' ${
    /\suntil(?:\s|$)/.test(entry)
      ? "needs a time such as 2026-12-31T18:00:00Z after the word 'until'"
      : 'is not an address, a prefix or a host name'
  }`;

/** Separates an entry's address or name from its end time. */
export const UNTIL = /\s+until\s+(?=\d{4}-)/;

/** A name with a dot. Its last part begins with a letter, so that `192.0.2.300` is not taken for a name. */
export const HOST_NAME = /^[\w.-]+\.[a-z][\w-]*$/i;
