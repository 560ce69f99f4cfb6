import { look } from '../../active-response/backend/backend.ts';
import type { Command, Executor } from '../../active-response/backend/execute.ts';
import { LISTING } from '../../active-response/backend/nftables-many.ts';

/** What a firewall has stopped, in packets and in bytes. */
export interface Traffic {
  readonly packets: number;
  readonly bytes: number;
}

/** The same over all times that the firewall's own counters have begun anew, and what they said last. */
export interface Dropped extends Traffic {
  readonly seen: Traffic;
}

const NONE: Traffic = { packets: 0, bytes: 0 };

/** What is dropped in all, when a counter says `now`: after a reboot, or without its rules, it begins at 0 again. */
export function addTraffic(last: Dropped | undefined, now: Traffic): Dropped {
  const { seen, packets, bytes } = last ?? { ...NONE, seen: NONE };
  const isNew = now.packets < seen.packets || now.bytes < seen.bytes;
  const from = isNew ? NONE : seen;
  return {
    packets: packets + now.packets - from.packets,
    bytes: bytes + now.bytes - from.bytes,
    seen: now,
  };
}

/** The backends whose rules count what they drop, for all addresses together. */
export const COUNTING: Readonly<Record<string, (executor: Executor) => Traffic>> = {
  nftables: (executor) => parseNftCounter(look(LISTING, executor)),
  ipset: (executor) => sum(IPTABLES.map((command) => parseIptables(look(command, executor)))),
};

/**
 * Our chain is in the one table for dropping, in the other for rejecting. All chains are listed: of one that is not
 * there each iptables has its own complaint.
 */
const IPTABLES = ['iptables', 'ip6tables'].flatMap((program) =>
  ['raw', 'filter'].map((table): Command => ({ program, args: ['-w', '5', '-t', table, '-S', '-v'] })),
);

/** Our counter in nft's JSON; nothing where there is none. */
export function parseNftCounter(json: string): Traffic {
  const objects = JSON.parse(json || '{"nftables":[]}').nftables as {
    counter?: Traffic & { name: string };
  }[];
  return sum(objects.flatMap(({ counter }) => (counter?.name === 'dropped' ? counter : [])));
}

/** What our rules that drop or reject have counted, in the listing of `iptables -S -v`. */
export function parseIptables(listing: string): Traffic {
  const rules = [...listing.matchAll(/^-A RIPOSTE .*?-c (\d+) (\d+) -j (?:DROP|REJECT)\b/gm)];
  return sum(rules.map(([, packets, bytes]) => ({ packets: Number(packets), bytes: Number(bytes) })));
}

const sum = (all: readonly Traffic[]): Traffic =>
  all.reduce((a, b) => ({ packets: a.packets + b.packets, bytes: a.bytes + b.bytes }), NONE);
