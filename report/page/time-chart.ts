import type { PageData } from '../page.ts';
import { FATES, type Fate } from '../summary.ts';
import { Chart, figure, wholeTicks } from './chart.ts';
import { colour, coloured } from './colours.ts';
import { element } from './element.ts';
import { axisTime, dateAndTime, number } from './format.ts';

const NAMES: Readonly<Record<Fate, string>> = {
  blocked: 'blocked',
  already: 'already blocked',
  held: 'never blocked, on purpose',
  failed: 'failed',
  rehearsed: 'rehearsed',
};

/** Draws alerts over time, by outcome. */
export function timeChart({ bars, step, zone, alerts, fates }: PageData): HTMLElement {
  const seen = FATES.map((fate, index) => ({ fate, index })).filter(({ fate }) => fates[fate] > 0);
  const words = `${number(alerts)} alerts: ${seen.map(({ fate }) => `${number(fates[fate])} ${NAMES[fate]}`).join(', ')}`;
  const legend = element(
    'p',
    { class: 'legend' },
    ...seen.map(({ fate }) => element('span', {}, element('i', { class: fate }), NAMES[fate])),
    element('span', { class: 'step' }, `a bar is ${step}`),
  );
  const { section, canvas } = figure('Blocks and alerts over time', words, [legend]);
  canvas.parentElement?.classList.add('wide');
  const atAxis = axisTime(zone, (bars[1]?.start ?? 0) - (bars[0]?.start ?? 0));
  const whole = dateAndTime(zone);
  const chart = new Chart(canvas, {
    type: 'bar',
    data: {
      labels: bars.map(({ start }) => atAxis(start)),
      datasets: seen.map(({ fate, index }) => ({
        label: NAMES[fate],
        data: bars.map(({ counts }) => counts[index] ?? 0),
        stack: 'alerts',
        categoryPercentage: 0.92,
        barPercentage: 1,
      })),
    },
    options: {
      interaction: { mode: 'index', intersect: false },
      scales: {
        x: { stacked: true, grid: { display: false }, ticks: { maxRotation: 0, autoSkipPadding: 20 } },
        y: { stacked: true, border: { display: false }, ticks: wholeTicks },
      },
      plugins: {
        tooltip: {
          filter: ({ raw }) => raw !== 0,
          callbacks: { title: ([item]) => (item ? `from ${whole(bars[item.dataIndex]?.start ?? 0)}` : '') },
        },
      },
    },
  });
  coloured(chart, () => {
    chart.data.datasets.forEach((dataset, i) => {
      dataset.backgroundColor = colour(seen[i]?.fate ?? 'text');
    });
    const { x, y } = chart.options.scales ?? {};
    for (const axis of [x, y]) if (axis?.ticks) axis.ticks.color = colour('muted');
    if (y?.grid) y.grid.color = colour('line');
    if (x?.border) x.border.color = colour('line');
  });
  return section;
}
