import { format } from 'date-fns/format';
import { formatDistanceToNowStrict } from 'date-fns/formatDistanceToNowStrict';
import type { Io } from '../base/io.ts';
import { printable } from '../base/printable.ts';
import { styled } from '../base/style.ts';
import { table } from '../base/table.ts';
import { bar, sparkline } from './charts.ts';
import { remarks } from './remarks.ts';
import type { Met, Summary, Top } from './summary.ts';

/** The rows of each table on a terminal, the width of a bar, and the longest name. */
const ROWS = 5;
const BAR = 20;
const NAME = 48;

/** Renders the report for a terminal, with small charts, in some 80 columns. */
export function reportText(summary: Summary, io: Io): string {
  const { from, to, zone, host, networks, places, rules, requests } = summary;
  return [
    styled('bold', `Riposte on ${printable(host, 60)}, ${timeOf(from)} to ${timeOf(to)} (${zone})`, io),
    sums(summary),
    ...overTime(summary, io),
    ...barsOf('By which rules', rules, ({ name, description }) => `${name} ${description}`.trim(), io),
    ...barsOf('From which networks', networks, ({ name }) => name, io),
    ...(places
      ? [
          ...barsOf('From which countries', places.countries, ({ name }) => name, io),
          ...barsOf('From which autonomous systems', places.systems, ({ name }) => name, io),
        ]
      : []),
    ...barsOf('Most frequent requests', requests, ({ name }) => name, io),
    ...offenders(summary, io),
    ...blocked(summary, io),
    ...remarks(summary).map((remark) => `\n${remark}`),
  ].join('\n');
}

const number = (value: number): string => value.toLocaleString('en');
const about = ({ different, isExact }: Top<Met>): string => `${isExact ? '' : 'about '}${number(different)}`;
const many = (top: Top<Met>, one: string, several: string): string =>
  `${about(top)} ${top.different === 1 ? one : several}`;
const timeOf = (time: number): string => format(time, 'yyyy-MM-dd HH:mm');

function sums({ alerts, addresses, networks, fates, unblocked, restored }: Summary): string {
  if (alerts === 0) return 'No alerts.';
  const parts = [
    `${number(fates.blocked)} blocked`,
    `${number(fates.already)} about addresses that were already blocked`,
    ...(fates.held > 0 ? [`${number(fates.held)} never blocked on purpose`] : []),
    ...(fates.failed > 0 ? [`${number(fates.failed)} FAILED`] : []),
    ...(fates.rehearsed > 0 ? [`${number(fates.rehearsed)} rehearsed`] : []),
    ...(unblocked > 0 ? [`${number(unblocked)} unblocked since`] : []),
    ...(restored > 0 ? [`${number(restored)} restored`] : []),
  ];
  return `${number(alerts)} ${alerts === 1 ? 'alert' : 'alerts'} about ${many(addresses, 'address', 'addresses')} in ${many(networks, 'network', 'networks')}: ${parts.join(', ')}`;
}

function overTime({ alerts, bars, step }: Summary, io: Io): string[] {
  if (alerts === 0) return [];
  const all = bars.map(({ counts }) => counts.reduce((sum, each) => sum + each, 0));
  const blocks = bars.map(({ counts }) => counts[0] ?? 0);
  const scale = (values: number[]) => `at most ${number(Math.max(...values))}`;
  return [
    '',
    styled('bold', `Over time, a column for ${step}`, io),
    `alerts   ${styled('yellow', sparkline(all), io)}  ${scale(all)}`,
    `blocked  ${styled('red', sparkline(blocks), io)}  ${scale(blocks)}`,
  ];
}

function barsOf<Row extends Met>(
  heading: string,
  top: Top<Row>,
  nameOf: (row: Row) => string,
  io: Io,
): string[] {
  const rows = top.rows.slice(0, ROWS);
  if (rows.length === 0) return [];
  const names = rows.map((row) => cut(nameOf(row)));
  const width = Math.max(...names.map(({ length }) => length));
  const digits = number(rows[0]?.alerts ?? 0).length;
  const more = top.different > rows.length ? `, ${ROWS} of ${about(top)}` : '';
  return [
    '',
    styled('bold', `${heading}${more}`, io),
    ...rows.map(({ alerts }, i) => {
      const drawn = styled('yellow', bar(alerts, rows[0]?.alerts ?? 1, BAR), io);
      return `${(names[i] ?? '').padEnd(width)}  ${number(alerts).padStart(digits)}  ${drawn}`;
    }),
  ];
}

const cut = (text: string): string => (text.length > NAME ? `${text.slice(0, NAME - 1)}…` : text);

function offenders({ offenders: all, repeatOffenders }: Summary, io: Io): string[] {
  if (repeatOffenders === 0) return [];
  const rows = all
    .slice(0, ROWS)
    .map(({ name, offence, alerts, last, rule }) => [
      name,
      `${offence}`,
      `${alerts}`,
      timeOf(last),
      rule || '-',
    ]);
  const more = repeatOffenders > rows.length ? `, ${ROWS} of ${number(repeatOffenders)}` : '';
  return [
    '',
    styled('bold', `Repeat offenders${more}`, io),
    table([['ADDRESS', 'OFFENCE', 'ALERTS', 'LAST', 'RULE'], ...rows]),
  ];
}

function blocked({ now }: Summary, io: Io): string[] {
  if (now.total === 0) return now.unseen.length > 0 ? [] : ['', 'Nobody is blocked now.'];
  const dropped = now.packets === undefined ? '' : `, ${number(now.packets)} packets dropped`;
  const rows = now.blocks
    .slice(0, ROWS)
    .map(({ address, response, until, byManager, rule, packets }) => [
      printable(address, 43),
      response,
      endOf(until, byManager),
      printable(rule ?? '-', 20),
      `${packets ?? '-'}`,
    ]);
  const more = now.total > rows.length ? `, the last ${ROWS} of ${number(now.total)}` : '';
  return [
    '',
    styled('bold', `Blocked now${more}${dropped}`, io),
    table([['ADDRESS', 'RESPONSE', 'UNTIL', 'RULE', 'PACKETS'], ...rows]),
  ];
}

/** When the manager ends a block, the time in the ledger is only the latest possible end. */
function endOf(until: string | null | undefined, byManager = false): string {
  const time = Date.parse(until ?? '');
  if (Number.isNaN(time)) return 'an operator unblocks';
  const text = `${timeOf(time)} (${formatDistanceToNowStrict(time, { addSuffix: true })})`;
  return byManager ? `by the manager, at the latest ${text}` : text;
}
