import { ownCopy } from '../event/own-copy.ts';

/** Below this size nothing is thrown away; above the second, even what is not yet old. */
const SMALL = 2_000;
const LARGE = 500_000;
/** Each entry may grow by a little with each touch; after so many of both generations everything is forgotten. */
const MOST_TOUCHES = 2_000_000;

/**
 * A map that forgets what was not touched for a while, at no cost per entry: new entries go to a young
 * generation, and when that has grown old, the one before it is dropped as a whole.
 */
export class TwoGenerations<Value> {
  private young = new Map<string, Value>();
  private old = new Map<string, Value>();
  private since = -Infinity;
  private youngTouches = 0;
  private oldTouches = 0;

  /** @param lifetime seconds of the log's own time for which an entry is kept at least */
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

  /** Puts an entry; it counts as touched at `time` (seconds). */
  set(key: string, time: number, value: Value): void {
    if (++this.youngTouches + this.oldTouches > this.mostTouches) this.forgetAll();
    if (this.young.has(key)) {
      this.young.set(key, value);
      return;
    }
    this.makeRoom(time);
    this.young.set(ownCopy(key), value);
  }

  /** The entry, made with `create` when there is none; it counts as touched at `time` (seconds). */
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
