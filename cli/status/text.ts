import { formatDistanceToNowStrict } from 'date-fns/formatDistanceToNowStrict';
import { isValid } from 'date-fns/isValid';
import { printable } from '../../active-response/printable.ts';
import { table } from '../../active-response/table.ts';
import { styled } from '../style.ts';
import type { Io } from '../verb.ts';
import type { BlockStatus, Status } from './gather.ts';

/** So many addresses are named of each kind of disagreement. */
const NAMED = 10;

const HEAD = ['ADDRESS', 'RESPONSE', 'BACKEND', 'IN FORCE', 'SINCE', 'UNTIL', 'RULE', 'OFFENCE', 'PACKETS'];

/** The status for a person: a table, a line that sums up, and where ledger and backends disagree. */
export function statusText({ blocks, strays, unseen }: Status, asked: string | undefined, io: Io): string {
  const rows = blocks.map(row);
  const lines = blocks.length === 0 ? [] : [coloured(table([HEAD, ...rows]), io), ''];
  const wrong = blocks.filter(({ inForce }) => inForce === 'NO');
  const damaged = blocks.filter(({ inForce }) => inForce === 'damaged');
  const told = [
    ...tell('not in force, though the ledger has it', wrong.map(describe)),
    ...tell('in force, though the ledger does not have it', strays.map(describe)),
    ...tell(
      'damaged in the ledger',
      damaged.map(({ why = '' }) => why),
    ),
    ...(wrong.length + strays.length > 0 ? ['riposte sweep puts that right.'] : []),
    ...unseen.map(
      ({ response, backend = 'the ledger', why }) =>
        `not seen: ${backend} of ${response}: ${printable(why, 500)}`,
    ),
  ];
  // Of a ledger that cannot be read nobody knows that it is empty.
  const sum = blocks.length === 0 && unseen.length > 0 ? [] : [summary(blocks, asked)];
  return [...lines, ...sum, ...told].join('\n');
}

function row(block: BlockStatus): string[] {
  const { address, response, backend = '-', inForce, since, until, rule = '-', offence, packets } = block;
  const state = inForce === 'unknown' ? '?' : inForce;
  return [
    address,
    response,
    backend,
    state,
    timeOf(since),
    untilOf(until),
    rule,
    `${offence ?? '-'}`,
    `${packets ?? '-'}`,
  ].map((cell) => printable(cell, 80));
}

function summary(blocks: readonly BlockStatus[], asked: string | undefined): string {
  if (blocks.length === 0) return asked === undefined ? 'Nobody is blocked.' : `${asked} is not blocked.`;
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

function tell(what: string, items: readonly string[]): string[] {
  if (items.length === 0) return [];
  const more = items.length > NAMED ? [`    and ${items.length - NAMED} more (--json lists all)`] : [];
  return [`${what}:`, ...items.slice(0, NAMED).map((item) => `    ${printable(item, 300)}`), ...more];
}

function describe({
  address,
  response,
  backend,
  failed,
}: Pick<BlockStatus, 'address' | 'response' | 'backend' | 'failed'>): string {
  return `${address}  (${response}, ${backend})${failed === undefined ? '' : `: ${failed}`}`;
}

/** `2026-11-20 09:29:46` in the reader's own time zone. Not by date-fns, whose format takes a second for 100,000 rows. */
function timeOf(iso: string | null | undefined): string {
  const time = new Date(iso ?? '');
  if (!isValid(time)) return '-';
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${day} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')}`;
}

const two = (number: number): string => String(number).padStart(2, '0');

function untilOf(iso: string | null | undefined): string {
  if (iso === null) return 'deleted';
  const time = new Date(iso ?? '');
  return isValid(time) ? `${timeOf(iso)} (${formatDistanceToNowStrict(time, { addSuffix: true })})` : '-';
}

/** What is wrong stands out. */
function coloured(text: string, io: Io): string {
  if (!io.hasColours) return text;
  return text.replace(/(?<= {2})(NO|damaged)(?= {2})/g, (word) => styled('red', word, io));
}
