import { uptime } from 'node:os';
import { debugError } from '../../base/debug.ts';
import type { InForce } from './in-force.ts';
import type { DumpedElement } from './nftables-elements.ts';
import { inSet, type SetInForce } from './nftables-listing.ts';
import type { KeptListing } from './upkeep.ts';

/** The elements of the last listing. */
export interface KeptElements {
  /** The state of the kernel's sets in which they were listed: see nftables-elements.ts. */
  readonly state: string;
  /** The addresses still in force in this state, without counts; undefined for a damaged text. */
  addressesIn(sets: readonly SetInForce[]): Map<string, InForce> | undefined;
}

interface Content {
  /** Seconds since the boot. */
  readonly at: number;
  readonly sets: readonly {
    readonly name: string;
    readonly hosts: readonly string[];
    /**
     * For each host, the milliseconds until the kernel ends its element; null: the kernel does not end it. The state
     * does not change when the kernel ends an element.
     */
    readonly left: readonly (number | null)[];
  }[];
}

/**
 * Returns the elements that `keepElements` has written; undefined if it has written none.
 * @param now in seconds since the boot
 */
export function keptElements(kept: KeptListing, now = uptime()): KeptElements | undefined {
  const text = kept.read() ?? '';
  const end = text.indexOf('\n');
  if (end < 1) return undefined;
  return {
    state: text.slice(0, end),
    addressesIn(sets) {
      try {
        return addressesOf(JSON.parse(text.slice(end + 1)), sets, now);
      } catch (error) {
        debugError(error); // the text was not written completely
        return undefined;
      }
    },
  };
}

/** Keeps the elements of sets, which were listed just now, in the order of the sets. */
export function keepElements(
  kept: KeptListing,
  state: string,
  sets: readonly SetInForce[],
  dumped: readonly (readonly DumpedElement[])[],
): void {
  const content: Content = {
    at: uptime(),
    sets: sets.map(({ name }, index) => {
      const elements = dumped[index] ?? [];
      return {
        name,
        hosts: elements.map(({ host }) => host),
        left: elements.map(({ left }) => left ?? null),
      };
    }),
  };
  kept.write(`${state}\n${JSON.stringify(content)}`);
}

const UNCOUNTED: InForce = { packets: undefined, bytes: undefined };

function addressesOf({ at, sets: kept }: Content, sets: readonly SetInForce[], now: number) {
  if (!(at <= now) || sets.map(({ name }) => name).join() !== kept.map(({ name }) => name).join())
    return undefined;
  const passed = (now - at) * 1000;
  const found = new Map<string, InForce>();
  for (const [index, { hosts, left }] of kept.entries())
    for (const [which, host] of hosts.entries()) {
      const rest = left[which];
      if (rest === null || (rest !== undefined && rest > passed))
        found.set(inSet(host, sets[index]?.length), UNCOUNTED);
    }
  return found;
}
