import { numberOf } from '../../logs/request-path.ts';

/** If this many sources got an answer (2xx), the site serves the product. */
export const MANY_SOURCES = 5;
/** The site counts as serving a product for this many seconds after the last answer 2xx for that product. */
const FRESH_SECONDS = 24 * 3600;
/** The most products that are remembered: more than the list of signatures has. */
const MOST_PRODUCTS = 1000;

interface Served {
  /** The numbers of the first MANY_SOURCES sources. */
  readonly sources: number[];
  /** Seconds since 1970. */
  last: number;
}

/** The listed products that this site serves, as shown by many sources that have used such a product without a scan. */
export class ServedProducts {
  readonly #products = new Map<string, Served>();

  /** Notes that a source without other probes got an answer of a product. */
  note(product: string, client: string, time: number): void {
    let served = this.#products.get(product);
    if (!served || time - served.last > FRESH_SECONDS) {
      if (!served && this.#products.size === MOST_PRODUCTS) return;
      served = { sources: [], last: time };
      this.#products.set(product, served);
    }
    served.last = time;
    const number = numberOf(client);
    if (served.sources.length < MANY_SOURCES && !served.sources.includes(number)) served.sources.push(number);
  }

  /** Removes a source from all products, because it probes other products, too. */
  withdraw(client: string): void {
    const number = numberOf(client);
    for (const { sources } of this.#products.values()) {
      const at = sources.indexOf(number);
      if (at >= 0) sources.splice(at, 1);
    }
  }

  has(product: string, time: number): boolean {
    const served = this.#products.get(product);
    return served?.sources.length === MANY_SOURCES && time - served.last <= FRESH_SECONDS;
  }
}
