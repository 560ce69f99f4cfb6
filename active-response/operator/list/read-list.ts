import { type Address, parseAddress } from '../../../base/address.ts';
import { attempt, EX, RiposteError } from '../../../base/errors.ts';
import { printable } from '../../../base/printable.ts';
import { blockTime, LONGEST_TIME } from '../../settings/values.ts';
import { csvFields } from './csv.ts';

/** An address or prefix that a list names. */
export interface ListEntry {
  readonly address: Address;
  /** The number of its line, from 1. */
  readonly line: number;
  /** Seconds; infinite: for ever; undefined: the list does not say. */
  readonly seconds?: number | undefined;
  readonly note?: string | undefined;
}

/** A line that names no address. */
export interface WrongLine {
  readonly line: number;
  readonly why: string;
}

/** The contents of a list. */
export interface List {
  /** One for each address or prefix. */
  readonly entries: readonly ListEntry[];
  readonly wrong: readonly WrongLine[];
  /** The number of decisions of CrowdSec that ask for anything but a block of an address, such as a captcha. */
  readonly skipped: number;
}

/**
 * Reads a list: one address or prefix a line, with comments after `#` or `;`, as in the lists of Spamhaus DROP and
 * FireHOL, or CSV with a head that names a column `value` or `ip`, as cscli writes it.
 */
export function readList(text: string): List {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  const first = lines.findIndex((line) => contentOf(line) !== '');
  const columns = csvFields((lines[first] ?? '').toLowerCase());
  const isCsv = columns.length > 1 && columns.some((name) => VALUE.includes(name));
  const entries = new Map<string, ListEntry>();
  const wrong: WrongLine[] = [];
  let skipped = 0;
  for (const [index, written] of lines.entries()) {
    const content = isCsv ? written.trim() : contentOf(written);
    if (content === '' || (isCsv && index <= first)) continue;
    const line = index + 1;
    const fields = isCsv ? rowOf(csvFields(content), columns) : { value: content };
    const entry = attempt(() => entryOf(fields, line));
    if (entry instanceof RiposteError) wrong.push({ line, why: entry.message });
    else if (entry === undefined) skipped++;
    else {
      const before = entries.get(entry.address.text);
      if (!before || (entry.seconds ?? 0) > (before.seconds ?? 0)) entries.set(entry.address.text, entry);
    }
  }
  return { entries: [...entries.values()], wrong, skipped };
}

const contentOf = (line: string): string => line.replace(/[#;].*/, '').trim();

/** The columns of `cscli decisions import`, and of `cscli decisions list -o raw` and `-o csv`. */
const VALUE = ['value', 'ip'];

/** A decision of CrowdSec, by the names of its fields. */
export interface Row {
  readonly value: string;
  readonly duration?: string | undefined;
  readonly type?: string | undefined;
  readonly scope?: string | undefined;
  readonly reason?: string | undefined;
  readonly simulated?: string | undefined;
}

function rowOf(fields: readonly string[], columns: readonly string[]): Row {
  const of = (...names: string[]) => fields[columns.findIndex((name) => names.includes(name))];
  const [, scope, value] = /^(ip|range|as|country):(.*)$/i.exec(of(...VALUE) ?? '') ?? [];
  return {
    value: value ?? of(...VALUE) ?? '',
    duration: of('duration', 'expiration'),
    type: of('type', 'action'),
    scope: of('scope') ?? scope,
    reason: of('reason', 'scenario'),
    simulated: of('simulated'),
  };
}

/** @returns undefined for a decision that does not block an address, or is over @throws RiposteError (DATAERR) */
export function entryOf(row: Row, line: number): ListEntry | undefined {
  const { value, duration = '', type = 'ban', scope = 'ip', reason = '', simulated } = row;
  const isBlock = (type === '' || type === 'ban') && /^(|ip|range)$/i.test(scope) && simulated !== 'true';
  if (!isBlock || duration.startsWith('-')) return undefined;
  if (value === '') throw new RiposteError(EX.DATAERR, 'the column of the address is empty');
  const seconds = duration === '' ? undefined : secondsIn(duration);
  if (duration !== '' && seconds === undefined)
    throw new RiposteError(EX.DATAERR, `'${printable(duration, 40)}' is not a duration such as 4h0m0s or 1d`);
  return {
    address: parseAddress(value),
    line,
    seconds,
    note: reason === '' ? undefined : printable(reason.slice(0, 200)),
  };
}

/** Parses a duration of Go, such as `4h0m0s`, or a time such as `1d`. Undefined for any other text. */
export function secondsIn(text: string): number | undefined {
  const [, hours = 0, minutes = 0, seconds = 0] =
    /^(?:(\d{1,7})h)?(?:(\d{1,2})m)?(?:(\d{1,2})(?:\.\d+)?s)?$/.exec(text) ?? [];
  const sum = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sum > 0 ? Math.min(sum, LONGEST_TIME) : blockTime(text);
}
