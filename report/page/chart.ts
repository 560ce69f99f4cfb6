/** Registers only the parts of Chart.js that the page uses, so that the other parts are not bundled. */
import { BarController, BarElement, CategoryScale, Chart, LinearScale, Tooltip } from 'chart.js';
import { element } from './element.ts';

export const FONT_FAMILY = 'system-ui, sans-serif';
export const FONT_SIZE = 12;

Chart.register(BarController, BarElement, CategoryScale, LinearScale, Tooltip);
// Without animation the whole chart is visible as soon as the page opens or is printed.
Chart.defaults.animation = false;
Chart.defaults.maintainAspectRatio = false;
Chart.defaults.font = { family: FONT_FAMILY, size: FONT_SIZE };

export { Chart };

/** Makes the section of a chart. @param words describes the chart to readers who cannot see it */
export function figure(
  heading: string,
  words: string,
  more: readonly Node[] = [],
): { section: HTMLElement; canvas: HTMLCanvasElement } {
  const canvas = element('canvas', { role: 'img', 'aria-label': words });
  const section = element(
    'section',
    { class: 'card' },
    element('h2', {}, heading),
    ...more,
    element('div', { class: 'chart' }, canvas),
  );
  return { section, canvas };
}

/** Labels an axis only at whole numbers. */
export const wholeTicks = { precision: 0, maxTicksLimit: 6 } as const;
