import { TwoGenerations } from './two-generations.ts';

/** What one owner remembers of a key, and what the next owner does. Most keys have one or two. */
interface Slot<Owner, Value> {
  owner: Owner;
  value: Value;
  next: Slot<Owner, Value> | undefined;
}

/** What owners remember for each key. A key is looked up once for an event, however many owners ask. */
export class KeyIndex<Owner, Value> {
  private readonly byKey: TwoGenerations<Slot<Owner, Value>>;
  /** The key asked for last: the rules that are tried on an event ask for the same one in turn. */
  private lastKey: string | undefined = undefined;
  private last: Slot<Owner, Value> | undefined = undefined;

  /** @param lifetime seconds for which a key is kept at least after its last event */
  constructor(lifetime: number) {
    this.byKey = new TwoGenerations(lifetime);
  }

  get(key: string, owner: Owner): Value | undefined {
    return slotOf(this.first(key), owner)?.value;
  }

  /** The key counts as touched at `time` (seconds). */
  set(key: string, owner: Owner, time: number, value: Value): void {
    const first = this.first(key);
    if (!first) {
      this.last = { owner, value, next: undefined };
    } else {
      const slot = slotOf(first, owner);
      if (slot) slot.value = value;
      else first.next = { owner, value, next: first.next };
    }
    if (this.last) this.byKey.set(key, time, this.last);
  }

  private first(key: string): Slot<Owner, Value> | undefined {
    if (key !== this.lastKey) {
      this.lastKey = key;
      this.last = this.byKey.get(key);
    }
    return this.last;
  }
}

function slotOf<Owner, Value>(
  first: Slot<Owner, Value> | undefined,
  owner: Owner,
): Slot<Owner, Value> | undefined {
  let slot = first;
  while (slot && slot.owner !== owner) slot = slot.next;
  return slot;
}
