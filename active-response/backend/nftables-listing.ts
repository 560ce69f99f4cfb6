import { canonical } from '../../base/address.ts';
import type { InForce } from './in-force.ts';
import { TABLE } from './nftables-table.ts';

/** The names of all sets in the table, and of the sets that the rules for prefixes look up. */
export interface Shape {
  readonly sets: ReadonlySet<string>;
  readonly ruled: ReadonlySet<string>;
}

/** A set of blocked addresses that the table's rules look up. */
export interface SetInForce {
  readonly name: string;
  /** The prefix length of its networks; absent for single addresses. */
  readonly length?: string | undefined;
  readonly elem: readonly NftElement[];
}

/**
 * The addresses that the table's rules look up, from nft's JSON listing. A set that no rule looks up is not in force:
 * another program may have flushed some or all rules and left the sets.
 */
export function setsInForce(json: string): SetInForce[] {
  const { sets, rules } = read(json);
  const has = (chain: string, ...parts: string[]) =>
    rules.some((rule) => rule.chain === chain && parts.every((part) => rule.text.includes(part)));
  if (!has('verdict', '"drop":') && !has('verdict', '"reject":')) return [];
  const looksAtPrefixes = has('block', '"target":"prefixes"');
  return sets.flatMap(({ name, elem = [] }) => {
    const [ours, length] = /^blocked[46](?:_(\d+))?$/.exec(name) ?? [];
    if (ours === undefined || (length !== undefined && !looksAtPrefixes)) return [];
    const isLookedUp = has(length === undefined ? 'block' : 'prefixes', lookUp(name), '"target":"verdict"');
    return isLookedUp ? { name, length, elem } : [];
  });
}

/** The addresses in force, from nft's JSON listing. */
export function parseListing(json: string): Map<string, InForce> {
  const found = new Map<string, InForce>();
  for (const { length, elem } of setsInForce(json))
    for (const each of elem) {
      const { val, counter } = typeof each === 'string' ? { val: each } : each.elem;
      found.set(inSet(canonical(val), length), { packets: counter?.packets, bytes: counter?.bytes });
    }
  return found;
}

/** The address or prefix for which an element of a set stands. */
export const inSet = (host: string, length: string | undefined): string =>
  length === undefined ? host : `${host}/${length}`;

/** The table's shape, from nft's JSON listing with or without elements. */
export function parseShape(json: string): Shape {
  const { sets, rules } = read(json);
  const names = sets.map(({ name }) => name);
  const ruled = names.filter((name) =>
    rules.some(({ chain, text }) => chain === 'prefixes' && text.includes(lookUp(name))),
  );
  return { sets: new Set(names), ruled: new Set(ruled) };
}

/** The form in which a rule refers to the set that it looks up. */
const lookUp = (set: string): string => `"@${set}"`;

function read(json: string): { sets: NftSet[]; rules: { chain: string; text: string }[] } {
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
