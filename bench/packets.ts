import { parseShape } from '../active-response/backend/nftables-listing.ts';
import { planMany } from '../active-response/backend/nftables-many.ts';
import { parseAddress } from '../base/address.ts';
import type { Host } from '../test/lab/host.ts';
import { ADDRESS, createNetwork, type Network } from '../test/lab/network.ts';
import { listedPrefixes } from './feeds.ts';
import { median } from './measure.ts';
import { printTable } from './table.ts';

/** The rounds of each kind, and their duration in seconds. */
const [ROUNDS, SECONDS] = [11, 0.5];

/** The number of rules, and of prefixes that lists have blocked. */
const [RULES, LISTED] = [10_000, 100_000];

/** Prepares the firewall of the web host. */
type Prepare = (web: Host) => Promise<unknown>;

const NONE = 'no block';

/** The firewall of the web host: our sets. */
const blocked =
  (addresses: readonly string[]): Prepare =>
  (web) => {
    const changes = addresses.map((text) => {
      return { verb: 'block', address: parseAddress(text), known: false } as const;
    });
    const { input = '' } = planMany(changes, { action: 'drop', ports: [] }, parseShape(''));
    return load(web, input);
  };

async function load(web: Host, input: string): Promise<void> {
  const { exitCode, stderr } = await web.start(['nft', '-f', '-'], { input, reject: false });
  if (exitCode !== 0) throw new Error(`nft: ${stderr}`);
}

/** Addresses of 198.18.0.0/15 and of the networks after it. */
const several = (count: number): string[] =>
  Array.from(
    { length: count },
    (_, index) => `198.${18 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`,
  );

const ours = (count: number): [string, Prepare] => [
  `${count.toLocaleString('en')} blocked`,
  blocked(several(count)),
];

/** A chain with one rule for each address, as the stock scripts make it. */
const rules: Prepare = (web) => {
  const lines = several(RULES).map((each) => `-A INPUT -s ${each} -j DROP`);
  return web.start(['iptables-restore', '--noflush'], {
    input: ['*filter', ...lines, 'COMMIT', ''].join('\n'),
  });
};

/** A hook of nft without any rule: the minimum cost of a hook. */
const emptyChain: [string, Prepare] = [
  'an empty chain of nft',
  (web) => {
    const chain = 'add chain inet empty every { type filter hook prerouting priority -300; }';
    return load(web, `add table inet empty\n${chain}\n`);
  },
];

/** A second kind of rounds without any block: the ratio of both kinds shows the error of this bench. */
const nothing: [string, Prepare] = ['no block, once more', () => Promise.resolve()];

/** The packets of a visitor beside blocked addresses only. */
export const packetsBesideBlocks = (node: string): Promise<void> =>
  packetsBeside(node, new Map([nothing, emptyChain, ours(10_000), ours(100_000)]));

/** The packets of a visitor beside blocked addresses, beside prefixes of lists, or beside a rule for each address. */
export const packets = (node: string): Promise<void> =>
  packetsBeside(
    node,
    new Map([
      emptyChain,
      ours(10_000),
      ours(100_000),
      [`${LISTED.toLocaleString('en')} prefixes of lists`, blocked(listedPrefixes(LISTED))],
      [`${RULES.toLocaleString('en')} rules (iptables)`, rules],
    ]),
  );

/**
 * Counts the packets of an unblocked visitor that pass through the firewall of the web host, per CPU second of the
 * process that sends them. The kernel filters the packets in the context of that process, so its CPU time includes the
 * filtering, and the load by other processes changes only the wall time. The kinds take turns, each after a round
 * without any block. Each ratio compares two consecutive rounds.
 */
async function packetsBeside(node: string, kinds: ReadonlyMap<string, Prepare>): Promise<void> {
  const network = await createNetwork();
  const ratios = new Map([...kinds.keys()].map((kind) => [kind, [] as number[]]));
  const rates = new Map([NONE, ...kinds.keys()].map((kind) => [kind, [] as number[]]));
  for (let round = 0; round <= ROUNDS; round++)
    for (const [kind, prepare] of kinds) {
      const none = await received(node, network);
      await prepare(network.web);
      const rate = await received(node, network);
      await network.web.start(['nft', 'flush', 'ruleset'], {});
      if (round === 0) continue; // the first warms up
      rates.get(NONE)?.push(none);
      rates.get(kind)?.push(rate);
      ratios.get(kind)?.push(rate / none);
    }
  await network.remove();
  const rows = [...rates].map(([kind, some]) => [
    kind,
    String(Math.round(median(some))),
    ratios.has(kind) ? `${median(ratios.get(kind) ?? []).toFixed(3)} x` : '',
  ]);
  printTable(
    `Packets of a visitor (medians of ${ROUNDS} rounds)`,
    ['', 'packets per second of CPU', 'ratio to no block (goal: 0.97)'],
    rows,
  );
}

/**
 * Sends small datagrams as fast as one process can.
 * @returns the number of datagrams that have arrived, per second of CPU time of the sending process
 */
async function received(node: string, { web, outside }: Network): Promise<number> {
  const before = await datagrams(web);
  const flood = `const s = require('dgram').createSocket('udp4'); const end = Date.now() + ${SECONDS * 1000};
    const b = Buffer.alloc(18); let from;
    const done = () => { const { user, system } = process.cpuUsage(from); console.log(user + system); s.close(); };
    const go = () => { for (let i = 0; i < 64; i++) s.send(b, 9, '${ADDRESS.web}'); Date.now() < end ? setImmediate(go) : done(); };
    s.bind(0, '${ADDRESS.visitor}', () => { from = process.cpuUsage(); go(); });`;
  const { stdout } = await outside.start([node, '-e', flood], { stdin: 'ignore' });
  return ((await datagrams(web)) - before) / (Number(stdout) / 1e6);
}

/**
 * The number of datagrams to closed ports that the host has received (UdpNoPorts): they have passed every rule, and no
 * program reads them.
 */
async function datagrams(web: Host): Promise<number> {
  const text = await web.run('cat /proc/net/snmp');
  const [names, values] = [...text.matchAll(/^Udp: (.*)$/gm)].map(([, fields = '']) => fields.split(' '));
  return Number(values?.[names?.indexOf('NoPorts') ?? -1]);
}
