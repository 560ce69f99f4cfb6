import { execa } from 'execa';
import { parseShape } from '../active-response/backend/nftables-listing.ts';
import { planMany } from '../active-response/backend/nftables-many.ts';
import { parseAddress } from '../base/address.ts';
import type { Host } from '../test/lab/host.ts';
import { ADDRESS, createNetwork } from '../test/lab/network.ts';
import { PATH } from '../test/lab/tools.ts';
import { listedPrefixes } from './feeds.ts';
import { address } from './subjects.ts';
import { printTable } from './table.ts';

/** The number of blocked addresses, the rounds of each kind, and their duration in seconds. */
const [BLOCKED, ROUNDS, SECONDS] = [10_000, 5, 1];

/** The number of prefixes that lists have blocked. */
const LISTED = 100_000;

/** The firewall of the web host: empty, our set, the sets of lists, and a chain of rules as the stock scripts make. */
const KINDS: Record<string, (web: Host) => Promise<void>> = {
  'none blocked': async () => {},
  'our set': async (web) => {
    const changes = Array.from({ length: BLOCKED }, (_, index) => {
      return { verb: 'block', address: parseAddress(address(index)), known: false } as const;
    });
    const { input } = planMany(changes, { action: 'drop', ports: [] }, parseShape(''));
    await web.start(['nft', '-f', '-'], { input });
  },
  'prefixes of lists': async (web) => {
    const changes = listedPrefixes(LISTED).map((text) => {
      return { verb: 'block', address: parseAddress(text), known: false } as const;
    });
    const { input } = planMany(changes, { action: 'drop', ports: [] }, parseShape(''));
    await web.start(['nft', '-f', '-'], { input });
  },
  'a rule each (iptables)': async (web) => {
    const rules = Array.from({ length: BLOCKED }, (_, index) => `-A INPUT -s ${address(index)} -j DROP`);
    await web.start(['iptables-restore', '--noflush'], {
      input: ['*filter', ...rules, 'COMMIT', ''].join('\n'),
    });
  },
};

/** Counts the packets of an unblocked visitor in a second, through the web host beside 10,000 blocked addresses, or 100,000 prefixes. */
export async function packets(node: string): Promise<void> {
  const rates = new Map(Object.keys(KINDS).map((kind) => [kind, [] as number[]]));
  const network = await createNetwork();
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [kind, prepare] of Object.entries(KINDS)) {
      await network.web.start(['nft', 'flush', 'ruleset'], {});
      await prepare(network.web);
      const rate = await received(node, network.web, network.outside);
      if (round > 0) rates.get(kind)?.push(rate); // the first warms up
    }
  }
  await network.remove();
  const median = (kind: string) =>
    [...(rates.get(kind) ?? [])].sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
  const rows = Object.keys(KINDS).map((kind) => [
    kind,
    String(Math.round(median(kind))),
    `${(median(kind) / median('none blocked')).toFixed(3)} x`,
  ]);
  const head = ['', 'packets a second', 'of the packets with no address blocked (goal: 0.95)'];
  printTable(
    `Packets of a visitor beside ${BLOCKED} blocked addresses (medians of ${ROUNDS} rounds)`,
    head,
    rows,
  );
}

/** Sends small datagrams as fast as one process can, and reads from the web host's kernel how many arrived. */
async function received(node: string, web: Host, outside: Host): Promise<number> {
  const before = await datagrams(web);
  const flood = `const s = require('dgram').createSocket('udp4'); const end = Date.now() + ${SECONDS * 1000};
    const b = Buffer.alloc(18); const go = () => { for (let i = 0; i < 64; i++) s.send(b, 9, '${ADDRESS.web}'); Date.now() < end ? setImmediate(go) : s.close(); };
    s.bind(0, '${ADDRESS.visitor}', go);`;
  const [program, args] = outside.command([node, '-e', flood]);
  await execa(program, args, { env: { PATH }, stdin: 'ignore', reject: false });
  return ((await datagrams(web)) - before) / SECONDS;
}

/** The datagrams to closed ports that the host has received (UdpNoPorts): past every rule, without more work. */
async function datagrams(web: Host): Promise<number> {
  const text = await web.run('cat /proc/net/snmp');
  const [names, values] = [...text.matchAll(/^Udp: (.*)$/gm)].map(([, fields = '']) => fields.split(' '));
  return Number(values?.[names?.indexOf('NoPorts') ?? -1]);
}
