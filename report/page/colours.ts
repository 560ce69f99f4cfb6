/** A colour of the style sheet in the reader's current colour scheme. */
export const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

const dark = matchMedia('(prefers-color-scheme: dark)');

/** Paints a chart now, and again whenever the colour scheme changes. */
export function coloured(chart: { update(mode: 'none'): void }, take: () => void): void {
  take();
  chart.update('none');
  dark.addEventListener('change', () => {
    take();
    chart.update('none');
  });
}
