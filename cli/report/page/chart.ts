/** The parts of Chart.js that the page uses, so that the others are not in it. */
import { BarController, BarElement, CategoryScale, Chart, LinearScale, Tooltip } from 'chart.js';
import { element } from './element.ts';

export const FONT_FAMILY = 'system-ui, sans-serif';
export const FONT_SIZE = 12;

Chart.register(BarController, BarElement, CategoryScale, LinearScale, Tooltip);
// Nothing moves by itself: whoever opens the page or prints it sees all of it at once.
Chart.defaults.animation = false;
Chart.defaults.maintainAspectRatio = false;
Chart.defaults.font = { family: FONT_FAMILY, size: FONT_SIZE };

export { Chart };

/** A chart's place in the page. What it shows is told in words, too, to who cannot see it. */
export function figure(
  heading: string,
  words: string,
  more: readonly Node[] = [],
): { place: HTMLElement; canvas: HTMLCanvasElement } {
  const canvas = element('canvas', { role: 'img', 'aria-label': words });
  const place = element(
    'section',
    { class: 'card' },
    element('h2', {}, heading),
    ...more,
    element('div', { class: 'chart' }, canvas),
  );
  return { place, canvas };
}

/** A whole number at an axis, or nothing. */
export const wholeTicks = { precision: 0, maxTicksLimit: 6 } as const;
