const NUMBERS = new Intl.NumberFormat('en');

export const number = (value: number): string => NUMBERS.format(value);

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Formats times as `2026-11-20 09:29`, in the time zone of the reported host. */
export function dateAndTime(zone: string): (time: number) => string {
  const form = new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  return (time) => form.format(time);
}

/** Formats the times below a chart, as short as the step allows. @param step the period of a bar in milliseconds */
export function axisTime(zone: string, step: number): (time: number) => string {
  const options: Intl.DateTimeFormatOptions =
    step >= DAY
      ? { day: 'numeric', month: 'short' }
      : step >= 60 * MINUTE
        ? { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }
        : { hour: '2-digit', minute: '2-digit', ...(step < MINUTE ? { second: '2-digit' } : {}) };
  const form = new Intl.DateTimeFormat('en-GB', { timeZone: zone, ...options });
  return (time) => form.format(time);
}

/** Formats bytes as `1.5 MB`. */
export function bytes(count: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let [value, unit] = [count, 0];
  while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
