import { dateAndTime, number } from './format.ts';
import type { Column } from './table.ts';

/** The kinds of table columns, with times in this zone. */
export function columnsIn(zone: string) {
  const format = dateAndTime(zone);
  return {
    named: (name: string): Column => ({ name, kind: 'name', show: String }),
    id: (name: string): Column => ({ name, kind: 'id', show: String }),
    text: (name: string): Column => ({ name, kind: 'text', show: String }),
    long: (name: string): Column => ({ name, kind: 'long', show: String }),
    count: (name: string): Column => ({ name, kind: 'count', show: (value) => number(Number(value)) }),
    time: (name: string, never = '–'): Column => ({
      name,
      kind: 'time',
      show: (value) => (Number.isFinite(value) ? format(Number(value)) : never),
    }),
  };
}
