import { debugError } from '../../base/debug.ts';
import { attempt, RiposteError } from '../../base/errors.ts';
import type { Command, Executor } from '../../base/execute.ts';
import { look } from './backend.ts';
import type { InForce } from './in-force.ts';
import { canRead, type DumpedElement, dumpOf, parseDump, splitState } from './nftables-elements.ts';
import { keepElements, keptElements } from './nftables-kept.ts';
import { hasKeys, inSet, isOurs, type SetInForce, setsInForce } from './nftables-listing.ts';
import { LIST_RULE_SET, LIST_TABLE, ruleSet } from './nftables-many.ts';
import { guardOf, TABLE } from './nftables-table.ts';
import { type KeptListing, sumOf, type Traffic, type Upkeep } from './upkeep.ts';

export const upkeep: Upkeep = {
  list: (executor, kept) => (canRead() ? listFast(executor, kept) : undefined),
  counters: (executor) => parseNftCounter(look(LIST_RULE_SET, executor)),
  dismantle({ root, has, executor }) {
    if (root === '/' && has('nft') && isEmpty(executor)) executor.run(DELETE_TABLE);
  },
};

const DELETE_TABLE: Command = { program: 'nft', args: ['delete', 'table', ...TABLE.split(' ')] };

/** If there are fewer elements than this, list them each time, and keep no copy. */
const FEWEST = 1_000;

/** The maximum number of attempts to list sets that change during the listing. */
const TRIES = 5;

/**
 * Takes the rules from nft, and the elements from the kernel. If no set has changed since the last listing, takes the
 * kept elements instead.
 *
 * @returns undefined if nft or the kernel cannot be asked in this way on this host
 */
function listFast(executor: Executor, kept?: KeptListing): Map<string, InForce> | undefined {
  const rules = ruleSet(executor);
  if (rules === undefined) return undefined;
  const sets = setsInForce(rules);
  if (sets.length === 0) return new Map();
  const guards = [...new Set(sets.flatMap(({ guard }) => guard ?? []))];
  const names = [...sets.map(({ name }) => name), ...guards];
  let before = kept && keptElements(kept);
  for (let tries = 0; tries < TRIES; tries++) {
    const answer = answerAbout(names, before?.state, executor);
    if (answer === undefined) return undefined;
    const { state, dumped } = answer;
    if (before && state === before.state) {
      const addresses = before.addressesIn(sets);
      if (addresses) return addresses;
      before = undefined;
    } else if (dumped) {
      if (dumped.length !== names.length) return undefined;
      const inForce = withKeys(sets, guards, dumped);
      if (kept && state !== '' && inForce.flat().length >= FEWEST) keepElements(kept, state, sets, inForce);
      return addressesIn(sets, inForce);
    }
  }
  return undefined;
}

/** The kernel's answer about sets. */
interface Answer {
  /** The state of all sets; empty if the kernel does not tell the state. */
  readonly state: string;
  /**
   * The elements of each set; undefined if they have changed during the listing. Empty if the state is the known state.
   */
  readonly dumped: DumpedElement[][] | undefined;
}

/** @param names of the sets @returns undefined if Perl or the kernel fails */
function answerAbout(
  names: readonly string[],
  known: string | undefined,
  executor: Executor,
): Answer | undefined {
  const result = attempt(() => executor.look(dumpOf(TABLE.replace(/.* /, ''), names, known)));
  if (result instanceof RiposteError || !result.bytes) return undefined;
  try {
    const [state, dump] = splitState(result.bytes);
    return { state, dumped: parseDump(dump) };
  } catch (error) {
    debugError(error); // a kernel that answers in another form
    return undefined;
  }
}

/**
 * The elements of each set. Omits the networks that the kernel does not look up because a guard key is missing.
 * @param dumped the elements of the sets, then those of the guards
 */
function withKeys(
  sets: readonly SetInForce[],
  guards: readonly string[],
  dumped: readonly DumpedElement[][],
): DumpedElement[][] {
  const keys = new Map(
    guards.map((guard, index) => [guard, new Set(dumped[sets.length + index]?.map(({ host }) => host))]),
  );
  return sets.map(({ length, guard }, index) => {
    const elements = dumped[index] ?? [];
    const needed = guard === undefined ? undefined : keys.get(guard);
    return needed ? elements.filter(({ host }) => hasKeys(inSet(host, length), needed)) : elements;
  });
}

function addressesIn(sets: readonly SetInForce[], dumped: readonly DumpedElement[][]): Map<string, InForce> {
  const found = new Map<string, InForce>();
  for (const [index, { length }] of sets.entries())
    for (const element of dumped[index] ?? []) found.set(inSet(element.host, length), element);
  return found;
}

/** True if our table exists and blocks nothing: guard keys alone block nothing. */
function isEmpty(executor: Executor): boolean {
  const { ok, stdout } = executor.look(LIST_TABLE);
  const isUnused = ({ set }: NftObject) => !set?.elem?.length || [guardOf(4), guardOf(6)].includes(set.name);
  return ok && stdout !== '' && objectsIn(stdout).every(isUnused);
}

/** Our counter in nft's JSON; zeros if it does not exist. */
export const parseNftCounter = (json: string): Traffic =>
  sumOf(
    objectsIn(json).flatMap(({ counter }) => (counter?.name === 'dropped' && isOurs(counter) ? counter : [])),
  );

interface NftObject {
  counter?: Traffic & { name: string; family: string; table: string };
  set?: { name: string; elem?: unknown[] };
}

const objectsIn = (json: string): NftObject[] => JSON.parse(json || '{"nftables":[]}').nftables;
