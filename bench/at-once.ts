import { Host } from '../test/lab/host.ts';
import { Installation } from '../test/lab/installation.ts';
import { measure, type Run } from './measure.ts';
import { address, ours, stock } from './subjects.ts';
import { printTable } from './table.ts';

const CORES = 2;

/**
 * Measures adds that all start at the same time: the number of adds that take effect, and the ratio of wall time to CPU
 * time divided by cores.
 */
export async function atOnce(
  node: string,
  stocks: readonly string[],
  counts: readonly number[],
): Promise<void> {
  const rows: (string | number)[][] = [];
  for (const count of counts) {
    for (const response of ['firewall-drop', 'route-null', 'apache-deny']) {
      rows.push(await row(node, response, count, (at, target) => ours(at, response, target)));
    }
    // The stock programs sleep on a lock: 1,000 at once would take a quarter of an hour.
    if (count > 50) continue;
    for (const file of stocks) rows.push(await row(node, file, count, (_, target) => stock(file, target)));
  }
  const head = ['', 'at once', 'in place', 'wall', 'CPU', 'wall / (CPU / cores)'];
  printTable(`Adds at once (ms; ${CORES} cores)`, head, rows);
}

async function row(
  node: string,
  name: string,
  count: number,
  make: (at: Installation, target: string) => Run,
): Promise<(string | number)[]> {
  const host = await Host.create('bench');
  const at = await Installation.create(host, node);
  const targets = Array.from({ length: count }, (_, index) => address(index));
  const { cpu, wall } = await measure(
    host,
    targets.map((target) => make(at, target)),
    'at once',
  );
  const inPlace = await countInPlace(host, at);
  await host.remove();
  await at.remove();
  return [name, String(count), String(inPlace), wall, cpu, (wall / (cpu / CORES)).toFixed(2)];
}

/**
 * Counts the bench's addresses in all backends and in iptables together, because each host is used for only one
 * program.
 */
async function countInPlace(host: Host, at: Installation): Promise<number> {
  const held = [
    (await host.start(['nft', 'list', 'ruleset'], {})).stdout.replace(/counter packets \d+ bytes \d+/g, ''),
    await host.run('ip route show'),
    (await at.read('var/riposte/apache/deny.map')).replace(/^#.*$/gm, ''),
    (await host.start(['iptables', '-S', 'INPUT'], {})).stdout,
  ].join('\n');
  return new Set([...held.matchAll(/198\.18\.\d+\.\d+/g)].map(([found]) => found)).size;
}
