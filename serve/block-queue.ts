import { networkKeys } from '../base/network-key.ts';

/** The urgency of a block: severe alerts first, then repeated offences, then the rest. */
export const URGENCIES = ['severe', 'repeated', 'other'] as const;
export type Urgency = (typeof URGENCIES)[number];

/** A block that waits for the worker. */
export interface Waiting {
  readonly address: string;
  readonly urgency: Urgency;
  /** True for a report of the hook, false for a detection in a log. */
  readonly isReport: boolean;
}

/**
 * The largest share of a batch for one network (/16 or /32) while other networks wait. Also the share that reports of
 * the hook get while detections wait.
 */
const SHARE = 1 / 4;

/**
 * The blocks that wait for the worker. A batch takes the most urgent blocks first. Among blocks of one urgency, it
 * takes one block of each /16 or /32 in turn, and within these, one of each /24 or /48 in turn. So neither a flood from
 * one network nor a flood of reports delays the others. Within a network the oldest block comes first.
 *
 * A network gets more than its share only if no other network waits, or if a small batch takes as long as a large one.
 * Otherwise the batch stays small, because the other networks wait for its end.
 */
export class BlockQueue<T extends Waiting> {
  readonly #logs = new Lanes<T>();
  readonly #reports = new Lanes<T>();

  get size(): number {
    return this.#logs.size + this.#reports.size;
  }

  add(waiting: T): void {
    (waiting.isReport ? this.#reports : this.#logs).add(waiting);
  }

  /** Takes the next batch. @param isSizeDear true if a small batch takes less time than a large one */
  take(most: number, isSizeDear = true): T[] {
    const left = Math.max(0, most - this.#logs.size);
    const reports = Math.min(this.#reports.size, Math.max(left, Math.ceil(most * SHARE)));
    return [...this.#logs.take(most - reports, isSizeDear), ...this.#reports.take(reports, isSizeDear)];
  }

  /**
   * Drops one of the least urgent blocks: the oldest of the network with the most such blocks. Drops reports before
   * detections.
   */
  drop(): T | undefined {
    return this.#reports.drop() ?? this.#logs.drop();
  }
}

/** One lane for each urgency. */
class Lanes<T extends Waiting> {
  size = 0;
  readonly #lanes: ReadonlyMap<Urgency, Lane<T>> = new Map(URGENCIES.map((urgency) => [urgency, new Lane()]));

  add(waiting: T): void {
    this.#lanes.get(waiting.urgency)?.add(waiting);
    this.size++;
  }

  take(most: number, isSizeDear: boolean): T[] {
    const taken: T[] = [];
    const share = Math.ceil(most * SHARE);
    for (const lane of this.#lanes.values()) lane.takeInto(taken, most, share);
    if (!isSizeDear || isOfOneNetwork(taken))
      for (const lane of this.#lanes.values()) lane.takeInto(taken, most, most);
    this.size -= taken.length;
    return taken;
  }

  drop(): T | undefined {
    for (const lane of [...this.#lanes.values()].reverse()) {
      const dropped = lane.drop();
      if (dropped === undefined) continue;
      this.size--;
      return dropped;
    }
    return undefined;
  }
}

/** True if all blocks are of one /16 or /32. As networks take turns, the check meets a second network early. */
function isOfOneNetwork(blocks: readonly Waiting[]): boolean {
  const [first] = blocks;
  const wide = first && networkKeys(first.address).wide;
  return blocks.every(({ address }) => networkKeys(address).wide === wide);
}

/**
 * The waiting blocks of one urgency, by wide network, and within it by narrow network. The order of each map is the
 * order of turns. So an attacker with a whole /16 has 256 /24 networks, but gets no more turns than other networks.
 */
class Lane<T extends Waiting> {
  readonly #networks = new Map<string, WideNetwork<T>>();

  add(waiting: T): void {
    const { narrow, wide } = networkKeys(waiting.address);
    const network = this.#networks.get(wide) ?? new WideNetwork<T>();
    network.add(waiting, narrow);
    if (network.size === 1) this.#networks.set(wide, network);
  }

  /** Takes one block of each network in turn. @param limit the most blocks of one network in the batch */
  takeInto(taken: T[], most: number, limit: number): void {
    const counts = new Map<string, number>();
    const full: [string, WideNetwork<T>][] = [];
    // The loop deletes a network from the map and adds it again, so that the same loop visits the network again at the
    // end.
    for (const [key, network] of this.#networks) {
      if (taken.length >= most) break;
      this.#networks.delete(key);
      const count = counts.get(key) ?? 0;
      if (count >= limit) {
        full.push([key, network]);
        continue;
      }
      taken.push(network.take());
      counts.set(key, count + 1);
      if (network.size > 0) this.#networks.set(key, network);
    }
    for (const [key, network] of full) this.#networks.set(key, network);
  }

  /** Drops the oldest block of the narrow network with the most blocks, in the wide network with the most blocks. */
  drop(): T | undefined {
    const fullest = fullestOf(this.#networks, ({ size }) => size);
    if (fullest === undefined) return undefined;
    const [key, network] = fullest;
    const dropped = network.drop();
    if (network.size === 0) this.#networks.delete(key);
    return dropped;
  }
}

/** The waiting blocks of a /16 or a /32. It is never empty. */
class WideNetwork<T extends Waiting> {
  size = 0;
  readonly #networks = new Map<string, Fifo<T>>();

  add(waiting: T, narrow: string): void {
    const network = this.#networks.get(narrow) ?? new Fifo<T>();
    network.add(waiting);
    if (network.size === 1) this.#networks.set(narrow, network);
    this.size++;
  }

  /** Takes the oldest block of the narrow network whose turn it is. */
  take(): T {
    const [next] = this.#networks;
    return this.#takeFrom(next as [string, Fifo<T>], true);
  }

  drop(): T {
    return this.#takeFrom(fullestOf(this.#networks, ({ size }) => size) as [string, Fifo<T>], false);
  }

  #takeFrom([key, network]: [string, Fifo<T>], endsTurn: boolean): T {
    const taken = network.take();
    if (endsTurn || network.size === 0) this.#networks.delete(key);
    if (endsTurn && network.size > 0) this.#networks.set(key, network);
    this.size--;
    return taken;
  }
}

/**
 * A first-in first-out queue. Do not take from an empty queue. `shift` on a long array would move all items each time.
 */
class Fifo<T> {
  #items: T[] = [];
  #taken = 0;

  get size(): number {
    return this.#items.length - this.#taken;
  }

  add(item: T): void {
    this.#items.push(item);
  }

  take(): T {
    const item = this.#items[this.#taken++] as T;
    if (this.#taken * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#taken);
      this.#taken = 0;
    }
    return item;
  }
}

/**
 * The first entry with the largest size. Sorting would be too slow, because a flood has thousands of networks, and each
 * new block drops another.
 */
function fullestOf<V>(map: ReadonlyMap<string, V>, sizeOf: (value: V) => number): [string, V] | undefined {
  let fullest: [string, V] | undefined;
  for (const entry of map) if (!fullest || sizeOf(entry[1]) > sizeOf(fullest[1])) fullest = entry;
  return fullest;
}
