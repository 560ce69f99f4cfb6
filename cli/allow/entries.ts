import { type Address, parseAddress } from '../../active-response/address.ts';
import { EX, RiposteError } from '../../active-response/errors.ts';
import { printable } from '../../active-response/printable.ts';
import { utf8 } from '../bytes.ts';

/** A line of riposte.allow that allows something. */
export interface AllowEntry {
  readonly address: Address;
  /** What stands behind its `#`, as it is there: not printable yet. */
  readonly comment: string;
  /** From 1. */
  readonly line: number;
}

/**
 * The entries of a riposte.allow, read as the guard reads them.
 *
 * @param text its bytes, as latin1
 * @throws RiposteError (CONFIG) naming file and line, for a line that is neither an address nor a comment
 */
export function readEntries(text: string, file: string): AllowEntry[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    const address = addressOf(line, `${file}:${index + 1}`);
    if (address === undefined) return [];
    const hash = line.indexOf('#');
    return [{ address, comment: hash === -1 ? '' : line.slice(hash + 1).trim(), line: index + 1 }];
  });
}

function addressOf(line: string, at: string): Address | undefined {
  const entry = utf8(line).replace(/#.*/, '').trim();
  if (entry === '') return undefined;
  try {
    return parseAddress(entry);
  } catch {
    const what = `'${printable(entry, 80)}' is not an address or prefix`;
    throw new RiposteError(EX.CONFIG, `${at}: ${what}: mend that line first; nothing was changed`);
  }
}

/** The text with an entry at its end, everything before as it was. Its line ends as the others do. */
export function withEntry(text: string, address: string, comment: string): string {
  const newline = /\r\n[^\n]*$/.test(text) ? '\r\n' : '\n';
  const gap = text === '' || text.endsWith('\n') ? '' : newline;
  return `${text}${gap}${address}  # ${comment}${newline}`;
}

/** The text without these lines (from 1), every other byte as it was. */
export function withoutLines(text: string, lines: ReadonlySet<number>): string {
  const kept = text.split(/(?<=\n)/).filter((_, index) => !lines.has(index + 1));
  return kept.join('');
}
