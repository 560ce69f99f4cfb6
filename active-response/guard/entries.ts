import { type Address, parseAddress } from '../../base/address.ts';
import { utf8 } from '../../base/bytes.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { HOST_NAME, UNTIL, wrongEntry } from './allow-list.ts';

/** An address, a prefix or a name that an allow list can hold. */
export interface AllowedTarget {
  /** Undefined for the name of a host, which a sweep resolves. */
  readonly address: Address | undefined;
  /** The address or prefix, or the name in lower case. */
  readonly text: string;
  /** The end, in milliseconds since 1970; infinite for an entry without an end. */
  readonly until: number;
}

/** An entry of riposte.allow, and its line. */
export interface AllowEntry extends AllowedTarget {
  /** The text after the `#`, unchanged: not printable yet. */
  readonly comment: string;
  /** The line's number, from 1. */
  readonly line: number;
}

/**
 * Reads the entries of a riposte.allow, as the guard does.
 *
 * @param text its bytes, as latin1
 * @throws RiposteError (CONFIG) naming file and line, for a line that is neither an entry nor a comment
 */
export function readEntries(text: string, file: string): AllowEntry[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    const target = targetOf(line, `${file}:${index + 1}`);
    if (target === undefined) return [];
    const hash = line.indexOf('#');
    return [{ ...target, comment: hash === -1 ? '' : line.slice(hash + 1).trim(), line: index + 1 }];
  });
}

function targetOf(line: string, at: string): AllowedTarget | undefined {
  const entry = utf8(line).replace(/#.*/, '').trim();
  if (entry === '') return undefined;
  try {
    return parseAllowed(entry);
  } catch {
    throw new RiposteError(
      EX.CONFIG,
      `${at}: ${wrongEntry(entry)}: nothing was changed; correct that line first`,
    );
  }
}

/** Parses an entry: an address, prefix or name, with ` until TIME` if it ends. @throws Error for anything else */
export function parseAllowed(entry: string): AllowedTarget {
  const [target = '', end] = entry.split(UNTIL);
  const until = end === undefined ? Number.POSITIVE_INFINITY : new Date(end).getTime();
  if (Number.isNaN(until)) throw new Error(`${end} is not a time`);
  if (HOST_NAME.test(target)) return { address: undefined, text: target.toLowerCase(), until };
  const address = parseAddress(target);
  return { address, text: address.text, until };
}

/** True for an entry whose time is over. */
export const hasEnded = ({ until }: AllowEntry): boolean => until <= Date.now();

/** The text with an entry appended, otherwise unchanged. The new line has the line ending of the text. */
export function withEntry(text: string, entry: string, comment: string): string {
  const newline = /\r\n[^\n]*$/.test(text) ? '\r\n' : '\n';
  const gap = text === '' || text.endsWith('\n') ? '' : newline;
  return `${text}${gap}${entry}  # ${comment}${newline}`;
}

/** The text without these lines (counted from 1), otherwise unchanged byte by byte. */
export function withoutLines(text: string, lines: ReadonlySet<number>): string {
  const kept = text.split(/(?<=\n)/).filter((_, index) => !lines.has(index + 1));
  return kept.join('');
}
