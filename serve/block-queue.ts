/** How urgent a block is: severe alerts first, then repeated offences, then the rest. */
export const URGENCIES = ['severe', 'repeated', 'other'] as const;
export type Urgency = (typeof URGENCIES)[number];

/** A block that waits for the worker. */
export interface Waiting {
  readonly address: string;
  readonly urgency: Urgency;
  /** True for a report of the hook, false for a detection in a log. */
  readonly isReport: boolean;
}

/** The share of a batch that a network, or the hook, gets while others wait. */
const SHARE = 1 / 4;

/**
 * The blocks that wait for the worker. A batch takes the most urgent ones first, and the networks of one urgency in turn,
 * so that neither a flood from one network nor a flood of reports delays the others. Within a network the oldest goes
 * first.
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

  /** Takes the next batch. */
  take(most: number): T[] {
    const left = Math.max(0, most - this.#logs.size);
    const reports = Math.min(this.#reports.size, Math.max(left, Math.ceil(most * SHARE)));
    return [...this.#logs.take(most - reports), ...this.#reports.take(reports)];
  }

  /** Takes the oldest of the least urgent blocks from the network with the most of them; reports before detections. */
  drop(): T | undefined {
    return this.#reports.drop() ?? this.#logs.drop();
  }
}

/** One lane for each urgency: the waiting blocks by network, whose turns follow the order of the map. */
class Lanes<T extends Waiting> {
  size = 0;
  readonly #lanes: ReadonlyMap<Urgency, Map<string, T[]>> = new Map(
    URGENCIES.map((urgency) => [urgency, new Map()]),
  );

  add(waiting: T): void {
    const lane = this.#lanes.get(waiting.urgency);
    const network = networkOf(waiting.address);
    const others = lane?.get(network);
    if (others) others.push(waiting);
    else lane?.set(network, [waiting]);
    this.size++;
  }

  take(most: number): T[] {
    const taken: T[] = [];
    const share = Math.ceil(most * SHARE);
    // First apply the limit for each network; then fill the free places with any waiting blocks.
    for (const limit of [share, most])
      for (const lane of this.#lanes.values()) this.#takeFrom(lane, taken, most, limit);
    this.size -= taken.length;
    return taken;
  }

  drop(): T | undefined {
    for (const lane of [...this.#lanes.values()].reverse()) {
      const fullest = fullestOf(lane);
      if (fullest === undefined) continue;
      const [network, waiting] = fullest;
      const dropped = waiting.shift();
      if (waiting.length === 0) lane.delete(network);
      this.size--;
      return dropped;
    }
    return undefined;
  }

  /** Takes one of each network in turn. @param limit how many of one network the batch may contain */
  #takeFrom(lane: Map<string, T[]>, taken: T[], most: number, limit: number): void {
    const counts = new Map<string, number>();
    const full: [string, T[]][] = [];
    // A network that is set again comes last in this same loop.
    for (const [network, waiting] of lane) {
      if (taken.length >= most) break;
      lane.delete(network);
      const count = counts.get(network) ?? 0;
      if (count >= limit) {
        full.push([network, waiting]);
        continue;
      }
      const next = waiting.shift();
      if (next) taken.push(next);
      counts.set(network, count + 1);
      if (waiting.length > 0) lane.set(network, waiting);
    }
    for (const [network, waiting] of full) lane.set(network, waiting);
  }
}

/** The first network with the most waiting blocks. No sorting: a flood has 100,000 networks, and drops one each time. */
function fullestOf<T>(lane: ReadonlyMap<string, T[]>): [string, T[]] | undefined {
  let fullest: [string, T[]] | undefined;
  for (const entry of lane) if (!fullest || entry[1].length > fullest[1].length) fullest = entry;
  return fullest;
}

/**
 * The network of an address, as a key: the range that a customer usually has, or can easily get, a /24 in IPv4 and a
 * /48 in IPv6. Splits the text without parsing it: parsing each address of a flood would delay the reading of logs.
 */
export function networkOf(text: string): string {
  if (text.includes('.')) return text.slice(0, text.lastIndexOf('.')).replace(/^::ffff:/i, '');
  const [head = '', tail] = text.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return [...before, ...zeros, ...after].slice(0, 3).join(':');
}
