import { readFile, writeFile } from 'node:fs/promises';
import { startApache } from '../test/lab/apache.ts';
import { ModSecurityHook } from '../test/lab/modsec-hook.ts';
import { ADDRESS, createNetwork, type Network } from '../test/lab/network.ts';
import { type ReportServer, startReportServer } from '../test/lab/report-server.ts';
import { printTable } from './table.ts';

const REQUESTS = 200;

/** The server beside which the hook runs. */
const SERVERS: Record<string, (hook: ModSecurityHook) => Promise<ReportServer | undefined>> = {
  'no server': async () => undefined,
  'a server': (hook) => startReportServer(hook.run, 'www-data'),
  'a stopped server': async (hook) => {
    const server = await startReportServer(hook.run, 'www-data');
    server.signal('SIGSTOP');
    return server;
  },
};

/**
 * The duration of a request that ModSecurity denies, with and without the hook in its rule, for one or more requests at
 * a time.
 */
export async function modsecHook(node: string): Promise<void> {
  const network = await createNetwork();
  const rows: (string | number)[][] = [];
  for (const atOnce of [1, 4, 16]) {
    rows.push(await row(network, node, 'a server', atOnce, 'no hook'));
    for (const server of Object.keys(SERVERS)) rows.push(await row(network, node, server, atOnce, 'hook'));
    rows.push(await row(network, node, 'a server', atOnce, 'hook whose first line names Node'));
  }
  await network.remove();
  const head = ['', '', 'at once', 'reported', 'median', '99 %', 'longest (goal: 200)'];
  printTable(`A request that ModSecurity denies (ms; ${REQUESTS} requests)`, head, rows);
}

async function row(
  network: Network,
  node: string,
  state: string,
  atOnce: number,
  how: string,
): Promise<(string | number)[]> {
  const hook = await ModSecurityHook.create();
  if (how.includes('Node')) {
    const text = await readFile(hook.script, 'utf8');
    await writeFile(hook.script, text.replace(/^.*/, `#!${node}`));
  }
  const server = await SERVERS[state]?.(hook);
  const rules = hook.rules(node);
  const apache = await startApache(network.web, how === 'no hook' ? rules.replace(/,exec:[^"]*/, '') : rules);
  const times = await timesOf(network, atOnce);
  server?.signal('SIGCONT');
  // The last hooks may still wait for the lock.
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const reported = server?.reports.length ?? 0;
  server?.signal('SIGKILL');
  await server?.ended();
  await apache.stop();
  await hook.remove();
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return [how, state, String(atOnce), String(reported), at(0.5), at(0.99), at(1)];
}

/** Milliseconds from a request to the end of its answer, as the client measures it, sorted. */
async function timesOf({ outside }: Network, atOnce: number): Promise<number[]> {
  const parallel = atOnce === 1 ? [] : ['--parallel', '--parallel-immediate', `--parallel-max`, `${atOnce}`];
  const words = ['curl', '--silent', '--output', '/dev/null', '--write-out', '%{http_code} %{time_total}\n'];
  const url = `http://${ADDRESS.web}/attack?[1-${REQUESTS}]`;
  const { stdout } = await outside.start([...words, ...parallel, url], {});
  const answers = stdout.split('\n').map((line) => line.split(' '));
  if (answers.length !== REQUESTS || answers.some(([status]) => status !== '403'))
    throw new Error(`not all of ${REQUESTS} requests were denied:\n${stdout}`);
  return answers.map(([, seconds]) => Number(seconds) * 1000).sort((a, b) => a - b);
}
