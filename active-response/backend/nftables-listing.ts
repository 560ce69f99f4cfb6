import { canonical } from '../../base/address.ts';
import type { InForce } from './backend.ts';

/** The sets of prefixes in the table, and those that its rules look up. */
export interface Shape {
  readonly sets: ReadonlySet<string>;
  readonly ruled: ReadonlySet<string>;
}

/**
 * The addresses that the table's rules look up, from nft's JSON listing. A set that no rule looks up is not in force:
 * another program may have flushed some or all rules and left the sets.
 */
export function parseListing(json: string): Map<string, InForce> {
  const { sets, rules } = read(json);
  const has = (chain: string, ...parts: string[]) =>
    rules.some((rule) => rule.chain === chain && parts.every((part) => rule.text.includes(part)));
  const found = new Map<string, InForce>();
  if (!has('verdict', '"drop":') && !has('verdict', '"reject":')) return found;
  const looksAtPrefixes = has('block', '"target":"prefixes"');
  for (const { name, elem = [] } of sets) {
    const [ours, length] = /^blocked[46](?:_(\d+))?$/.exec(name) ?? [];
    if (ours === undefined || (length !== undefined && !looksAtPrefixes)) continue;
    if (!has(length === undefined ? 'block' : 'prefixes', lookUp(name), '"target":"verdict"')) continue;
    for (const each of elem) {
      const { val, counter } = typeof each === 'string' ? { val: each } : each.elem;
      const host = canonical(val);
      found.set(length === undefined ? host : `${host}/${length}`, {
        packets: counter?.packets,
        bytes: counter?.bytes,
      });
    }
  }
  return found;
}

/** The sets and rules for prefixes, from the same listing or one without elements. */
export function parseShape(json: string): Shape {
  const { sets, rules } = read(json);
  const names = sets.map(({ name }) => name);
  const ruled = names.filter((name) =>
    rules.some(({ chain, text }) => chain === 'prefixes' && text.includes(lookUp(name))),
  );
  return { sets: new Set(names), ruled: new Set(ruled) };
}

/** How a rule refers to the set that it looks up. */
const lookUp = (set: string): string => `"@${set}"`;

function read(json: string): { sets: NftSet[]; rules: { chain: string; text: string }[] } {
  const objects = JSON.parse(json || '{"nftables":[]}').nftables as { set?: NftSet; rule?: NftRule }[];
  return {
    sets: objects.flatMap(({ set }) => set ?? []),
    rules: objects.flatMap(({ rule }) =>
      rule === undefined ? [] : [{ chain: rule.chain, text: JSON.stringify(rule.expr ?? []) }],
    ),
  };
}

interface NftSet {
  name: string;
  elem?: NftElement[];
}
interface NftRule {
  chain: string;
  expr?: unknown[];
}
/** An element with a timeout or a counter is wrapped: `{"elem":{"val":"203.0.113.9","timeout":600}}`. */
type NftElement = string | { elem: { val: string; counter?: { packets: number; bytes: number } | null } };
