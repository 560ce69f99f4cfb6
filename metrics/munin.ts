import { allBackends } from '../active-response/response/all-backends.ts';
import { RESPONSES } from '../active-response/response/responses.ts';
import type { Family } from './family.ts';

interface Line {
  readonly field: string;
  readonly label: string;
  /** Undefined if unknown. */
  readonly value: number | undefined;
}

interface Graph {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly type: 'GAUGE' | 'DERIVE';
  readonly lines: readonly Line[];
}

/** Describes each graph, for `config`. */
export const muninConfig = (): string =>
  graphs([])
    .map(({ name, title, unit, type, lines }) =>
      [
        `multigraph ${name}`,
        `graph_title ${title}`,
        `graph_vlabel ${unit}`,
        'graph_category security',
        'graph_args --base 1000 --lower-limit 0',
        ...lines.flatMap(({ field, label }) => [
          `${field}.label ${label}`,
          `${field}.type ${type}`,
          `${field}.min 0`,
          `${field}.draw AREASTACK`,
        ]),
      ].join('\n'),
    )
    .join('\n\n');

/** Renders the values of each graph; `U` means unknown. */
export const muninValues = (families: readonly Family[]): string =>
  graphs(families)
    .map(({ name, lines }) =>
      [`multigraph ${name}`, ...lines.map(({ field, value }) => `${field}.value ${value ?? 'U'}`)].join('\n'),
    )
    .join('\n\n');

function graphs(families: readonly Family[]): Graph[] {
  const sums = (name: string, label: string, only?: (labels: Readonly<Record<string, string>>) => boolean) =>
    sumsOf(
      families.find((family) => family.name === name),
      label,
      only,
    );
  const blocked = sums('riposte_blocks', 'response');
  const events = (outcome: string) =>
    sums('riposte_outcomes_total', 'response', (labels) => labels.outcome === outcome);
  const each = (names: readonly string[], values: ReadonlyMap<string, number>): Line[] =>
    names.map((label) => ({ field: fieldOf(label), label, value: values.get(label) }));
  const responses = RESPONSES.map(({ name }) => name);
  const counting = allBackends().flatMap(({ name, upkeep }) => (upkeep?.counters ? name : []));
  return [
    {
      name: 'riposte_blocked',
      title: 'Riposte: blocked addresses',
      unit: 'addresses',
      type: 'GAUGE',
      lines: each(responses, blocked),
    },
    {
      name: 'riposte_blocks',
      title: 'Riposte: blocks',
      unit: `blocks per $\{graph_period}`,
      type: 'DERIVE',
      lines: each(responses, events('blocked')),
    },
    {
      name: 'riposte_dropped',
      title: 'Riposte: dropped packets',
      unit: `packets per $\{graph_period}`,
      type: 'DERIVE',
      lines: each(counting, sums('riposte_dropped_packets_total', 'backend')),
    },
  ];
}

/** The sums of a metric by the value of one label. */
function sumsOf(
  family: Family | undefined,
  label: string,
  only: (labels: Readonly<Record<string, string>>) => boolean = () => true,
): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { labels, value } of family?.samples ?? []) {
    const name = labels[label];
    if (name !== undefined && only(labels)) sums.set(name, (sums.get(name) ?? 0) + value);
  }
  return sums;
}

/** munin allows no hyphen in a field's name. */
const fieldOf = (label: string): string => label.replace(/\W/g, '_');
