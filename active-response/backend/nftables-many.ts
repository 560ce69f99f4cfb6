import { firstHost, isHost } from '../address.ts';
import { groupBy } from '../group-by.ts';
import { type Change, look, runPlan } from './backend.ts';
import { type Command, commandError, type Executor } from './execute.ts';
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
} from './nftables-table.ts';

/** First as cheap as it goes, all in one transaction; only when that is refused, whatever is there. */
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

/** New addresses into sets that are there, or old ones out of them; undefined where that is no use. */
function planCheap(changes: readonly Change[], policy: FirewallPolicy): Command | undefined {
  const isPlain = ({ verb, known, address }: Change) => verb === 'unblock' || (!known && isHost(address));
  if (!changes.every(isPlain)) return undefined;
  const bySet = groupBySet(changes);
  if (changes[0]?.verb === 'unblock')
    return script([...bySet].map(([set, some]) => elements('delete', set, some)));
  const inForce = `add element ${TABLE} made_for { 0 : ${fingerprint(policy)} }`;
  return script([inForce, ...[...bySet].map(([set, some]) => elements('create', set, some))]);
}

/** @param verb of a `delete` the timeouts are no part */
function elements(verb: 'add' | 'create' | 'delete', set: string, changes: readonly Change[]): string {
  const texts = changes.map(({ address, seconds }) => {
    const isTimed = verb !== 'delete' && seconds !== undefined;
    return isTimed ? `${firstHost(address)} timeout ${seconds}s` : firstHost(address);
  });
  return `${verb} element ${TABLE} ${set} { ${texts.join(', ')} }`;
}

const groupBySet = (changes: readonly Change[]): Map<string, Change[]> =>
  groupBy(changes, ({ address }) => setOf(address));

/**
 * Many changes as one transaction, whatever of the table is there. An element is added, deleted and added
 * again: so it is no error when it is there or when it is not, and it has its new timeout in the end.
 *
 * @param shape what there is for prefixes now
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
  return parseShape(hasPrefix ? look(TERSE, executor) : '');
}

/** All of the table: also for a counter alone nft reads every element. */
export const LISTING: Command = {
  program: 'nft',
  args: ['-j', 'list', 'table', 'inet', 'riposte'],
  tolerate: MISSING,
};

/** The same without the elements, which need not be read to see which sets and rules are there. */
const TERSE: Command = { ...LISTING, args: ['-t', ...LISTING.args] };
