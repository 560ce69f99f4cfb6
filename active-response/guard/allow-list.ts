import { type Address, parseAddress } from '../address.ts';
import { EX, RiposteError } from '../errors.ts';
import { readIfThere } from '../files.ts';
import { printable } from '../printable.ts';

/**
 * The addresses and prefixes of riposte.allow: one a line, `#` starts a comment. None when there is no file.
 *
 * @throws RiposteError (CONFIG) naming file and line: an allow list that cannot be read protects nobody
 */
export function readAllowList(file: string): Address[] {
  const lines = (readIfThere(file) ?? '').split(/\r?\n/);
  return lines.flatMap((line, index) => {
    const entry = line.replace(/#.*/, '').trim();
    if (entry === '') return [];
    try {
      return [parseAddress(entry)];
    } catch {
      const what = `'${printable(entry, 80)}' is not an address or prefix`;
      throw new RiposteError(EX.CONFIG, `${file}:${index + 1}: ${what}`);
    }
  });
}
