import { ownCopy } from '../../base/own-copy.ts';
import { Source } from './source.ts';

/** The default number of remembered sources. */
export const MOST_SOURCES = 100_000;

/** Sources by the time of their last request: the first is forgotten first. */
class Order {
  first: Source | undefined = undefined;
  last: Source | undefined = undefined;
  size = 0;

  append(source: Source): void {
    source.before = this.last;
    source.after = undefined;
    if (this.last) this.last.after = source;
    else this.first = source;
    this.last = source;
    this.size++;
  }

  prepend(source: Source): void {
    source.before = undefined;
    source.after = this.first;
    if (this.first) this.first.before = source;
    else this.last = source;
    this.first = source;
    this.size++;
  }

  remove(source: Source): void {
    if (source.before) source.before.after = source.after;
    else this.first = source.after;
    if (source.after) source.after.before = source.before;
    else this.last = source.before;
    // A forgotten source must not keep its neighbours in memory.
    source.before = undefined;
    source.after = undefined;
    this.size--;
  }
}

/**
 * The remembered sources, in bounded memory. When the table is full, it forgets the source whose last request is the
 * oldest. Sources with a count above half of a limit are forgotten after all others, unless they are more than half
 * of the table: then the oldest of them is forgotten.
 */
export class SourceTable {
  /** The number of sources that were forgotten. */
  forgotten = 0;
  readonly #sources = new Map<string, Source>();
  readonly #ordinary = new Order();
  readonly #suspects = new Order();

  constructor(private readonly most = MOST_SOURCES) {}

  get size(): number {
    return this.#sources.size;
  }

  /**
   * Finds or adds a source. A known source costs no memory.
   *
   * @param time seconds since 1970
   */
  seen(address: string, time: number): Source {
    const known = this.#sources.get(address);
    if (!known) return this.#begin(address, time);
    known.seen = time;
    const order = this.#orderOf(known);
    if (order.last !== known) {
      order.remove(known);
      order.append(known);
    }
    return known;
  }

  /** Finds a source, without counting this as a request. */
  get(address: string): Source | undefined {
    return this.#sources.get(address);
  }

  /** Call this after a count of a source has changed: a source above half of a limit is forgotten later. */
  counted(source: Source, time: number): void {
    source.hasNewCounts = false;
    const isSuspect = source.hasSuspicion(time);
    if (isSuspect !== source.isSuspect) this.#move(source, isSuspect);
  }

  #begin(address: string, time: number): Source {
    if (this.#sources.size >= this.most) this.#makeRoom(time);
    const source = new Source(ownCopy(address));
    source.seen = time;
    this.#sources.set(source.address, source);
    this.#ordinary.append(source);
    return source;
  }

  #makeRoom(time: number): void {
    this.#releaseOldest(time);
    const tooMany = this.#suspects.size > this.most / 2;
    const victim = (tooMany ? this.#suspects.first : this.#ordinary.first) ?? this.#suspects.first;
    if (!victim) return;
    this.#orderOf(victim).remove(victim);
    this.#sources.delete(victim.address);
    this.forgotten++;
  }

  /** Counts expire: if the oldest suspect source has no counts left, it becomes the first source to forget. */
  #releaseOldest(time: number): void {
    const oldest = this.#suspects.first;
    if (!oldest || oldest.hasSuspicion(time)) return;
    this.#suspects.remove(oldest);
    oldest.isSuspect = false;
    this.#ordinary.prepend(oldest);
  }

  #move(source: Source, isSuspect: boolean): void {
    this.#orderOf(source).remove(source);
    source.isSuspect = isSuspect;
    this.#orderOf(source).append(source);
  }

  #orderOf({ isSuspect }: Source): Order {
    return isSuspect ? this.#suspects : this.#ordinary;
  }
}
