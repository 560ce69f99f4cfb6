import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { execaSync } from 'execa';
import { morfeus } from '../test/lab/access-log.ts';
import { Host } from '../test/lab/host.ts';
import { Installation } from '../test/lab/installation.ts';
import { RunningServer } from '../test/lab/server.ts';
import { fillLedger } from './ledger.ts';
import { measure } from './measure.ts';
import { packetsBesideBlocks } from './packets.ts';
import { printTable } from './table.ts';
import { addRow, commandRow } from './timed-rows.ts';

/** The time limit of one measurement, in milliseconds. */
const PATIENCE = 600_000;

/** Different attackers: each /24 and each /48 has one. The range for benchmarks has 512 networks. */
const attacker = (index: number): string =>
  index < 512 ? `198.${18 + (index >> 8)}.${index & 255}.1` : `2001:db8:${index.toString(16)}::1`;

/** Addresses of one /48. */
const neighbour = (index: number): string => `2001:db8:0:${(index + 1).toString(16)}::1`;

/**
 * The installations. The bench removes them at the end, because ext4 takes ten times as long to create files in a
 * directory from which many files were just removed.
 */
const used: Installation[] = [];

/** Very many attackers at once, and very many blocks in force. */
export async function massBench(node: string): Promise<void> {
  execaSync(process.execPath, ['build/run-ts.mjs', 'build/build.ts']);
  await untilAllAreBlocked(node);
  await behindAFlood(node);
  await besideMany(node, 100_000);
  await packetsBesideBlocks(node);
  for (const at of used.splice(0)) await at.remove();
}

async function untilAllAreBlocked(node: string): Promise<void> {
  const rows: (string | number)[][] = [];
  for (const count of [3_000, 20_000]) {
    const lines = Array.from({ length: count }, (_, index) => morfeus(attacker(index))).join('');
    await onHost(node, async (host, at) => {
      const log = `${at.home}/access.log`;
      await at.write('access.log', '');
      const server = await RunningServer.start(at, [log]);
      const journal = new JournalWatch(at);
      const began = performance.now();
      await appendFile(log, lines);
      await journal.until(count);
      const seconds = (performance.now() - began) / 1000;
      rows.push(['serve', count, seconds, await inForce(host), peakOf(server.pid)].map(asCell));
      journal.close();
      await server.end();
    });
    await onHost(node, async (host, at) => {
      await at.write('access.log', lines);
      const words = [
        at.node,
        'dist/riposte.js',
        'scan',
        '--quiet',
        '--home',
        at.home,
        `${at.home}/access.log`,
      ];
      const { wall } = await measure(host, [{ words }], 'in turn');
      rows.push(['scan', count, wall / 1000, await inForce(host), '-'].map(asCell));
    });
    await onHost(node, async (host, at) => {
      const sources = Array.from({ length: count }, (_, index) => attacker(index));
      const words = [at.node, 'dist/riposte.js', 'block', '--home', at.home, ...sources];
      const { wall } = await measure(host, [{ words }], 'in turn');
      rows.push(['block', count, wall / 1000, await inForce(host), '-'].map(asCell));
    });
  }
  printTable(
    'Attackers at once, until all are blocked and recorded (goal: 3,000 in 5 s)',
    ['', 'attackers', 's', 'in force', 'peak MB'],
    rows,
  );
}

/** The delay until single attackers are blocked, while many attackers from one /48 wait to be blocked. */
async function behindAFlood(node: string): Promise<void> {
  const [FLOOD, SINGLE] = [20_000, 100];
  await onHost(node, async (_host, at) => {
    const log = `${at.home}/access.log`;
    await at.write('access.log', '');
    const server = await RunningServer.start(at, [log]);
    const journal = new JournalWatch(at);
    await appendFile(log, Array.from({ length: FLOOD }, (_, index) => morfeus(neighbour(index))).join(''));
    const times: number[] = [];
    let behind = 0;
    for (let index = 0; index < SINGLE; index++) {
      await pause(20 + Math.random() * 40);
      const source = attacker(index);
      const began = performance.now();
      await appendFile(log, morfeus(source));
      await journal.untilBlocked(source);
      times.push(performance.now() - began);
      if (journal.count < FLOOD) behind++;
    }
    await journal.until(FLOOD + SINGLE);
    times.sort((a, b) => a - b);
    const at99 = times[Math.ceil(times.length * 0.99) - 1] ?? Number.NaN;
    printTable(
      `A real attacker’s delay behind ${FLOOD.toLocaleString('en')} addresses of one /48, in milliseconds (goal: 99 % in 1,000)`,
      ['', 'attackers', 'while the flood waited', 'median', '99 %', 'longest', 'peak MB'],
      [
        [
          'serve',
          String(SINGLE),
          String(behind),
          times[SINGLE / 2] ?? Number.NaN,
          at99,
          times.at(-1) ?? Number.NaN,
          peakOf(server.pid),
        ],
      ],
    );
    journal.close();
    await server.end();
  });
}

