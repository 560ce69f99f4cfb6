import { parseShape } from '../active-response/backend/nftables-listing.ts';
import { planMany } from '../active-response/backend/nftables-many.ts';
import { parseAddress } from '../base/address.ts';
import { connect, Host } from '../test/lab/host.ts';
import { listedPrefixes } from './feeds.ts';
import { median } from './measure.ts';
import { printTable } from './table.ts';

/** The rounds of each kind, and their duration in seconds. */
const [ROUNDS, SECONDS] = [20, 1];

/** The number of rules, and of prefixes that lists have blocked. */
const [RULES, LISTED] = [10_000, 100_000];

/** Prepares the firewall of the web host. */
type Prepare = (web: Host) => Promise<unknown>;

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

/** No block on either host: the ratio shows the error of this bench. */
const nothing: [string, Prepare] = ['no block', () => Promise.resolve()];

/** The packets of a visitor beside blocked addresses only. */
export const packetsBesideBlocks = (node: string): Promise<void> =>
  packetsBeside(node, new Map([nothing, emptyChain, ours(10_000), ours(100_000)]));

/** The packets of a visitor beside blocked addresses, beside prefixes of lists, or beside a rule for each address. */
export const packets = (node: string): Promise<void> =>
  packetsBeside(
    node,
    new Map([
      nothing,
      emptyChain,
      ours(10_000),
      ours(100_000),
      [`${LISTED.toLocaleString('en')} prefixes of lists`, blocked(listedPrefixes(LISTED))],
      [`${RULES.toLocaleString('en')} rules (iptables)`, rules],
    ]),
  );

/** A web host, and its address. */
interface Web {
  readonly host: Host;
  readonly address: string;
}

/**
 * Counts the packets of an unblocked visitor that pass through the firewall of a web host, per CPU second of the process
 * that sends them. The kernel filters the packets in the context of that process, so its CPU time includes the
 * filtering. The process sends to a host with a firewall and to a host without one, in turn, a few hundred packets each
 * time, so a machine that slows down slows both. From round to round the hosts change their roles and their order.
 */
async function packetsBeside(node: string, kinds: ReadonlyMap<string, Prepare>): Promise<void> {
  const outside = await Host.create('outside');
  const webs = await Promise.all([
    webOf(outside, 'left', '203.0.113'),
    webOf(outside, 'right', '198.51.100'),
  ]);
  const ratios = new Map([...kinds.keys()].map((kind) => [kind, [] as number[]]));
  const rates = new Map([...kinds.keys()].map((kind) => [kind, [] as number[]]));
  for (let round = 0; round <= ROUNDS; round++)
    for (const [kind, prepare] of kinds) {
      const [filtering, bare] = round % 2 === 0 ? webs : ([webs[1], webs[0]] as const);
      await prepare(filtering.host);
      const inOrder = round % 4 < 2 ? [filtering, bare] : [bare, filtering];
      const speeds = await received(node, outside, inOrder);
      const [rate = 0, without = 0] = inOrder[0] === filtering ? speeds : speeds.toReversed();
      await filtering.host.start(['nft', 'flush', 'ruleset'], {});
      if (round === 0) continue; // the first warms up
      rates.get(kind)?.push(rate);
      ratios.get(kind)?.push(rate / without);
    }
  await Promise.all([outside, ...webs.map(({ host }) => host)].map((host) => host.remove()));
  const rows = [...rates].map(([kind, some]) => {
    const [lowest, middle, highest] = quartiles(ratios.get(kind) ?? []).map((each) => each.toFixed(3));
    return [kind, String(Math.round(median(some))), `${middle} x`, `${lowest} to ${highest}`];
  });
  printTable(
    `Packets of a visitor (medians of ${ROUNDS} rounds)`,
    ['', 'packets per second of CPU', 'ratio to no block (goal: 0.97)', 'half of the rounds'],
    rows,
  );
}

async function webOf(outside: Host, name: string, network: string): Promise<Web> {
  const host = await Host.create(name);
  const address = `${network}.1`;
  await connect(outside, [`${network}.8/24`], host, [`${address}/24`]);
  return { host, address };
}

/** The first quartile, the median and the third quartile. */
function quartiles(values: readonly number[]): [number, number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return [median(sorted.slice(0, half)), median(sorted), median(sorted.slice(-half))];
}

/**
 * Sends small datagrams to hosts in turn, as fast as one process can.
 *
 * @returns the number of datagrams that have arrived at each host, per second of the CPU time of sending to that host
 */
async function received(node: string, outside: Host, webs: readonly Web[]): Promise<number[]> {
  const before = await Promise.all(webs.map(datagrams));
  const flood = `const s = require('dgram').createSocket('udp4'); const end = Date.now() + ${SECONDS * 1000};
    const hosts = ${JSON.stringify(webs.map(({ address }) => address))}; const spent = hosts.map(() => 0);
    const b = Buffer.alloc(18);
    const go = (turn) => {
      const from = process.cpuUsage();
      for (let i = 0; i < 256; i++) s.send(b, 9, hosts[turn]);
      setImmediate(() => {
        const { user, system } = process.cpuUsage(from);
        spent[turn] += user + system;
        if (turn > 0 || Date.now() < end) return go((turn + 1) % hosts.length);
        console.log(spent.join(' ')); s.close();
      });
    };
    s.bind(0, () => go(0));`;
  const { stdout } = await outside.start([node, '-e', flood], { stdin: 'ignore' });
  const after = await Promise.all(webs.map(datagrams));
  const spent = stdout.split(' ').map((microseconds) => Number(microseconds) / 1e6);
  return webs.map((_, index) => ((after[index] ?? 0) - (before[index] ?? 0)) / (spent[index] ?? Number.NaN));
}

/**
 * The number of datagrams to closed ports that the host has received (UdpNoPorts): they have passed every rule, and no
 * program reads them.
 */
async function datagrams({ host }: Web): Promise<number> {
  const text = await host.run('cat /proc/net/snmp');
  const [names, values] = [...text.matchAll(/^Udp: (.*)$/gm)].map(([, fields = '']) => fields.split(' '));
  return Number(values?.[names?.indexOf('NoPorts') ?? -1]);
}
