import { TwoGenerationCache } from './two-generation-cache.ts';

/** The value of one owner for a key, in a linked list. Most keys have one or two owners. */
interface Slot<Owner, Value> {
  owner: Owner;
  value: Value;
  next: Slot<Owner, Value> | undefined;
}

/** Values by key and owner. Looks a key up only once for an event: all owners get the result. */
export class KeyIndex<Owner, Value> {
  private readonly byKey: TwoGenerationCache<Slot<Owner, Value>>;
  /** The last key: the rules that are tried on an event ask for the same key in turn. */
  private lastKey: string | undefined = undefined;
  private last: Slot<Owner, Value> | undefined = undefined;

  /** @param lifetime the shortest time for which a key is kept after its last event, in seconds */
  constructor(lifetime: number) {
    this.byKey = new TwoGenerationCache(lifetime);
  }

  get(key: string, owner: Owner): Value | undefined {
    return slotOf(this.first(key), owner)?.value;
  }

  /** Sets a value, and marks the key as used at `time` (seconds). */
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
