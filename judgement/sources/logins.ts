import { ownCopy } from '../../base/own-copy.ts';
import { indexOfLeast } from './index-of-least.ts';

/** This many failed logins of one source at one page within LOGIN_SECONDS are an attack. */
export const LOGIN_LIMIT = 10;
export const LOGIN_SECONDS = 600;

/** The limit for a browser that loads the page's files each time: people mistype passwords. */
export const VISITOR_LIMIT = 20;
/** The limit for guesses by HTTP authentication that request a new path each time. */
export const PATHS_LIMIT = 20;
/** The limit for attempts at an unknown application that are answered like successes, but without a page afterwards. */
export const UNUSED_LIMIT = 20;

/** At some pages, the limit also holds within this time; see `addsUpSlowly`. A successful login resets the count. */
const SLOW_SECONDS = 7 * 24 * 3600;

/**
 * If a program tries both doors (login pages) of one application, it tries the second door within this many seconds.
 */
const DOOR_SECONDS = 60;

/** The number of remembered times of each page: as many as the highest limit, because a visitor's limit differs. */
const MOST_TIMES = Math.max(VISITOR_LIMIT, PATHS_LIMIT, UNUSED_LIMIT);

/**
 * The maximum number of pages counted for one source. A new page replaces the page whose last attempt is the oldest.
 */
const MOST_PAGES = 4;

/** The attempts at one page. */
class Attempts {
  /** The last times, in seconds since 1970. */
  readonly #times: number[] = [];
  #next = 0;
  last = 0;
  /** The size of the last answer. */
  size = '';
  /** The number of last attempts that had answers of this size. */
  alike = 0;
  /** The limit of the last attempt. */
  limit = LOGIN_LIMIT;

  constructor(readonly page: number) {}

  add(time: number): void {
    this.#times[this.#next] = time;
    this.#next = (this.#next + 1) % MOST_TIMES;
    this.last = time;
  }

  /** The share of the limit that was reached. */
  share(time: number): number {
    return this.count(time) / this.limit;
  }

  count(time: number, seconds = LOGIN_SECONDS): number {
    let count = 0;
    for (const each of this.#times) if (time - each <= seconds) count++;
    return count;
  }
}

/** The failed logins of one source, by page. */
export class Logins {
  /** The page whose last answer was a redirect, as after a successful login. */
  redirected: number | undefined = undefined;
  #pages: Attempts[] = [];
  /** The last failed login at an application with two doors: the page (door), the user agent's number, and the time. */
  #door: { readonly page: number; readonly agent: number; readonly time: number } | undefined = undefined;

  /**
   * Counts a failed login.
   *
   * @param page the number of the page
   * @param time seconds since 1970
   * @returns true if the failed logins at this page within LOGIN_SECONDS have reached the limit
   */
  failed(page: number, time: number, limit = LOGIN_LIMIT): boolean {
    const attempts = this.#at(page);
    attempts.limit = limit;
    attempts.add(time);
    return attempts.count(time) >= limit;
  }

  /**
   * Notes the size of an answer.
   *
   * @returns false if the last answer had another size. All answers to failed logins have the same size.
   */
  isSameSize(page: number, size: string): boolean {
    const attempts = this.#at(page);
    const isSame = attempts.size === size;
    attempts.alike = isSame ? attempts.alike + 1 : 1;
    attempts.size = ownCopy(size);
    return isSame;
  }

  /**
   * True if the failed logins at this page within a week have reached the limit, and their answers had the same size.
   * The size does not count if no size was noted.
   */
  isSlow(page: number, time: number, limit: number): boolean {
    const attempts = this.#at(page);
    const isAlike = attempts.alike === 0 || attempts.alike >= limit;
    return isAlike && attempts.count(time, SLOW_SECONDS) >= limit;
  }

  /**
   * Notes a failed login at a page that is one of the two doors of an application.
   *
   * @param agent the number of the user agent
   * @returns true if the same user agent has just failed at the other door
   */
  isAtBothDoors(page: number, agent: number, time: number): boolean {
    const before = this.#door;
    this.#door = { page, agent, time };
    return (
      before !== undefined &&
      before.page !== page &&
      before.agent === agent &&
      time - before.time <= DOOR_SECONDS
    );
  }

  /** Forgets the failed logins at a page. */
  succeeded(page: number): void {
    if (this.redirected === page) this.redirected = undefined;
    if (this.#door?.page === page) this.#door = undefined;
    this.#pages = this.#pages.filter((each) => each.page !== page);
  }

  /** True if more than half of a limit was reached. */
  isSuspect(time: number): boolean {
    return this.#pages.some((attempts) => attempts.share(time) > 0.5);
  }

  #at(page: number): Attempts {
    const known = this.#pages.find((each) => each.page === page);
    if (known) return known;
    if (this.#pages.length === MOST_PAGES)
      this.#pages.splice(
        indexOfLeast(this.#pages, ({ last }) => last),
        1,
      );
    const attempts = new Attempts(page);
    this.#pages.push(attempts);
    return attempts;
  }
}