async function besideMany(node: string, count: number): Promise<void> {
  const rows: (string | number)[][] = [];
  await onHost(node, async (host, at) => {
    const time = async (what: string, words: readonly string[], goal: string) =>
      rows.push(await commandRow(host, what, words, goal));
    const add = async (what: string, from: number) => rows.push(await addRow(host, at, what, from));
    const riposte = (verb: string) => [at.node, 'dist/riposte.js', verb, '--home', at.home];
    await add('one add beside no block', 0);
    fillLedger(at.home, 'firewall-drop', count);
    await time('restore', riposte('restore'), '-');
    await add('one add beside all blocks', 100);
    await time('nft alone: list the table', ['nft', '-j', 'list', 'table', 'inet', 'riposte'], '-');
    await time('status, the first', riposte('status'), '2');
    await time('status', riposte('status'), '2');
    await time('sweep after changes of sets', riposte('sweep'), '-');
    await time('sweep with nothing to do', riposte('sweep'), '1');
    await time('metrics', riposte('metrics'), '1');
    await at.write('access.log', '');
    const began = performance.now();
    const server = await RunningServer.start(at, [`${at.home}/access.log`]);
    rows.push(['start of serve', ((performance.now() - began) / 1000).toFixed(2), '-', '3']);
    const journal = new JournalWatch(at);
    const written = performance.now();
    await appendFile(`${at.home}/access.log`, morfeus('203.0.113.7'));
    await journal.untilBlocked('203.0.113.7');
    rows.push(['first block by serve', ((performance.now() - written) / 1000).toFixed(2), '-', '-']);
    journal.close();
    await server.end();
  });
  printTable(`Beside ${count.toLocaleString('en')} blocks in force (s)`, ['', 'wall', 'CPU', 'goal'], rows);
}

async function onHost(node: string, work: (host: Host, at: Installation) => Promise<void>): Promise<void> {
  const host = await Host.create('bench');
  const at = await Installation.create(host, node);
  try {
    await work(host, at);
  } finally {
    await host.remove();
    used.push(at);
  }
}

/** Reads the `blocked` events of a growing journal: such an event shows that a block is in force and recorded. */
class JournalWatch {
  /** The number of addresses that are blocked so far. */
  get count(): number {
    return this.#blocked.size;
  }

  readonly #blocked = new Set<string>();
  readonly #file: string;
  readonly #buffer = Buffer.alloc(1 << 20);
  #fd: number | undefined;
  #rest = '';

  constructor(at: Installation) {
    this.#file = join(at.home, 'var/riposte/events.jsonl');
    this.#read();
    this.#blocked.clear();
  }

  until(count: number): Promise<void> {
    return this.#untilIt(() => this.count >= count);
  }

  untilBlocked(source: string): Promise<void> {
    return this.#untilIt(() => this.#blocked.has(source));
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
  }

  async #untilIt(isSo: () => boolean): Promise<void> {
    for (const end = performance.now() + PATIENCE; performance.now() < end; ) {
      this.#read();
      if (isSo()) return;
      await pause(5);
    }
    throw new Error(`${this.count} blocked within ${PATIENCE / 1000} s`);
  }

  #read(): void {
    try {
      this.#fd ??= openSync(this.#file, 'r');
    } catch {
      return; // no event yet
    }
    for (;;) {
      const length = readSync(this.#fd, this.#buffer);
      if (length === 0) return;
      const lines = (this.#rest + this.#buffer.toString('utf8', 0, length)).split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) {
        const { event, address: source } = JSON.parse(line);
        if (event === 'blocked') this.#blocked.add(source);
      }
    }
  }
}

/** The number of blocked addresses: each element of our sets has a counter. */
async function inForce(host: Host): Promise<number> {
  const text = await host.run('nft list table inet riposte');
  return text.match(/ counter packets \d/g)?.length ?? 0;
}

/** The peak of a process's resident memory, in MB. */
function peakOf(pid: number): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

const asCell = (value: string | number): string | number =>
  typeof value === 'number' && Number.isInteger(value) ? String(value) : value;
