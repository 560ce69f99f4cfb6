import { ownCopy } from '../../base/own-copy.ts';
import { numberOf } from '../../logs/request-path.ts';
import { isMissing } from './answers.ts';
import { Folders, QuickFolders } from './folders.ts';
import { indexOfLeast } from './index-of-least.ts';
import { pathAt } from './referer.ts';

/** Different probes within this many seconds add up. */
export const PROBE_SECONDS = 600;
/** This many different probes are a scan. */
export const PROBE_LIMIT = 3;

/**
 * A source that probes `limit` different products within `seconds`, none of which the site has, is a slow scan. Names
 * of files (backups, dumps, webshells, fingerprints of plugins) have a limit of their own, because no page of a site
 * uses them.
 */
const SLOW_PRODUCTS = { limit: 5, seconds: 24 * 3600 };
const SLOW_FILES = { limit: 3, seconds: 7 * 24 * 3600 };

/** This many payloads are a scan even if a browser shows their pages (it loads the pages' files). */
const SHOWN_LIMIT = 8;
/** The weight of the first unmistakable request that a page may have caused; see `addLed`. */
const LED_WEIGHT = 2;
/** A kind of payload in a search parameter counts once in this many seconds. */
const SEARCH_SECONDS = 60;

/** The most probes that are remembered: more would be a scan. The oldest are forgotten. */
const MOST_PROBES = 8;
/** The number of remembered characters of a probed page's path. */
const MOST_OF_PATH = 200;

/** A counted probe. */
interface Probe {
  /** The number of the product, or of the payload's text. */
  readonly number: number;
  /** The product or the kind of payload, for a description. */
  readonly name: string;
  readonly kind: 'product' | 'payload' | 'search' | 'led';
  /** The number of the searched text. */
  readonly searched?: number;
  /** Seconds since 1970. */
  time: number;
  /** The path of the page if the site answered; otherwise empty. */
  page: string;
  /** True if the site serves this product or page, and this source uses it as a visitor does. */
  isServed: boolean;
  /** True for a console whose last answer may have demanded a login. */
  isGuarded?: boolean;
  /** The size of the last answer 2xx; undefined if there was none. */
  size?: number | undefined;
  /** True if the product was not there (4xx). */
  isMissing?: boolean;
  /** True for the name of one file, which no visitor uses. */
  isFile?: boolean;
  /** The different folders in which the product was sought. */
  folders?: Folders;
}

/** A probe of a product by its path. */
export interface ProductProbe {
  readonly product: string;
  readonly target: string;
  readonly status: string;
  /** True for the name of one file: a backup, a webshell, a plugin's readme. */
  readonly isFile?: boolean;
  /** True if the client may be a person who visits the site, or a program that names its operator. */
  readonly isKnownClient?: boolean;
  /** True if the answer was 2xx or 3xx. */
  readonly isAnswered: boolean;
  /** True if the site is known to serve the product, or the user is logged in. */
  readonly isServed: boolean;
  /** True for a console whose answer may have demanded a login. */
  readonly isGuarded?: boolean;
  /** The size of an answer 2xx; undefined for others. */
  readonly size?: number | undefined;
}

/**
 * The different probes of one source. Probes of one product count once. All products that the site serves count once
 * together, because an administrator opens the pages of blog, mail and database in turn. Consoles that may have
 * demanded a login count together with these products, because a browser opens last week's tabs before its user logs
 * in.
 */
export class Probes {
  readonly #probes: Probe[] = [];
  /**
   * The folders in which products are missing: three within QUICK_SECONDS are a scan, even if the site serves the
   * products.
   */
  readonly #quick = new QuickFolders();

  /** Counts a probe of a product. @param time seconds since 1970 */
  addProduct(probe: ProductProbe, time: number): void {
    const isNewFolder = this.#noteProduct(probe, time);
    if (isNewFolder && probe.isKnownClient !== true) this.#quick.note(time);
  }

