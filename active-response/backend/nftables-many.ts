import { firstHost, isHost } from '../../base/address.ts';
import { attempt, RiposteError } from '../../base/errors.ts';
import { type Command, commandError, type Executor } from '../../base/execute.ts';
import { groupBy } from '../../base/group-by.ts';
import { type Change, look, runPlan } from './backend.ts';
import type { FirewallPolicy } from './firewall-policy.ts';
import { parseShape, type Shape } from './nftables-listing.ts';
import {
  declaration,
  fingerprint,
  MISSING,
  prefixSet,
  script,
  setOf,
  TABLE,
  TRY_ANOTHER,
  timeoutOf,
} from './nftables-table.ts';

/** Tries the cheap transaction first; if nft refuses it, runs a transaction that works for any content of the table. */
export function applySome(changes: readonly Change[], policy: FirewallPolicy, executor: Executor): void {
  const cheap = planCheap(changes, policy);
  const thorough = () => ({ commands: [planMany(changes, policy, shapeFor(changes, executor))] });
  if (cheap === undefined || executor.dryRun) {
    runPlan([thorough()], executor);
    return;
  }
  const result = executor.run(cheap);
  if (result.ok) return;
  if (!TRY_ANOTHER.test(result.message)) throw commandError(cheap, result);
  runPlan([thorough()], executor);
}

/** The command that only creates or deletes elements of existing sets; undefined when the changes need more. */
function planCheap(changes: readonly Change[], policy: FirewallPolicy): Command | undefined {
  const isPlain = ({ verb, known }: Change) => verb === 'unblock' || !known;
  if (!changes.every(isPlain)) return undefined;
  const bySet = groupBySet(changes);
  if (changes[0]?.verb === 'unblock')
    return script([...bySet].map(([set, some]) => elements('delete', set, some)));
  const policyMark = `add element ${TABLE} made_for { 0 : ${fingerprint(policy)} }`;
  return script([policyMark, ...[...bySet].map(([set, some]) => elements('create', set, some))]);
}

/** @param verb `delete` omits the timeouts */
function elements(verb: 'add' | 'create' | 'delete', set: string, changes: readonly Change[]): string {
  const texts = changes.map(({ address, seconds }) => {
    const isTimed = verb !== 'delete' && seconds !== undefined;
    return isTimed ? `${firstHost(address)} ${timeoutOf(seconds)}` : firstHost(address);
  });
  return `${verb} element ${TABLE} ${set} { ${texts.join(', ')} }`;
}

const groupBySet = (changes: readonly Change[]): Map<string, Change[]> =>
  groupBy(changes, ({ address }) => setOf(address));

/**
 * The command for many changes in one transaction, for any content of the table. It adds and deletes each
 * element, then adds each block again: it works whether or not the element exists, and sets the new timeout.
 *
 * @param shape the existing sets and rules for prefixes
 */
export function planMany(changes: readonly Change[], policy: FirewallPolicy, shape: Shape): Command {
  const blocks = changes.filter(({ verb }) => verb === 'block');
  const prefixes = new Map(
    blocks.flatMap(({ address }) => (isHost(address) ? [] : [[setOf(address), address] as const])),
  );
  const lines = [...prefixes].flatMap(([set, address]) => {
    const [create, rule] = prefixSet(address);
    return [...(shape.sets.has(set) ? [] : [create]), ...(shape.ruled.has(set) ? [] : [rule])];
  });
  const declared =
    blocks.length === 0
      ? []
      : [...declaration(policy), `add element ${TABLE} made_for { 0 : ${fingerprint(policy)} }`];
  return script([...declared, ...lines, ...elementLines(changes)]);
}

function elementLines(changes: readonly Change[]): string[] {
  return [...groupBySet(changes)].flatMap(([set, some]) => {
    const plain = some.map((change) => ({ ...change, seconds: undefined }));
    const timed = some.filter(({ verb }) => verb === 'block');
    const lines = [elements('add', set, plain), elements('delete', set, plain)];
    return timed.length === 0 ? lines : [...lines, elements('add', set, timed)];
  });
}

function shapeFor(changes: readonly Change[], executor: Executor): Shape {
  const hasPrefix = changes.some(({ verb, address }) => verb === 'block' && !isHost(address));
  return parseShape(hasPrefix ? (ruleSet(executor) ?? look(LISTING, executor)) : '');
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
