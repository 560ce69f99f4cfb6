/** A colour of the style sheet, as it is in the scheme that the reader has now. */
export const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

const dark = matchMedia('(prefers-color-scheme: dark)');

/** Has a chart take its colours, now and whenever the scheme changes. */
export function coloured(chart: { update(mode: 'none'): void }, take: () => void): void {
  take();
  chart.update('none');
  dark.addEventListener('change', () => {
    take();
    chart.update('none');
  });
}
