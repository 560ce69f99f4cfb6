/** Draws the page of a report from its data, the most important parts first. */
import type { PageData } from '../page.ts';
import { barChart } from './bar-chart.ts';
import { element } from './element.ts';
import { dateAndTime, number } from './format.ts';
import { sections } from './sections.ts';
import { sums } from './sums.ts';
import { tableOf } from './table.ts';
import { timeChart } from './time-chart.ts';

const data: PageData = JSON.parse(document.getElementById('data')?.textContent ?? '{}');
const { host, zone, from, to, made, version, home, events } = data;
const time = dateAndTime(zone);

document
  .querySelector('main')
  ?.append(
    element(
      'header',
      {},
      element('h1', {}, `Riposte on ${host}`),
      element('p', {}, `${time(from)} to ${time(to)}`, element('span', { class: 'zone' }, ` ${zone}`)),
    ),
    sums(data),
    ...(data.remarks.length === 0
      ? []
      : [element('ul', { class: 'remarks' }, ...data.remarks.map((remark) => element('li', {}, remark)))]),
    ...(data.alerts === 0 ? [] : charts()),
    ...sections(data).map(tableOf),
    element(
      'footer',
      {},
      `riposte ${version} made this report at ${time(made)} from ${number(events)} events in the journal of ${home}.`,
    ),
  );

function charts(): HTMLElement[] {
  const rules = data.rules.rows.map(({ name, description, alerts }) => ({
    label: `${name} ${description}`.trim(),
    value: alerts,
  }));
  const networks = data.networks.rows.map(({ name, alerts }) => ({ label: name, value: alerts }));
  return [
    timeChart(data),
    element(
      'div',
      { class: 'pair' },
      barChart('By which rules', rules, 'No alert names its rule.'),
      barChart('From which networks', networks, 'No alert names an address.'),
    ),
  ];
}
