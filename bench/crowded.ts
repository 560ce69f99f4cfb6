import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { runWithArguments } from '../test/lab/execd.ts';
import { Host } from '../test/lab/host.ts';
import { Installation } from '../test/lab/installation.ts';
import { ossec } from '../test/lab/managers.ts';
import { PATH } from '../test/lab/tools.ts';
import { compare, medianOf, type Run } from './measure.ts';
import { address, ours, stock } from './subjects.ts';
import { printTable } from './table.ts';

const ROUNDS = 21;
const RUNS = 4;

/** Addresses that were blocked before; the bench adds none of them. */
const crowd = (count: number) =>
  Array.from({ length: count }, (_, i) => `100.${64 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`);

/** Compares an add on a host with many blocks with an add on a host without blocks. */
export async function crowded(node: string, stocks: readonly string[], count: number): Promise<void> {
  const rows: (string | number)[][] = [];
  for (const response of ['firewall-drop', 'route-null', 'apache-deny']) {
    rows.push(await row(node, response, count, (at, target) => ours(at, response, target)));
  }
  for (const file of stocks) rows.push(await row(node, file, count, (_, target) => stock(file, target)));
  const head = [
    '',
    'CPU beside no block',
    `CPU beside ${count} blocks`,
    'ratio (goal: 1.2)',
    'wall beside no block',
    `wall beside ${count} blocks`,
  ];
  printTable('One add in a crowd (ms; medians)', head, rows);
}

async function row(
  node: string,
  name: string,
  count: number,
  make: (at: Installation, target: string) => Run,
): Promise<(string | number)[]> {
  let next = 0;
  const prepare = async (crowdOf: number) => {
    const host = await Host.create('bench');
    const at = await Installation.create(host, node);
    if (name in FILL) await runWithArguments(at, name, ossec('add', '198.51.100.1'));
    await fill(host, at, name, crowdOf);
    const runs = () => Array.from({ length: RUNS }, () => make(at, address(next++)));
    return { host, at, runs };
  };
  const kinds = { none: await prepare(0), many: await prepare(count) };
  const rounds = await compare(ROUNDS, kinds);
  for (const { host, at } of Object.values(kinds)) {
    await host.remove();
    await at.remove();
  }
  const ratio = medianOf(rounds, ({ none, many }) => many.cpu / none.cpu);
  const figures = [
    medianOf(rounds, ({ none }) => none.cpu),
    medianOf(rounds, ({ many }) => many.cpu),
    ratio.toFixed(2),
    medianOf(rounds, ({ none }) => none.wall),
    medianOf(rounds, ({ many }) => many.wall),
  ];
  return [name, ...figures];
}

/** Blocks the whole crowd in the kernel or the file in one step, and writes the crowd's ledger. */
async function fill(host: Host, at: Installation, name: string, count: number): Promise<void> {
  if (count === 0) return;
  const targets = crowd(count);
  if (name in FILL) {
    await writeLedger(at, name, targets);
    await FILL[name as keyof typeof FILL](host, at, targets);
    return;
  }
  const rules = targets.map((target) => `-A INPUT -s ${target} -j DROP`);
  await feed(host, ['iptables-restore', '--noflush'], ['*filter', ...rules, 'COMMIT'].join('\n'));
}

const FILL = {
  'firewall-drop': (host: Host, _: Installation, targets: string[]) =>
    feed(
      host,
      ['nft', '-f', '-'],
      `add element inet riposte blocked4 { ${targets.map((t) => `${t} timeout 86400s`).join(', ')} }`,
    ),
  'route-null': (host: Host, _: Installation, targets: string[]) =>
    feed(
      host,
      ['ip', '-batch', '-'],
      targets.map((target) => `route add unreachable ${target} proto 117`).join('\n'),
    ),
  'apache-deny': async (_: Host, at: Installation, targets: string[]) =>
    at.write(
      'var/riposte/apache/deny.map',
      `# made by the bench\n${targets.map((target) => `${target} deny\n`).join('')}`,
    ),
};

async function feed(host: Host, words: string[], input: string): Promise<void> {
  const [program, args] = host.command(words);
  await execa(program, args, { input: `${input}\n`, env: { PATH } });
}

async function writeLedger(at: Installation, response: string, targets: string[]): Promise<void> {
  const directory = join(at.home, 'var/riposte/blocks', response);
  await mkdir(directory, { recursive: true });
  const since = new Date().toISOString();
  for (const target of targets) {
    const block = { address: target, response, backend: 'map', since, until: null, offence: 1 };
    await writeFile(join(directory, `${target}.json`), `${JSON.stringify(block)}\n`);
  }
}
