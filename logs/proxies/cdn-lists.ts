import { packFile } from '../../base/pack-overlay.ts';
import cloudflare from './lists/cloudflare.json' with { type: 'json' };
import cloudfront from './lists/cloudfront.json' with { type: 'json' };
import fastly from './lists/fastly.json' with { type: 'json' };

/** The addresses from which a CDN sends requests to its customers' servers, as its operator publishes them. */
export interface CdnList {
  /** The day on which the operator published this list, `YYYY-MM-DD`. */
  readonly date: string;
  /** The URLs at which the operator publishes it. */
  readonly source: readonly string[];
  readonly prefixes: readonly string[];
}

/** This program's own lists, by the names that TRUSTED_PROXIES takes. `build/renew-cdn-ranges.ts` renews them. */
export const CDN_LISTS: ReadonlyMap<string, CdnList> = new Map([
  ['cloudflare', cloudflare],
  ['fastly', fastly],
  ['cloudfront', cloudfront],
]);

/** The path of a list in a pack of rules. */
export const cdnFile = (name: string): string => `logs/proxies/lists/${name}.json`;

/** The list of this name: the one in the pack of rules in force, else this program's own. Undefined if unknown. */
export function cdnList(name: string): CdnList | undefined {
  const text = CDN_LISTS.has(name) ? packFile(cdnFile(name)) : undefined;
  return text === undefined ? CDN_LISTS.get(name) : JSON.parse(text);
}

/**
 * Addresses in these lists from which customers' own programs send requests, with headers of their choice. A
 * Cloudflare Worker sends its requests to another customer's site from 2a06:98c0:3600::103
 * (https://developers.cloudflare.com/fundamentals/reference/http-headers/, CF-Connecting-IP in Worker subrequests).
 */
export const CUSTOMER_PROGRAMS = ['2a06:98c0:3600::103'];
