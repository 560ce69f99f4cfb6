import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EX, RiposteError } from '../../base/errors.ts';
import { replaceFile } from '../../base/files.ts';
import { collect } from '../../metrics/collect.ts';
import { exposition } from '../../metrics/exposition.ts';
import { serverOf } from '../../serve/metrics/server.ts';
import { HOME_OPTION, homeOf } from '../options/home.ts';
import type { Verb } from '../verb.ts';

/** riposte metrics: prints Riposte's metrics. */
export const metrics: Verb = {
  summary: 'print metrics for Prometheus, or write them for node_exporter',
  operands: '',
  options: {
    output: {
      value: 'FILE',
      text: 'write them to FILE, in one step: for the directory of node_exporter’s textfile collector',
    },
    ...HOME_OPTION,
  },
  notes: `Counters include all events since journal and log began, also those in deleted rotated files: the counts
are kept in var/riposte/metrics.json. No address is in a metric. riposte serve answers Prometheus itself, with
METRICS_LISTEN in riposte.conf.
Exit status: 0, or the code of the first failure if a part could not be read (riposte_collection_success names it); the
other metrics are still printed.`,
  examples: [
    ['riposte metrics', 'all metrics, in Prometheus’s text format'],
    ['riposte metrics --output /var/lib/prometheus/node-exporter/riposte.prom', 'from cron, each minute'],
  ],

  async run(given, io) {
    if (given.rest.length > 0)
      throw new RiposteError(EX.USAGE, `riposte metrics takes options only, not '${given.rest[0]}'`);
    const output = outputOf(given.value('output'));
    const home = homeOf(given, io);
    const warn = (message: string) => io.err(`riposte: ${message}\n`);
    const { families, failures } = await collect(home, io.env, warn);
    const text = exposition([...families, ...serverOf(home)]);
    if (output === undefined) io.out(text.trimEnd());
    else writeForAll(output, text);
    for (const { message } of failures) warn(message);
    return failures[0]?.exitCode ?? EX.OK;
  },
};

/**
 * @throws RiposteError (USAGE) when the directory of the path is missing. Riposte does not make the directory, because
 * node_exporter would not read it
 */
function outputOf(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  const directory = dirname(resolve(path));
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return resolve(path);
  throw new RiposteError(EX.USAGE, `--output: there is no directory ${directory}`);
}

/** Writes a file that node_exporter's account can read, under any umask. */
function writeForAll(file: string, text: string): void {
  const umask = process.umask(0o022);
  try {
    replaceFile(file, text, 0o644);
  } finally {
    process.umask(umask);
  }
}
