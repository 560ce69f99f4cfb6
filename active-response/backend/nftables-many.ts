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
  guardKeys,
  guardOf,
  MISSING,
  networkSets,
  policyMark,
  script,
  setOf,
  TABLE,
  TRY_ANOTHER,
  timeoutOf,
} from './nftables-table.ts';

/**
 * The maximum number of attempts at a thorough transaction: an attempt fails if another process makes the same set
 * meanwhile.
 */
const TRIES = 3;

/**
 * Blocks many addresses in one transaction: tries the cheap one first; if nft refuses it, runs one that works for any
 * content of the table.
 */
export function blockSome(changes: readonly Change[], policy: FirewallPolicy, executor: Executor): void {
  const cheap = executor.dryRun ? undefined : planCheap(changes, policy);
  for (let tries = cheap ? 0 : 1; ; tries++) {
    const command = tries === 0 && cheap ? cheap : planMany(changes, policy, shapeFor(changes, executor));
    const result = executor.run(command);
    if (result.ok) return;
    if (tries === TRIES || !TRY_ANOTHER.test(result.message)) throw commandError(command, result);
  }
}

/**
 * Unblocks many addresses: one transaction for each set, because a missing set makes a transaction fail. The set of an
 * earlier version may have a network, too.
 */
export function unblockSome(changes: readonly Change[], executor: Executor): void {
  const sure = (set: string, some: readonly Change[]) => {
    const command = script(deleted(set, some), MISSING);
    const result = executor.run(command);
    if (!result.ok) throw commandError(command, result);
  };
  for (const [set, some] of bySet(changes)) {
    const { ok } = executor.run(script(elements('delete', set, untimed(some))));
    if (!ok) sure(set, some); // one of the elements is missing
  }
  for (const [set, some] of byEarlierSet(changes)) sure(set, some);
}

/** The command that only creates elements of existing sets; undefined when a block is renewed. */
function planCheap(changes: readonly Change[], policy: FirewallPolicy): Command | undefined {
  if (changes.some(({ known }) => known)) return undefined;
  return script([
    policyMark(policy),
    ...keyLines(changes),
    ...[...bySet(changes)].map(([set, some]) => elements('create', set, some)),
  ]);
}

const bySet = (changes: readonly Change[]): Map<string, Change[]> =>
  groupBy(changes, ({ address }) => setOf(address));

const byEarlierSet = (changes: readonly Change[]): Map<string, Change[]> =>
  groupBy(changes.filter(isOfNetwork), ({ address }) => earlierSetOf(address));

const untimed = (changes: readonly Change[]): Change[] =>
  changes.map((change) => ({ ...change, seconds: undefined }));

function elements(verb: 'add' | 'create' | 'delete', set: string, changes: readonly Change[]): string {
  const texts = changes.map(({ address, seconds }) =>
    seconds === undefined ? firstHost(address) : `${firstHost(address)} ${timeoutOf(seconds)}`,
  );
  return `${verb} element ${TABLE} ${set} { ${texts.join(', ')} }`;
}

/** Adds the guard keys of the networks to block, in the transaction that adds the networks. */
const keyLines = (blocks: readonly Change[]): string[] =>
  [...groupBy(blocks.filter(isOfNetwork), ({ address }) => guardOf(address.family))].map(([guard, some]) => {
    const keys = new Set(some.flatMap(({ address }) => guardKeys(address)));
    return `add element ${TABLE} ${guard} { ${[...keys].join(', ')} }`;
  });

const isOfNetwork = ({ address }: Change): boolean => !isHost(address);

/**
 * The command that blocks many addresses in one transaction, for any content of the table. It adds and deletes each
 * element, then adds it again: it works whether or not the element exists, and sets the new timeout. A network leaves
 * the set of an earlier version.
 *
 * @param shape the existing sets and rules for networks
 */
export function planMany(changes: readonly Change[], policy: FirewallPolicy, shape: Shape): Command {
  const networks = bySet(changes.filter(isOfNetwork)).values();
  const sets = new Map(
    [...networks]
      .flatMap(([first]) => (first ? networkSets(first.address) : []))
      .map((set) => [set.name, set] as const),
  );
  return script([
    ...declaration(policy),
    policyMark(policy),
    ...[...sets.values()].flatMap(({ name, create, rule }) => [
      ...(shape.sets.has(name) ? [] : [create]),
      ...(shape.ruled.has(name) ? [] : [rule]),
    ]),
    ...keyLines(changes),
    ...[...bySet(changes)].flatMap(([set, some]) => [...deleted(set, some), elements('add', set, some)]),
    ...[...byEarlierSet(changes)].flatMap(([set, some]) => (shape.sets.has(set) ? deleted(set, some) : [])),
  ]);
}

/** Deletes elements that may be missing: nft refuses to delete a missing element. */
function deleted(set: string, changes: readonly Change[]): string[] {
  const plain = untimed(changes);
  return [elements('add', set, plain), elements('delete', set, plain)];
}

function shapeFor(changes: readonly Change[], executor: Executor): Shape {
  if (!changes.some(isOfNetwork)) return parseShape('');
  // A dry run may be without the permission to list.
  return parseShape(ruleSet(executor) ?? (executor.dryRun ? '' : look(LIST_TABLE, executor)));
}

/**
 * The rules and sets of all tables in nft's JSON, without elements; undefined if nft fails. For any narrower listing
 * nft 1.0.6 reads all elements of our sets, even if it prints none of them. With 100,000 elements that takes a second.
 */
export function ruleSet(executor: Executor): string | undefined {
  const result = attempt(() => executor.look(LIST_RULE_SET));
  return result instanceof RiposteError || !result.ok ? undefined : result.stdout;
}

/** Lists the whole table: nft reads every element even to list only a counter. */
export const LIST_TABLE: Command = {
  program: 'nft',
  args: ['-j', 'list', 'table', 'inet', 'riposte'],
  tolerate: MISSING,
};

/** Lists the sets and rules of all tables, without elements. */
export const LIST_RULE_SET: Command = { program: 'nft', args: ['-t', '-j', 'list', 'ruleset'] };
