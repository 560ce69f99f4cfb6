import { format } from 'date-fns/format';
import { formatDistanceToNowStrict } from 'date-fns/formatDistanceToNowStrict';
import type { Io } from '../../base/io.ts';
import { networkName } from '../../base/place.ts';
import { hasUnprintables, printable } from '../../base/printable.ts';
import { styled } from '../../base/style.ts';
import { table } from '../../base/table.ts';
import { zoneName } from '../zone.ts';
import type { BlockStatus, Status } from './gather.ts';

/** The most addresses that are listed for each kind of difference. */
const LISTED = 10;

/** The longest cell that is shown whole. */
const LONGEST_CELL = 80;

/** The blocks that a status shows: all blocks, those of an address or prefix, or those that options select. */
type Asked = { readonly address: string } | 'selection' | undefined;

/** The head of the table, with the zone of its times. */
function head(hasPlaces: boolean): string[] {
  const zone = zoneName();
  const times = [`SINCE (${zone})`, `UNTIL (${zone})`];
  const places = hasPlaces ? ['COUNTRY', 'NETWORK'] : [];
  return ['ADDRESS', 'RESPONSE', 'BACKEND', 'IN FORCE', ...times, 'RULE', 'OFFENCE', 'PACKETS', ...places];
}

/**
 * Renders the status for a person: a table, a summary line, and the differences between ledger and backends.
 *
 * @param hasPlaces true to show the country and the network of each address
 */
export function statusText(
  { blocks, strays, unseen }: Status,
  asked: Asked,
  io: Io,
  hasPlaces = false,
): string {
  const rows = blocks.map((block) => row(block, hasPlaces));
  const lines = blocks.length === 0 ? [] : [coloured(table([head(hasPlaces), ...rows]), io), ''];
  const wrong = blocks.filter(({ inForce }) => inForce === 'NO');
  const damaged = blocks.filter(({ inForce }) => inForce === 'damaged');
  const differences = [
    ...list('not in force, but in the ledger', wrong.map(describe)),
    ...list('in force, but not in the ledger', strays.map(describe)),
    ...list(
      'damaged in the ledger',
      damaged.map(({ why = '' }) => why),
    ),
    ...(wrong.length + strays.length > 0 ? ['To correct this, run: riposte sweep'] : []),
    ...unseen.map(
      ({ response, backend = 'the ledger', why }) =>
        `could not check ${backend} of ${response}: ${printable(why, 500)}`,
    ),
  ];
  // An unreadable ledger may hold blocks, so do not report that nobody is blocked.
  const sum = blocks.length === 0 && unseen.length > 0 ? [] : [summary(blocks, asked)];
  return [...lines, ...sum, ...differences].join('\n');
}

function row(block: BlockStatus, hasPlaces: boolean): string[] {
  const { address, response, backend = '-', inForce, since, until, offence, packets } = block;
  const { byManager = false } = block;
  const rule = block.rule ?? (Object.keys(block.origins ?? {}).join(',') || '-');
  const state = inForce === 'unknown' ? '?' : inForce;
  const cells = [
    address,
    response,
    backend,
    state,
    timeOf(since),
    untilOf(until, byManager),
    rule,
    `${offence ?? '-'}`,
    `${packets ?? '-'}`,
  ];
  if (hasPlaces) cells.push(block.country ?? '-', networkName(block) ?? '-');
  // Check all cells of a row at once, because nearly all rows contain only short, printable cells.
  const isPlain = cells.every(({ length }) => length <= LONGEST_CELL) && !hasUnprintables(cells.join(' '));
  return isPlain ? cells : cells.map((cell) => printable(cell, LONGEST_CELL));
}

function summary(blocks: readonly BlockStatus[], asked: Asked): string {
  if (blocks.length === 0) return noneText(asked);
  const count = (state: BlockStatus['inForce']) => blocks.filter(({ inForce }) => inForce === state).length;
  const others = [
    [count('NO'), 'NOT in force'],
    [count('over'), 'over'],
    [count('damaged'), 'damaged'],
    [count('unknown'), 'unknown'],
  ] as const;
  const parts = others.filter(([number]) => number > 0).map(([number, what]) => `, ${number} ${what}`);
  return `${blocks.length} blocked: ${count('yes')} in force${parts.join('')}`;
}

function noneText(asked: Asked): string {
  if (asked === 'selection') return 'No block matches.';
  return asked === undefined ? 'Nobody is blocked.' : `${asked.address} is not blocked.`;
}

function list(what: string, items: readonly string[]): string[] {
  if (items.length === 0) return [];
  const more = items.length > LISTED ? [`    and ${items.length - LISTED} more (--json lists all)`] : [];
  return [`${what}:`, ...items.slice(0, LISTED).map((item) => `    ${printable(item, 300)}`), ...more];
}

function describe({
  address,
  response,
  backend,
  failed,
}: Pick<BlockStatus, 'address' | 'response' | 'backend' | 'failed'>): string {
  return `${address}  (${response}, ${backend})${failed === undefined ? '' : `: ${failed}`}`;
}

const MINUTE = 60_000;

/** Local times without their seconds, by minutes since 1970. A hundred thousand rows have few different minutes. */
const minutes = new Map<number, string>();

/** Formats a time as `2026-11-20 09:29:46` in local time. */
function timeOf(iso: string | null | undefined): string {
  return textOf(Date.parse(iso ?? ''));
}

function textOf(time: number): string {
  if (Number.isNaN(time)) return '-';
  const key = Math.floor(time / MINUTE);
  const minute = minutes.get(key) ?? format(time, 'yyyy-MM-dd HH:mm');
  minutes.set(key, minute);
  return `${minute}:${String(Math.floor(time / 1000) - key * 60).padStart(2, '0')}`;
}

/** When the manager ends a block, the time in the ledger is only the latest possible end. */
function untilOf(iso: string | null | undefined, byManager: boolean): string {
  if (iso === null) return 'deleted';
  const time = Date.parse(iso ?? '');
  if (Number.isNaN(time)) return '-';
  const text = `${textOf(time)} (${distanceTo(time)})`;
  return byManager ? `by the manager, at the latest ${text}` : text;
}

/**
 * The words for distances of more than an hour, by their minutes. They are kept, because date-fns needs ten
 * microseconds for each.
 */
const distances = new Map<number, string>();

function distanceTo(time: number): string {
  const distance = time - Date.now();
  const key = Math.floor(distance / MINUTE);
  const known = distances.get(key);
  if (known !== undefined) return known;
  const words = formatDistanceToNowStrict(time, { addSuffix: true });
  // A shorter distance is not kept, because its words depend on the seconds, too.
  if (distance > 60 * MINUTE) distances.set(key, words);
  return words;
}

/** Colours the states that indicate a problem. */
function coloured(text: string, io: Io): string {
  if (!io.hasColours) return text;
  return text.replace(/(?<= {2})(NO|damaged)(?= {2})/g, (word) => styled('red', word, io));
}
