import { ownCopy } from '../../base/own-copy.ts';

/** Below the first size nothing is dropped; above the second, even recent entries are dropped. */
const SMALL = 2_000;
const LARGE = 500_000;
/** An entry may grow with each touch, so after this many touches everything is dropped. */
const MOST_TOUCHES = 2_000_000;

/**
 * A map that drops entries that were not touched for a while, at no cost per entry: new entries go to a young
 * generation; when the young generation has grown old, the previous generation is dropped as a whole.
 */
export class TwoGenerationCache<Value> {
  private young = new Map<string, Value>();
  private old = new Map<string, Value>();
  private since = -Infinity;
  private youngTouches = 0;
  private oldTouches = 0;

  /** @param lifetime the shortest time for which an entry is kept, in seconds of the log's own time */
  constructor(
    private readonly lifetime: number,
    private readonly mostTouches = MOST_TOUCHES,
  ) {}

  get size(): number {
    return this.young.size + this.old.size;
  }

  get(key: string): Value | undefined {
    return this.young.get(key) ?? this.old.get(key);
  }

  /** Sets an entry, and marks it as touched at `time` (seconds). */
  set(key: string, time: number, value: Value): void {
    if (++this.youngTouches + this.oldTouches > this.mostTouches) this.forgetAll();
    if (this.young.has(key)) {
      this.young.set(key, value);
      return;
    }
    this.makeRoom(time);
    this.young.set(ownCopy(key), value);
  }

  /** Returns the entry, created with `create` when missing, and marks it as touched at `time` (seconds). */
  getOrAdd(key: string, time: number, create: () => Value): Value {
    const young = this.young.get(key);
    if (young !== undefined) return young;
    const value = this.old.get(key) ?? create();
    this.set(key, time, value);
    return value;
  }

  private makeRoom(time: number): void {
    const { size } = this.young;
    if (size === 0) this.since = time;
    if (size < SMALL || (time - this.since <= this.lifetime && size < LARGE)) return;
    this.old = this.young;
    this.young = new Map();
    this.since = time;
    this.oldTouches = this.youngTouches;
    this.youngTouches = 0;
  }

  private forgetAll(): void {
    this.young = new Map();
    this.old = new Map();
    this.youngTouches = 0;
    this.oldTouches = 0;
  }
}
