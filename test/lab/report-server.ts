import { createInterface } from 'node:readline';
import { execa } from 'execa';
import type { HookReport } from '../../serve/socket/report.ts';

/** report-listener.ts in a process of its own, which a test can stop and kill. */
export interface ReportServer {
  /** The reports that `next` has not taken yet, in their order. */
  readonly reports: HookReport[];
  /** Waits for the next report, and takes it. */
  next(): Promise<HookReport>;
  signal(name: NodeJS.Signals): void;
  ended(): Promise<unknown>;
}

export async function startReportServer(directory: string, group?: string): Promise<ReportServer> {
  const words = ['build/run-ts.mjs', 'test/lab/report-listener.ts', directory, ...(group ? [group] : [])];
  const listener = execa(process.execPath, words, {
    stdin: 'ignore',
    stderr: 'inherit',
    reject: false,
    buffer: false,
  });
  const reports: HookReport[] = [];
  const lines = createInterface(listener.stdout);
  const line = () =>
    new Promise<string | undefined>((resolve) => {
      lines.once('line', resolve);
      listener.then(() => resolve(undefined));
    });
  if ((await line()) !== 'listening') throw new Error(`nothing listens in ${directory}`);
  lines.on('line', (text) => reports.push(JSON.parse(text)));
  return {
    reports,
    async next() {
      if (reports.length === 0) await line();
      const report = reports.shift();
      if (report === undefined) throw new Error('the server has ended');
      return report;
    },
    signal: (name) => listener.kill(name),
    ended: () => listener,
  };
}