  /** @returns true if the product is missing in the folder, and was not sought there before */
  #noteProduct(
    { product, target, status, isFile, isKnownClient, isAnswered, isServed, isGuarded, size }: ProductProbe,
    time: number,
  ): boolean {
    const number = numberOf(product);
    const known = this.#find('product', number);
    const page = isAnswered ? pageOf(target) : '';
    const isAbsent = isMissing(status);
    if (!known) {
      const folders = new Folders();
      const isNewFolder = folders.add(target, status, time, isKnownClient);
      this.#add({
        number,
        name: product,
        kind: 'product',
        time,
        page,
        isServed,
        isGuarded: isGuarded === true,
        size,
        isMissing: isAbsent,
        isFile: isFile === true,
        folders,
      });
      return isNewFolder;
    }
    if (time - known.time > PROBE_SECONDS) known.folders = new Folders();
    const isNewFolder = known.folders?.add(target, status, time, isKnownClient) === true;
    known.isMissing = isAbsent;
    known.time = time;
    if (isAnswered) known.page = page;
    known.isServed ||= isServed;
    known.isGuarded = isGuarded === true;
    known.size = size;
    return isNewFolder;
  }

  /**
   * Counts a payload.
   *
   * @param target the target of the page, if the site answered with a page
   */
  addPayload(text: string, name: string, time: number, target = ''): void {
    this.#addText('payload', text, name, time, pageOf(target));
  }

  /**
   * Counts an unmistakable request that a browser may have sent because of a page, such as a request for an image.
   * The first request counts double, and the second adds nothing: a page with two such images must not get its
   * readers blocked.
   */
  addLed(text: string, name: string, time: number): void {
    this.#addText('led', text, name, time);
  }

  #addText(kind: 'payload' | 'led', text: string, name: string, time: number, page = ''): void {
    const number = numberOf(text);
    const known = this.#find(kind, number);
    if (known) known.time = time;
    else this.#add({ number, name, kind, time, page, isServed: this.#isShown(page) });
  }

  /** True if a browser has shown this page with another payload: then it need not load the page's files again. */
  #isShown(page: string): boolean {
    return page !== '' && this.#probes.some((each) => isText(each) && each.isServed && each.page === page);
  }

  /**
   * Counts a payload in a search parameter: at most one of each kind in a minute. A visitor who pages through the
   * results of one search repeats the same text.
   *
   * @param target the target of the page, if the site answered with a page
   */
  addSearch(kind: string, text: string, time: number, target = ''): void {
    const number = numberOf(kind);
    const searched = numberOf(text);
    const isCounted = this.#probes.some(
      (each) =>
        each.kind === 'search' &&
        each.number === number &&
        time - each.time < (each.searched === searched ? PROBE_SECONDS : SEARCH_SECONDS),
    );
    const page = pageOf(target);
    if (!isCounted)
      this.#add({ number, name: kind, kind: 'search', searched, time, page, isServed: this.#isShown(page) });
  }

  /** True if this source has probed a product that the site does not serve. */
  hasUnserved(except: string, time: number): boolean {
    const number = numberOf(except);
    return this.#probes.some(
      (each) =>
        !each.isServed &&
        each.isGuarded !== true &&
        each.number !== number &&
        time - each.time <= PROBE_SECONDS,
    );
  }

  /**
   * Notes that a page has loaded a file. If the page counted as a probe, the site serves its product, or shows the page
   * to readers: scanners do not load the files of the pages that they find.
   *
   * @param referer the referer of the file, a page of this site
   */
  noteLoaded(referer: string): void {
    const at = pathAt(referer);
    for (const probe of this.#probes)
      if (probe.page !== '' && referer.startsWith(probe.page, at)) probe.isServed = true;
  }

  /** True if this page was probed, answered, and is not known to be served. */
  get hasAnsweredPage(): boolean {
    return this.#probes.some(({ page, isServed }) => page !== '' && !isServed);
  }

  /** The sum of the different probes of the last ten minutes. */
  sum(time: number): number {
    let sum = 0;
    let led = 0;
    let served = 0;
    let shown = 0;
    for (const probe of this.#probes) {
      if (time - probe.time > PROBE_SECONDS) continue;
      if (probe.kind === 'led') led++;
      else if (isText(probe) && probe.isServed) shown++;
      else if (probe.isServed || probe.isGuarded || this.#hasOwnAnswer(probe)) served = 1;
      else sum += 1 + (probe.folders?.more ?? 0);
    }
    const ofShown = Math.floor((shown * PROBE_LIMIT) / SHOWN_LIMIT);
    const total = sum + (led > 0 ? Math.max(led, LED_WEIGHT) : 0) + served + ofShown;
    return time - this.#quick.foundAt <= PROBE_SECONDS ? Math.max(total, PROBE_LIMIT) : total;
  }

  /**
   * True if a product has answered with content of its own size. A site that answers every request sends about the
   * same each time.
   */
  #hasOwnAnswer({ number, size }: Probe): boolean {
    if (size === undefined) return false;
    return !this.#probes.some((other) => other.number !== number && isAlike(size, other.size));
  }

  /** True if a product that is not there was probed in the last ten minutes. */
  hasMissing(time: number): boolean {
    return this.#probes.some((probe) => probe.isMissing === true && time - probe.time <= PROBE_SECONDS);
  }

  /** True if the probes of products that are not there are a slow scan. */
  isSlowScan(time: number): boolean {
    return (
      this.#missing(time, SLOW_PRODUCTS.seconds).length >= SLOW_PRODUCTS.limit ||
      this.#missing(time, SLOW_FILES.seconds).filter(({ isFile }) => isFile).length >= SLOW_FILES.limit
    );
  }

  #missing(time: number, seconds: number): Probe[] {
    return this.#probes.filter(
      (probe) =>
        probe.kind === 'product' &&
        probe.isMissing === true &&
        !probe.isServed &&
        time - probe.time <= seconds,
    );
  }

  /** The names of the probes of the last ten minutes, without repetition. */
  names(time: number): string[] {
    return namesOf(this.#probes.filter((probe) => time - probe.time <= PROBE_SECONDS));
  }

  /** The names of the products of a slow scan, without repetition. */
  slowNames(time: number): string[] {
    return namesOf(this.#missing(time, SLOW_FILES.seconds));
  }

  #find(kind: Probe['kind'], number: number): Probe | undefined {
    return this.#probes.find((each) => each.kind === kind && each.number === number);
  }

  #add(probe: Probe): void {
    if (this.#probes.length === MOST_PROBES)
      this.#probes.splice(
        indexOfLeast(this.#probes, ({ time }) => time),
        1,
      );
    this.#probes.push(probe);
  }
}

/** True for a payload in a parameter that a page may show to its readers. */
const isText = ({ kind }: Probe): boolean => kind === 'payload' || kind === 'search';

const namesOf = (probes: readonly Probe[]): string[] => [...new Set(probes.map(({ name }) => name))];

/** True for sizes of answers that may be the same page with another name or time in it. */
const isAlike = (size: number, other: number | undefined): boolean =>
  other !== undefined && Math.abs(size - other) <= 64 + Math.max(size, other) / 20;

/**
 * The path of a page, as the referer of its files contains it. A copy, so that it does not keep the log's text in
 * memory.
 */
function pageOf(target: string): string {
  const query = target.indexOf('?');
  const path = target.slice(0, Math.min(query < 0 ? target.length : query, MOST_OF_PATH));
  return path.startsWith('/') && path.length > 1 ? ownCopy(path) : '';
}
