import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EX, RiposteError } from '../../active-response/errors.ts';
import { replaceFile } from '../../active-response/files.ts';
import { HOME_OPTION, homeOf } from '../home.ts';
import { collect } from '../metrics/collect.ts';
import { exposition } from '../metrics/exposition.ts';
import { serverOf } from '../metrics/server.ts';
import type { Verb } from '../verb.ts';

/** riposte metrics: what Riposte does, in figures. */
export const metrics: Verb = {
  summary: 'print metrics for Prometheus, or write them for node_exporter',
  operands: '',
  options: {
    output: {
      value: 'FILE',
      text: 'write them to FILE, as one step: for the directory of node_exporter’s textfile collector',
    },
    ...HOME_OPTION,
  },
  notes: `Counters tell of all that is in journal and log since these are there, also after they are rotated away:
what has been counted is in var/riposte/metrics.json. No address is in a metric. riposte serve answers Prometheus
itself, with METRICS_LISTEN in riposte.conf.
Exit status: 0; that of the first failure when something could not be looked at (riposte_collection_success says
what), and what could is told all the same.`,
  examples: [
    ['riposte metrics', 'all of them, in Prometheus’s text format'],
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

/** @throws RiposteError (USAGE) when its directory is not there: node_exporter would never read another */
function outputOf(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  const directory = dirname(resolve(path));
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return resolve(path);
  throw new RiposteError(EX.USAGE, `--output: there is no directory ${directory}`);
}

/** node_exporter has an account of its own, whatever the umask here. */
function writeForAll(file: string, text: string): void {
  const umask = process.umask(0o022);
  try {
    replaceFile(file, text, 0o644);
  } finally {
    process.umask(umask);
  }
}
