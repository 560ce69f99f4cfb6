import { addDays } from 'date-fns/addDays';
import { startOfDay } from 'date-fns/startOfDay';
import { type Bar, FATES } from './summary.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * The possible units of counting, from fine to coarse; each divides the next. Alerts are counted in the finest unit
 * whose periods fit into CAPACITY.
 */
const FINENESS = [SECOND, 10 * SECOND, MINUTE, 10 * MINUTE, HOUR, DAY, 28 * DAY, 3640 * DAY, 36_400 * DAY];
/** The most periods to count at once. */
const CAPACITY = 20_000;

/** The possible periods of a bar. */
const STEPS = [
  [1, 'second', SECOND],
  [5, 'seconds', SECOND],
  [15, 'seconds', SECOND],
  [1, 'minute', MINUTE],
  [5, 'minutes', MINUTE],
  [15, 'minutes', MINUTE],
  [1, 'hour', HOUR],
  [3, 'hours', HOUR],
  [6, 'hours', HOUR],
  [12, 'hours', HOUR],
  [1, 'day', DAY],
  [7, 'days', DAY],
  [28, 'days', DAY],
  [364, 'days', DAY],
  [3640, 'days', DAY],
  [36_400, 'days', DAY],
] as const;
/** The most bars of a chart, before its ends are rounded. */
const MOST_BARS = 60;

/** Counts alerts over time in bounded memory, for any times. */
export class Timeline {
  #counts = new Map<number, number[]>();
  #fineness = 0;
  first = Number.POSITIVE_INFINITY;
  last = Number.NEGATIVE_INFINITY;

  /** @param time in milliseconds @param fate the outcome's index in FATES */
  add(time: number, fate: number): void {
    this.first = Math.min(this.first, time);
    this.last = Math.max(this.last, time);
    let counts = this.#counts.get(this.#startOf(time));
    if (counts === undefined) {
      if (this.#counts.size >= CAPACITY) this.#coarsen();
      const start = this.#startOf(time);
      counts = this.#counts.get(start) ?? none();
      this.#counts.set(start, counts);
    }
    counts[fate] = (counts[fate] ?? 0) + 1;
  }

  /** The bars of a chart from one time to another. Days begin at local midnight. */
  bars(from: number, to: number): { bars: Bar[]; step: string } {
    const fineness = FINENESS[this.#fineness] ?? DAY;
    const fitting = STEPS.find(
      ([count, , unit]) => count * unit >= fineness && (to - from) / (count * unit) <= MOST_BARS,
    );
    const [count, name, unit] = fitting ?? STEPS[STEPS.length - 1] ?? [1, 'day', DAY];
    const bars = startsOf(from, to, count, unit).map((start) => ({ start, counts: none() }));
    for (const [start, counts] of this.#counts) {
      const bar = bars[indexOf(bars, start)];
      bar?.counts.forEach((sum, fate) => {
        bar.counts[fate] = sum + (counts[fate] ?? 0);
      });
    }
    return { bars, step: `${count} ${name}` };
  }

  #startOf(time: number): number {
    const fineness = FINENESS[this.#fineness] ?? DAY;
    return Math.floor(time / fineness) * fineness;
  }

  #coarsen(): void {
    if (this.#fineness < FINENESS.length - 1) this.#fineness++;
    const before = this.#counts;
    this.#counts = new Map();
    for (const [time, counts] of before) {
      const start = this.#startOf(time);
      const sum = this.#counts.get(start) ?? none();
      this.#counts.set(
        start,
        sum.map((each, fate) => each + (counts[fate] ?? 0)),
      );
    }
  }
}

const none = (): number[] => FATES.map(() => 0);

/** The start of each bar; the first is at or before `from`. */
function startsOf(from: number, to: number, count: number, unit: number): number[] {
  const midnight = startOfDay(from).getTime();
  if (unit === DAY) {
    const starts: number[] = [];
    // Adding milliseconds would be wrong: a day on which the clock changes does not have 24 hours.
    for (
      let days = 0, start = midnight;
      start <= to;
      days += count, start = addDays(midnight, days).getTime()
    )
      starts.push(start);
    return starts;
  }
  const step = count * unit;
  const first = midnight + Math.floor((from - midnight) / step) * step;
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, i) => first + i * step);
}

/** The last bar that begins at or before a time; the first bar if a coarse unit begins before all bars. */
function indexOf(bars: readonly Bar[], time: number): number {
  let [low, high] = [0, bars.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((bars[middle]?.start ?? 0) <= time) low = middle;
    else high = middle - 1;
  }
  return low;
}
