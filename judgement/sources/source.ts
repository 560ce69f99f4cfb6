import { memoized } from '../../base/memoized.ts';
import { numberOf } from '../../logs/request-path.ts';
import { Logins } from './logins.ts';
import { MissingPaths } from './missing-paths.ts';
import { PROBE_LIMIT, Probes } from './probes.ts';
import { hostOf, isElsewhere, isOfHost, LONGEST_HOST, pathAt } from './referer.ts';
import { BUSY_REQUESTS } from './shared-sources.ts';

/** A source that loads a page and its files within this many seconds is a visitor's browser. */
const VISIT_SECONDS = 600;
/** The minimum number of a page's files. */
const FILES_OF_PAGE = 2;
/** The maximum number of votes for a referer's host; a host without votes is replaced. */
const MOST_VOTES = 15;
/** After this many seconds, the earlier requests count half. */
const HALF_SECONDS = 3600;

/** One copy of each host, because most sources name the same host. */
const oneCopy = memoized((host) => host, { most: 1024, longest: LONGEST_HOST });

/** The state of one source. Counters are created when needed. */
export class Source {
  missing: MissingPaths | undefined = undefined;
  probes: Probes | undefined = undefined;
  logins: Logins | undefined = undefined;
  /** The time of the source's last request, in whole seconds since 1970. */
  seen = 0;
  /** The requests of the last hours; older requests count less. */
  #requests = 0;
  /** The time at which `#requests` was last halved. */
  requestsSince = 0;
  /** The time at which the source last got a page; 0 for never. */
  pageAt = 0;
  /** The number of the last path that demanded a user's name (401); undefined if no path did. */
  #protectedPath: number | undefined = undefined;
  /** True once the source got a path with a user's name, after the server had refused the path without one. */
  hasProvedUser = false;
  /** The number of the last target with a signature; the files of its page have this target as their referer. */
  #target: number | undefined = undefined;
  /** True once the source got a file of a page: a program that guesses addresses loads none. */
  loadsFiles = false;
  /** True once the source got an archive. */
  hasArchive = false;
  /** The time at which the source last loaded a file for one of this site's pages. */
  #fileAt = 0;
  #files = 0;
  /** The host that most of the source's referers name; empty if there is none. */
  #refererHost = '';
  #votes = 0;

  /** Neighbours in the order of the table. */
  before: Source | undefined = undefined;
  after: Source | undefined = undefined;
  /** True if a count was above half of its limit when something was last counted. */
  isSuspect = false;
  /** True if something was counted since the table was last notified. */
  hasNewCounts = false;

  /** True once the source got a verdict that holds only if the look-up disproves the source's claim to be a robot. */
  isProofAwaited = false;

  constructor(readonly address: string) {}

  /** Counts a request. @returns true if the source is busy */
  noteRequest(time: number): boolean {
    const hours = Math.floor((time - this.requestsSince) / HALF_SECONDS);
    if (hours !== 0) {
      this.#requests = hours > 0 && hours < 30 ? this.#requests >> hours : 0;
      this.requestsSince = time;
    }
    return ++this.#requests > BUSY_REQUESTS;
  }

  /**
   * Notes a web referer: the host that most referers name is the site's own, unless a log or a setting names the
   * site.
   *
   * @returns true if the referer names that host
   */
  noteReferer(referer: string): boolean {
    if (this.#votes > 0 && isOfHost(referer, this.#refererHost)) {
      if (this.#votes < MOST_VOTES) this.#votes++;
      return true;
    }
    if (this.#votes > 0 && --this.#votes > 0) return false;
    const host = hostOf(referer);
    if (host.length > LONGEST_HOST || isElsewhere(host)) return false;
    this.#refererHost = oneCopy(host);
    this.#votes = 1;
    return true;
  }

  /** Notes that a file was loaded for one of this site's pages. */
  noteFile(time: number): void {
    if (time - this.#fileAt > VISIT_SECONDS) this.#files = 0;
    if (this.#files < FILES_OF_PAGE) this.#files++;
    this.#fileAt = time;
  }

  /** Notes a path that demanded a user's name. @param path its number */
  noteProtected(path: number): void {
    this.#protectedPath = path;
  }

  /**
   * Notes an answered request with a user's name: nginx logs any name, so only a path that demands a name proves that
   * the name is genuine.
   *
   * @returns true if this path has demanded a name
   */
  noteUser(path: number): boolean {
    const isProof = path === this.#protectedPath;
    if (isProof) this.hasProvedUser = true;
    return isProof;
  }

  /** Notes a target with a signature. */
  noteTarget(target: string): void {
    this.#target = numberOf(target);
  }

  /** True if a web referer is the last target with a signature, which was judged when the source requested it. */
  isReferer(referer: string): boolean {
    return this.#target !== undefined && this.#target === numberOf(referer.slice(pathAt(referer)));
  }

  /** True if the source has got a page of this site in the last ten minutes. */
  hasPage(time: number): boolean {
    return time - this.pageAt <= VISIT_SECONDS;
  }

  /** True if the source has loaded pages of this site with their files in the last ten minutes. */
  isVisitor(time: number): boolean {
    return this.#files >= FILES_OF_PAGE && time - this.#fileAt <= VISIT_SECONDS && this.hasPage(time);
  }

  /** The counter of missing paths, created if needed. */
  get countedPaths(): MissingPaths {
    this.hasNewCounts = true;
    this.missing ??= new MissingPaths();
    return this.missing;
  }

  /** The counter of probes, created if needed. */
  get countedProbes(): Probes {
    this.hasNewCounts = true;
    this.probes ??= new Probes();
    return this.probes;
  }

  /** The counter of failed logins, created if needed. */
  get countedLogins(): Logins {
    this.hasNewCounts = true;
    this.logins ??= new Logins();
    return this.logins;
  }

  /** True if a count is above half of its limit. */
  hasSuspicion(time: number): boolean {
    return (
      (this.missing?.isSuspect(time) ?? false) ||
      (this.probes?.sum(time) ?? 0) > PROBE_LIMIT / 2 ||
      (this.logins?.isSuspect(time) ?? false)
    );
  }

  /** Resets the counters after a verdict. */
  forgetCounts(): void {
    this.missing = undefined;
    this.probes = undefined;
    this.logins = undefined;
    this.isProofAwaited = false;
  }
}
