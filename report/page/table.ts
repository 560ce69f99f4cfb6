import { element } from './element.ts';
import { number } from './format.ts';

/** A value to sort by; undefined if unknown. */
export type Value = string | number | undefined;

export interface Column {
  readonly name: string;
  /** `name` identifies the row, `id` is short, `long` may be long. */
  readonly kind: 'name' | 'id' | 'text' | 'long' | 'count' | 'time';
  /** Formats a value for the reader. */
  show(value: Exclude<Value, undefined>): string;
  /** Cell texts that indicate a problem. */
  readonly wrong?: readonly string[];
}

export interface Section {
  readonly heading: string;
  /** The text if there are no rows. */
  readonly none: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Value[])[];
  /** The number of all rows. If `rows` holds only some of the rows, `left` describes which. */
  readonly total: number;
  readonly isAbout?: boolean;
  readonly left: string;
}

/** The number of rows that are shown at first. */
const FIRST = 15;

// Sorts numbers inside texts by value: 198.51.100.9 before 198.51.100.10.
const collator = new Intl.Collator('en', { numeric: true });

/** Makes a table that the reader can sort by each column, and filter by any text in it. */
export function tableOf({ heading, none, columns, rows, total, isAbout, left }: Section): HTMLElement {
  const body = element('tbody');
  const counter = element('p', { class: 'counter', 'aria-live': 'polite' });
  const filter = element('input', {
    type: 'search',
    placeholder: 'Filter',
    'aria-label': `Filter: ${heading}`,
    autocomplete: 'off',
    spellcheck: 'false',
  });
  const more = element('button', { type: 'button', class: 'more' });
  const texts = rows.map((row) => columns.map(({ show }, i) => cellText(row[i], show)));
  const searched = texts.map((cells) => cells.join('\n').toLowerCase());
  const order = rows.map((_, index) => index);
  let [showsAll, sortedBy, isDown] = [false, -1, false];

  const heads = columns.map(({ name, kind }, column) => {
    const button = element('button', { type: 'button' }, name);
    button.addEventListener('click', () => sort(column));
    return element('th', { scope: 'col', class: kind }, button);
  });

  function sort(column: number): void {
    // Counts and times begin with the largest, which readers usually look for.
    const startsDown = ['count', 'time'].includes(columns[column]?.kind ?? '');
    isDown = sortedBy === column ? !isDown : startsDown;
    sortedBy = column;
    order.sort((a, b) => compare(rows[a]?.[column], rows[b]?.[column], isDown));
    heads.forEach((head, i) => {
      if (i === column) head.setAttribute('aria-sort', isDown ? 'descending' : 'ascending');
      else head.removeAttribute('aria-sort');
    });
    draw();
  }

  function draw(): void {
    const wanted = filter.value.trim().toLowerCase();
    const found = order.filter((index) => wanted === '' || searched[index]?.includes(wanted));
    const shown = showsAll ? found : found.slice(0, FIRST);
    body.replaceChildren(...shown.map((index) => rowOf(columns, texts[index] ?? [])));
    more.hidden = found.length <= FIRST;
    more.textContent = showsAll ? `Show ${FIRST}` : `Show all ${number(found.length)}`;
    const all = `${isAbout ? 'about ' : ''}${number(total)}`;
    const part = rows.length < total ? ` (this table has ${number(rows.length)}: ${left})` : '';
    counter.textContent = wanted === '' ? `${all}${part}` : `${number(found.length)} of ${all}${part}`;
  }

  filter.addEventListener('input', draw);
  more.addEventListener('click', () => {
    showsAll = !showsAll;
    draw();
  });
  const head = element('div', { class: 'head' }, element('h2', {}, heading), counter);
  if (rows.length === 0) {
    counter.remove();
    return element('section', { class: 'card' }, head, element('p', { class: 'none' }, none));
  }
  if (rows.length > 5) head.append(filter);
  draw();
  const table = element('table', {}, element('thead', {}, element('tr', {}, ...heads)), body);
  // Focusable, so that readers without a mouse can scroll it.
  const scroller = element(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': heading },
    table,
  );
  return element('section', { class: 'card' }, head, scroller, more);
}

const rowOf = (columns: readonly Column[], cells: readonly string[]): HTMLElement =>
  element('tr', {}, ...cells.map((cell, i) => element('td', { class: classOf(columns[i], cell) }, cell)));

const classOf = (column: Column | undefined, cell: string): string =>
  `${column?.kind}${column?.wrong?.includes(cell) ? ' wrong' : ''}`;

const cellText = (value: Value, show: Column['show']): string =>
  value === undefined || value === '' ? '–' : show(value);

/** Unknown values come last in both directions. */
function compare(a: Value, b: Value, isDown: boolean): number {
  const [noA, noB] = [a, b].map((value) => value === undefined || value === '');
  if (noA || noB) return Number(noA) - Number(noB);
  const order =
    typeof a === 'number' && typeof b === 'number'
      ? a < b
        ? -1
        : a > b
          ? 1
          : 0
      : collator.compare(String(a), String(b));
  return isDown ? -order : order;
}
