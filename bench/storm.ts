import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { Host } from '../test/lab/host.ts';
import { Installation } from '../test/lab/installation.ts';
import { ossec } from '../test/lab/managers.ts';
import { RunningDaemon } from '../test/lab/running-daemon.ts';
import { measure, type Run } from './measure.ts';
import { address, ours, stock } from './subjects.ts';
import { printTable } from './table.ts';

const RESPONSES = ['firewall-drop', 'route-null', 'apache-deny'];
/** The number of rounds for the first table, and the number of adds by each script in a round. */
const [ROUNDS, RUNS] = [20, 20];

/** The cost of alerts while `riposte respond` runs: one add, 1,000 at once, 10,000 deletes at once. */
export async function storm(node: string, stocks: readonly string[]): Promise<void> {
  await handedOn(node, stocks);
  await atOnce(node);
}

/** Runs a script that passes its request to the daemon. */
const request = (at: Installation, response: string, command: 'add' | 'delete', target: string): Run => ({
  words: [at.script(response), ...ossec(command, target)],
});

/** CPU of one add that a script passes to the daemon, in all processes together, compared with the stock programs. */
export async function handedOn(node: string, stocks: readonly string[]): Promise<void> {
  const host = await Host.create('bench');
  const at = await Installation.create(host, node);
  const daemon = await RunningDaemon.start(at.home, host, node);
  let next = 0;
  const kinds: Record<string, () => Run> = {
    'node -e 0': () => ({ words: [at.node, '-e', '0'] }),
    'a shell that ends': () => ({ words: ['/bin/sh', '-c', ':'] }),
    ...Object.fromEntries(
      RESPONSES.map((response) => [response, () => request(at, response, 'add', address(next++))]),
    ),
    'firewall-drop by Node': () => ours(at, 'firewall-drop', address(next++)),
    ...Object.fromEntries(stocks.map((file) => [file, () => stock(file, address(next++))])),
  };
  const sums = new Map(Object.keys(kinds).map((kind) => [kind, { cpu: 0, daemon: 0, wall: 0, runs: 0 }]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [kind, make] of Object.entries(kinds)) {
      const runs = Array.from({ length: RESPONSES.includes(kind) ? RUNS : 2 }, make);
      const before = cpuOf(host);
      const { cpu, wall } = await measure(host, runs, 'in turn');
      const sum = sums.get(kind);
      if (round === 0 || !sum) continue; // the first warms up
      sum.cpu += cpu;
      sum.daemon += cpuOf(host) - before;
      sum.wall += wall;
      sum.runs += runs.length;
    }
  }
  const bare = sums.get('node -e 0');
  const rows = [...sums].map(([kind, { cpu, daemon, wall, runs }]) => [
    kind,
    cpu / runs,
    daemon / runs,
    (cpu + daemon) / runs,
    wall / runs,
    `${((cpu + daemon) / runs / ((bare?.cpu ?? 0) / (bare?.runs ?? 1))).toFixed(3)} x`,
  ]);
  const head = ['', 'CPU of the script', 'of the daemon', 'together (goal: 5)', 'wall', 'CPU / node -e 0'];
  printTable(`One add while riposte respond runs (ms; means of ${ROUNDS} rounds)`, head, rows);
  await daemon.end();
  await host.remove();
  await at.remove();
}

async function atOnce(node: string): Promise<void> {
  const rows: (string | number)[][] = [];
  for (const response of RESPONSES) {
    const host = await Host.create('bench');
    const at = await Installation.create(host, node);
    const daemon = await RunningDaemon.start(at.home, host, node);
    const targets = Array.from({ length: 10_000 }, (_, index) => address(index));
    const events = async () => (await at.read('var/riposte/events.jsonl')).split('\n').length - 1;
    const byDaemon = async () => (await at.read('var/riposte/events.jsonl')).split('"asked":').length - 1;
    const row = async (
      what: string,
      command: 'add' | 'delete',
      some: readonly string[],
      memory?: { end(): number },
    ) => {
      const [before, byDaemonBefore, cpu] = [await events(), await byDaemon(), cpuOf(host)];
      const runs = some.map((target) => request(at, response, command, target));
      const cost = await measure(host, runs, 'at once');
      const peak = memory?.end() ?? '';
      const done = `${(await events()) - before}, ${(await byDaemon()) - byDaemonBefore}`;
      const times = [cost.wall, cost.cpu + cpuOf(host) - cpu].map((milliseconds) => milliseconds / 1000);
      rows.push([`${response}: ${what}`, done, ...times, peak]);
    };
    // Reading the memory of a thousand processes takes half of a processor, so the bench does not read it during the
    // row whose time counts.
    await row('1,000 adds', 'add', targets.slice(0, 1000));
    await row('1,000 more, watched', 'add', targets.slice(1000, 2000), watchMemory(host));
    for (let from = 2000; from < targets.length; from += 1000) {
      const some = targets.slice(from, from + 1000).map((target) => request(at, response, 'add', target));
      await measure(host, some, 'at once');
    }
    await row('10,000 deletes, watched', 'delete', targets, watchMemory(host));
    await daemon.end();
    await host.remove();
    await at.remove();
  }
  const head = ['', 'done (by the daemon)', 'wall s (goal: 3 for adds)', 'CPU s', 'peak MB (goal: 300)'];
  printTable('At once, while riposte respond runs (memory: sum of each process’s share, PSS)', head, rows);
}

/** CPU milliseconds of a host's running processes, including their ended children's. */
function cpuOf(host: Host): number {
  const fields = processesOn(host).map((pid) => {
    const stat = read(`/proc/${pid}/stat`);
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  });
  // user and system time of the process, then user and system time of its ended children
  const ticks = fields.flatMap((each) => each.slice(11, 15));
  return ticks.reduce((sum, each) => sum + 10 * Number(each), 0);
}

/** Samples the sum of the proportional memory (PSS) of all processes on a host. */
function watchMemory(host: Host): { end(): number } {
  let peak = 0;
  const look = () => {
    const shares = processesOn(host).map((pid) =>
      Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0),
    );
    peak = Math.max(peak, shares.reduce((sum, share) => sum + share, 0) / 1024);
  };
  const timer = setInterval(look, 250);
  return {
    end() {
      clearInterval(timer);
      return peak;
    },
  };
}

function processesOn(host: Host): string[] {
  const network = readlinkSync(`/proc/${host.pid}/ns/net`);
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && networkOf(name) === network);
}

function networkOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined; // the process has ended
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
