import { firstHost, isHost } from '../../base/address.ts';
import { attempt, RiposteError } from '../../base/errors.ts';
import { type Command, commandError, type Executor } from '../../base/execute.ts';
import { groupBy } from '../../base/group-by.ts';
import { type Change, look } from './backend.ts';
import type { FirewallPolicy } from './firewall-policy.ts';
import { parseShape, type Shape } from './nftables-listing.ts';
import {
  declaration,
  earlierSetOf,
  fingerprint,
  guardKeys,
  guardOf,
  MISSING,
  networkSets,
  script,
  setOf,
  TABLE,
  TRY_ANOTHER,
  timeoutOf,
} from './nftables-table.ts';

/** The most attempts at a thorough transaction: it fails if another process makes the same set meanwhile. */
const TRIES = 3;

/** Tries the cheap transaction first; if nft refuses it, runs a transaction that works for any content of the table. */
export function applySome(changes: readonly Change[], policy: FirewallPolicy, executor: Executor): void {
  const cheap = executor.dryRun ? undefined : planCheap(changes, policy);
  for (let tries = cheap ? 0 : 1; ; tries++) {
    const command = tries === 0 && cheap ? cheap : planMany(changes, policy, shapeFor(changes, executor));
    const result = executor.run(command);
    if (result.ok) return;
    if (tries === TRIES || !TRY_ANOTHER.test(result.message)) throw commandError(command, result);
  }
}

/**
 * The command that only creates or deletes elements of existing sets; undefined when the changes need more. An unblock
 * of a network does, because the set of an earlier version may have the network, too.
 */
function planCheap(changes: readonly Change[], policy: FirewallPolicy): Command | undefined {
  const isPlain = ({ verb, known, address }: Change) => (verb === 'unblock' ? isHost(address) : !known);
  if (!changes.every(isPlain)) return undefined;
  const bySet = [...groupBy(changes, ({ address }) => setOf(address))];
  if (changes[0]?.verb === 'unblock')
    return script(bySet.map(([set, some]) => elements('delete', set, some)));
  const policyMark = `add element ${TABLE} made_for { 0 : ${fingerprint(policy)} }`;
  return script([
    policyMark,
    ...keyLines(changes),
    ...bySet.map(([set, some]) => elements('create', set, some)),
  ]);
}

/** @param verb `delete` omits the timeouts */
function elements(verb: 'add' | 'create' | 'delete', set: string, changes: readonly Change[]): string {
  const texts = changes.map(({ address, seconds }) => {
    const isTimed = verb !== 'delete' && seconds !== undefined;
    return isTimed ? `${firstHost(address)} ${timeoutOf(seconds)}` : firstHost(address);
  });
  return `${verb} element ${TABLE} ${set} { ${texts.join(', ')} }`;
}

/** Adds the guard keys of the networks to block, in the transaction that adds the networks. */
const keyLines = (blocks: readonly Change[]): string[] =>
  [...groupBy(blocks.filter(isOfNetwork), ({ address }) => guardOf(address))].map(([guard, some]) => {
    const keys = new Set(some.flatMap(({ address }) => guardKeys(address)));
    return `add element ${TABLE} ${guard} { ${[...keys].join(', ')} }`;
  });

const isOfNetwork = ({ address }: Change): boolean => !isHost(address);

/**
 * The command for many changes in one transaction, for any content of the table. It adds and deletes each
 * element, then adds each block again: it works whether or not the element exists, and sets the new timeout.
 *
 * @param shape the existing sets and rules for networks
 */
export function planMany(changes: readonly Change[], policy: FirewallPolicy, shape: Shape): Command {
  const blocks = changes.filter(({ verb }) => verb === 'block');
  if (blocks.length === 0) return script(elementLines(changes, shape.sets), MISSING);
  const sets = new Map(
    blocks
      .filter(isOfNetwork)
      .flatMap(({ address }) => networkSets(address))
      .map((set) => [set.name, set]),
  );
  const lines = [...sets.values()].flatMap(({ name, create, rule }) => [
    ...(shape.sets.has(name) ? [] : [create]),
    ...(shape.ruled.has(name) ? [] : [rule]),
  ]);
  const policyMark = `add element ${TABLE} made_for { 0 : ${fingerprint(policy)} }`;
  const now = new Set([...shape.sets, 'blocked4', 'blocked6', ...sets.keys()]);
  return script([
    ...declaration(policy),
    policyMark,
    ...lines,
    ...keyLines(blocks),
    ...elementLines(changes, now),
  ]);
}

/**
 * The lines for the elements; a network leaves the set of earlier versions, too. They name no missing set, because one
 * such line would make the whole transaction fail.
 *
 * @param sets the existing sets; empty: not known
 */
function elementLines(changes: readonly Change[], sets: ReadonlySet<string>): string[] {
  const lines = (set: string, some: readonly Change[], timed: readonly Change[]) => {
    const plain = some.map((change) => ({ ...change, seconds: undefined }));
    const both = [elements('add', set, plain), elements('delete', set, plain)];
    return timed.length === 0 ? both : [...both, elements('add', set, timed)];
  };
  const current = [...groupBy(changes, ({ address }) => setOf(address))];
  const earlier = [...groupBy(changes.filter(isOfNetwork), ({ address }) => earlierSetOf(address))];
  return [
    ...current
      .filter(([set]) => sets.size === 0 || sets.has(set))
      .flatMap(([set, some]) =>
        lines(
          set,
          some,
          some.filter(({ verb }) => verb === 'block'),
        ),
      ),
    ...earlier.filter(([set]) => sets.has(set)).flatMap(([set, some]) => lines(set, some, [])),
  ];
}

function shapeFor(changes: readonly Change[], executor: Executor): Shape {
  if (!changes.some(isOfNetwork)) return parseShape('');
  // A dry run may be without the permission to list.
  return parseShape(ruleSet(executor) ?? (executor.dryRun ? '' : look(LISTING, executor)));
}

/**
 * The rules and sets of all tables in nft's JSON, without elements; undefined if nft fails. For any narrower listing
 * nft 1.0.6 reads all elements of our sets, even if it prints none of them. With 100,000 elements that takes a second.
 */
export function ruleSet(executor: Executor): string | undefined {
  const result = attempt(() => executor.look(RULESET));
  return result instanceof RiposteError || !result.ok ? undefined : result.stdout;
}

/** Lists the whole table: nft reads every element even for a counter alone. */
export const LISTING: Command = {
  program: 'nft',
  args: ['-j', 'list', 'table', 'inet', 'riposte'],
  tolerate: MISSING,
};

/** Lists the sets and rules of all tables, without elements. */
export const RULESET: Command = { program: 'nft', args: ['-t', '-j', 'list', 'ruleset'] };
