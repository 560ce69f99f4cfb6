import { Chart, figure, wholeTicks } from './chart.ts';
import { colour, coloured } from './colours.ts';
import { element } from './element.ts';
import { number } from './format.ts';

/** How many bars such a chart has at the most. */
const MOST = 8;

export interface Named {
  readonly label: string;
  readonly value: number;
}

/** What was met most, a bar each. @param none what stands there when there is nothing */
export function barChart(heading: string, all: readonly Named[], none: string): HTMLElement {
  const shown = all.slice(0, MOST);
  if (shown.length === 0)
    return element(
      'section',
      { class: 'card' },
      element('h2', {}, heading),
      element('p', { class: 'none' }, none),
    );
  const words = shown.map(({ label, value }) => `${label}: ${number(value)}`).join(', ');
  const { place, canvas } = figure(heading, words);
  const chart = new Chart(canvas, {
    type: 'bar',
    data: {
      labels: shown.map(({ label }) => label),
      datasets: [{ label: 'alerts', data: shown.map(({ value }) => value), maxBarThickness: 22 }],
    },
    options: {
      indexAxis: 'y',
      scales: {
        x: { border: { display: false }, ticks: { ...wholeTicks, maxRotation: 0 } },
        y: {
          grid: { display: false },
          ticks: { autoSkip: false, callback: (_, i) => cut(shown[i]?.label ?? '', roomOf(canvas)) },
        },
      },
    },
  });
  coloured(chart, () => {
    const [dataset] = chart.data.datasets;
    if (dataset) dataset.backgroundColor = colour('bar');
    const { x, y } = chart.options.scales ?? {};
    for (const axis of [x, y]) if (axis?.ticks) axis.ticks.color = colour('text');
    if (x?.grid) x.grid.color = colour('line');
    if (y?.border) y.border.color = colour('line');
  });
  return place;
}

/** How many characters fit beside the bars. */
const roomOf = (canvas: HTMLCanvasElement): number => Math.max(16, Math.floor(canvas.clientWidth / 14));

const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;
