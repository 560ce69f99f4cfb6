import type { Family, Sample } from './family.ts';

/** The media type of the format. */
export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Renders metrics in Prometheus's text format 0.0.4, which node_exporter's textfile collector reads too, sorted so that
 * two texts can be compared. prom-client does not fit: it keeps counters in memory, and Riposte's are on disk.
 */
export function exposition(families: readonly Family[]): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .sort((a, b) => compare(a.name, b.name))
    .map(textOf)
    .join('');
}

function textOf({ name, type, help, samples }: Family): string {
  const lines = samples.map((sample) => lineOf(name, sample)).sort(compare);
  return [`# HELP ${name} ${escaped(help)}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n');
}

function lineOf(name: string, { labels, value, suffix }: Sample): string {
  const pairs = Object.entries(labels).map(
    ([label, text]) => `${label}="${escaped(text).replaceAll('"', '\\"')}"`,
  );
  return `${name}${suffix ?? ''}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${numberText(value)}`;
}

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');

function numberText(value: number): string {
  if (Number.isFinite(value) || Number.isNaN(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
