import { Chart, FONT_FAMILY, FONT_SIZE, figure, wholeTicks } from './chart.ts';
import { colour, coloured } from './colours.ts';
import { element } from './element.ts';
import { number } from './format.ts';

/** The most bars of such a chart. */
const MOST = 8;
/** The share of the width for the labels; Chart.js allows at most half. */
const SHARE = 0.46;

export interface Named {
  readonly label: string;
  readonly value: number;
}

/** Draws the entries with the highest values, a bar each. @param none the text if there are no entries */
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
  const { section, canvas } = figure(heading, words);
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
          ticks: {
            autoSkip: false,
            callback(_, i) {
              return cut(shown[i]?.label ?? '', canvas.clientWidth * SHARE, this.ctx);
            },
          },
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
  return section;
}

/** Cuts the text to a width in pixels. */
function cut(text: string, width: number, context: CanvasRenderingContext2D): string {
  context.font = `${FONT_SIZE}px ${FONT_FAMILY}`;
  let shown = text;
  while (shown.length > 4 && context.measureText(shown).width > width)
    shown = `${shown.slice(0, -2).trimEnd()}…`;
  return shown;
}
