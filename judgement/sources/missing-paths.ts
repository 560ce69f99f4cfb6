/** The length of a burst, in seconds. */
export const BURST_SECONDS = 120;
/** This many different missing paths within BURST_SECONDS are a burst. */
export const BURST_PATHS = 16;
/** The limit for a source that has also probed a missing product: a reader of old links does not probe. */
export const BURST_PATHS_WITH_PROBE = 10;
/** The limit for a client that claims to be a robot: crawlers follow old links. */
export const ROBOT_BURST_PATHS = 60;

/** After this many seconds without a request, a path counts again. */
const REMEMBERED_SECONDS = 3600;

/** A path weighs 4 quarters, or one quarter if a page of the site links to it or a program may request it. */
const QUARTERS = 4;
/** The maximum number of remembered paths: enough for ROBOT_BURST_PATHS, and for a burst of quarters. */
const MOST_PATHS = 64;
/** The number of array elements for each path, and the offsets of its two times among them. */
const NUMBERS = 3;
const COUNTED = 1;
const ASKED = 2;

/**
 * The different missing paths of one source. A path counts if it is not among the last 64, or was not
 * requested for an hour; so repeating one path counts once.
 *
 * There are two measures: the paths within BURST_SECONDS; and a level that rises with each path and sinks by one path
 * in BURST_SECONDS. So a slower scan needs more paths: 19 at one every 15 seconds, 31 at one a minute.
 */
export class MissingPaths {
  /**
   * Three numbers for each path, in one array because most sources have one or two: the path's number, in which the
   * lowest bit means that the path weighs a quarter; when it was counted; and when it was last requested, in seconds
   * since 1970.
   */
  readonly #paths: number[] = [];
  /** The position for the next new path once MOST_PATHS are remembered. */
  #next = 0;
  /** In quarters. */
  #level = 0;
  #lastTime = 0;

  /**
   * Counts a path.
   *
   * @param path its number
   * @param time seconds since 1970
   * @returns false if it was counted before
   */
  add(path: number, isQuarter: boolean, time: number): boolean {
    const number = (path & ~1) | (isQuarter ? 1 : 0);
    const known = this.#find(number);
    const isNew = known < 0 || time - (this.#paths[known + ASKED] as number) > REMEMBERED_SECONDS;
    if (known >= 0) this.#paths[known + ASKED] = time;
    if (!isNew) return false;
    this.#remember(known, number, time);
    this.#level = this.#levelAt(time) + (isQuarter ? 1 : QUARTERS);
    if (time > this.#lastTime) this.#lastTime = time;
    return true;
  }

  /** True if this many paths came within BURST_SECONDS before `time`. */
  isBurst(limit: number, time: number): boolean {
    return this.#recent(time) >= limit * QUARTERS;
  }

  /** True if the paths are a burst, or enough for a slower scan. */
  isScan(time: number): boolean {
    return this.#levelAt(time) >= BURST_PATHS * QUARTERS || this.isBurst(BURST_PATHS, time);
  }

  /** True if the recent paths are more than half of a burst. */
  isSuspect(time: number): boolean {
    return this.#levelAt(time) > (BURST_PATHS * QUARTERS) / 2;
  }

  #levelAt(time: number): number {
    const sunk = ((time - this.#lastTime) * QUARTERS) / BURST_SECONDS;
    return Math.max(0, this.#level - Math.max(0, sunk));
  }

  #recent(time: number): number {
    let quarters = 0;
    for (let i = 0; i < this.#paths.length; i += NUMBERS) {
      if (time - (this.#paths[i + COUNTED] as number) > BURST_SECONDS) continue;
      quarters += (this.#paths[i] as number) & 1 ? 1 : QUARTERS;
    }
    return quarters;
  }

  /** @returns the path's position; -1 for a path that is not remembered */
  #find(number: number): number {
    for (let i = 0; i < this.#paths.length; i += NUMBERS)
      if (((this.#paths[i] as number) ^ number) >>> 1 === 0) return i;
    return -1;
  }

  /** @param known the position of the remembered path, or -1 */
  #remember(known: number, number: number, time: number): void {
    const at = known < 0 ? this.#free() : known;
    this.#paths[at] = number;
    this.#paths[at + COUNTED] = time;
    this.#paths[at + ASKED] = time;
  }

  #free(): number {
    if (this.#paths.length < MOST_PATHS * NUMBERS) return this.#paths.length;
    const at = this.#next;
    this.#next = (at + NUMBERS) % (MOST_PATHS * NUMBERS);
    return at;
  }
}
