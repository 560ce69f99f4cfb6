const EIGHTHS = '▁▂▃▄▅▆▇█';
const PARTS = '▏▎▍▌▋▊▉█';

/** Draws numbers as a row of columns, one character each; a space for zero. */
export function sparkline(values: readonly number[]): string {
  const highest = Math.max(1, ...values);
  return values
    .map((value) => (value <= 0 ? ' ' : EIGHTHS[Math.ceil((value / highest) * EIGHTHS.length) - 1]))
    .join('');
}

/** Draws a number as a horizontal bar; the highest value is `width` characters wide. */
export function bar(value: number, highest: number, width: number): string {
  const eighths = Math.ceil((value / Math.max(1, highest)) * width * 8);
  const rest = eighths % 8;
  return '█'.repeat(Math.floor(eighths / 8)) + (rest === 0 ? '' : PARTS[rest - 1]);
}
