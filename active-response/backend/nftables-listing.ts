import { canonical, parseAddress } from '../../base/address.ts';
import type { InForce } from './in-force.ts';
import { chainOf, guardKeys, guardOf, TABLE } from './nftables-table.ts';

/** The names of all sets in the table, and of the sets for networks that a rule looks up. */
export interface Shape {
  readonly sets: ReadonlySet<string>;
  readonly ruled: ReadonlySet<string>;
}

/** A set of blocked addresses that the table's rules look up. */
export interface SetInForce {
  readonly name: string;
  /** The prefix length of its networks; absent for single addresses. */
  readonly length?: string | undefined;
  /** The set of guard keys without which its networks are not in force; absent: they need none. */
  readonly guard?: string | undefined;
  readonly elem: readonly NftElement[];
}

/**
 * The addresses that the table's rules look up, from nft's JSON listing. A set that no rule looks up is not in force:
 * another program may have flushed some or all rules and left the sets.
 */
export const setsInForce = (json: string): SetInForce[] => inForce(read(json));

function inForce({ sets, rules }: Listing): SetInForce[] {
  const has = (chain: string, ...parts: string[]) =>
    rules.some((rule) => rule.chain === chain && parts.every((part) => rule.text.includes(part)));
  if (!has('verdict', '"drop":') && !has('verdict', '"reject":')) return [];
  const looksAtPrefixes = has('block', '"target":"prefixes"');
  return sets.flatMap(({ name, elem = [] }) => {
    const [, kind, digit, length] = /^(blocked|network)([46])(?:_(\d+))?$/.exec(name) ?? [];
    if (digit === undefined || (length === undefined ? kind === 'network' : !looksAtPrefixes)) return [];
    const family = digit === '4' ? 4 : 6;
    const guard = kind === 'network' ? guardOf(family) : undefined;
    const chain = guard ? chainOf(family) : length === undefined ? 'block' : 'prefixes';
    const isReached = !guard || has('prefixes', lookUp(guard), `"target":"${chain}"`);
    return isReached && has(chain, lookUp(name), '"target":"verdict"') ? { name, length, guard, elem } : [];
  });
}

/** The addresses in force, from nft's JSON listing. */
export function parseListing(json: string): Map<string, InForce> {
  const found = new Map<string, InForce>();
  const listing = read(json);
  const sets = inForce(listing);
  const guards = new Set(sets.map(({ guard }) => guard));
  const keysOf = new Map(
    listing.sets.flatMap(({ name, elem = [] }) =>
      guards.has(name) ? [[name, new Set(elem.map(hostOf))] as const] : [],
    ),
  );
  for (const { length, guard, elem } of sets) {
    const keys = guard === undefined ? undefined : (keysOf.get(guard) ?? new Set<string>());
    for (const each of elem) {
      const counter = typeof each === 'string' ? undefined : each.elem.counter;
      const address = inSet(canonical(hostOf(each)), length);
      if (hasKeys(address, keys)) found.set(address, { packets: counter?.packets, bytes: counter?.bytes });
    }
  }
  return found;
}

/**
 * True if the guard set has all keys of a network.
 * @param keys undefined: the address needs none
 */
export function hasKeys(address: string, keys: ReadonlySet<string> | undefined): boolean {
  if (keys === undefined) return true;
  // Parsing each of 100,000 networks would take a quarter of a second, and a second for IPv6.
  const [, start, second] =
    /^(?:(\d+\.\d+)\.[\d.]+\/(?:1[6-9]|[23]\d)$|[\da-f]+:([\da-f]+):)/.exec(address) ?? [];
  if (start !== undefined) return keys.has(`${start}.0.0`);
  if (second !== undefined) return keys.has(second === '0' ? '::' : `0:${second}::`);
  return guardKeys(parseAddress(address)).every((key) => keys.has(key));
}

const hostOf = (element: NftElement): string => (typeof element === 'string' ? element : element.elem.val);

/** The address or prefix that an element of a set represents. */
export const inSet = (host: string, length: string | undefined): string =>
  length === undefined ? host : `${host}/${length}`;

/** The table's shape, from nft's JSON listing with or without elements. */
export function parseShape(json: string): Shape {
  const { sets, rules } = read(json);
  const names = sets.map(({ name }) => name);
  const ruled = names.filter((name) =>
    rules.some(({ chain, text }) => /^(?:prefixes|networks)/.test(chain) && text.includes(lookUp(name))),
  );
  return { sets: new Set(names), ruled: new Set(ruled) };
}

/** The form in which a rule refers to the set that it looks up. */
const lookUp = (set: string): string => `"@${set}"`;

/** The sets and rules of our table. */
interface Listing {
  readonly sets: NftSet[];
  readonly rules: { readonly chain: string; readonly text: string }[];
}

function read(json: string): Listing {
  const objects = JSON.parse(json || '{"nftables":[]}').nftables as { set?: NftSet; rule?: NftRule }[];
  return {
    sets: objects.flatMap(({ set }) => (isOurs(set) ? set : [])),
    rules: objects.flatMap(({ rule }) =>
      isOurs(rule) ? { chain: rule.chain, text: JSON.stringify(rule.expr ?? []) } : [],
    ),
  };
}

/** True for an object of our table: a listing of the whole rule set contains objects of other tables, too. */
export const isOurs = <T extends InTable>(object: T | undefined): object is T =>
  object !== undefined && `${object.family} ${object.table}` === TABLE;

interface InTable {
  family: string;
  table: string;
}
interface NftSet extends InTable {
  name: string;
  elem?: NftElement[];
}
interface NftRule extends InTable {
  chain: string;
  expr?: unknown[];
}
/** An element with a timeout or a counter is wrapped: `{"elem":{"val":"203.0.113.9","timeout":600}}`. */
export type NftElement =
  | string
  | { elem: { val: string; counter?: { packets: number; bytes: number } | null } };
