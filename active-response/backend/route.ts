import { type Address, canonical } from '../address.ts';
import { EX, RiposteError } from '../errors.ts';
import { oneByOne } from './apply-many.ts';
import { type Backend, type Change, type Failures, type InForce, look, runPlan } from './backend.ts';
import { type Command, commandError, type Executor } from './execute.ts';

/** Marks our routes in the kernel's table (`proto 117`), so that nobody else's is ever taken for ours. */
const PROTOCOL = '117';

/**
 * A null route: what this host would send to the address goes nowhere, so no connection comes about, not
 * even with a forwarded port. By `ip`; a route has no timeout in the kernel.
 *
 * A route that somebody else has set for exactly this address is never overruled, as that would cut off what
 * it is there for, and never deleted.
 */
export function route(type: string): Backend {
  return {
    name: 'route',
    apply: (change, executor) => apply(change, type, executor),
    applyAll: (changes, executor) => applyAll(changes, type, executor),
    list(executor) {
      const found = [4, 6].flatMap((family) => parseRoutes(look(listing(family), executor)));
      return new Map(found.map((destination): [string, InForce] => [destination, {}]));
    },
  };
}

/**
 * One run of `ip` for both the look-up of the route that holds now and the new one, as each run costs as much
 * as all the rest of a block. `-force` goes on behind the look-up, which fails where nothing leads to the
 * address. IPv6 prefers the lowest metric, and its default is 1024.
 */
export function addition({ family, text }: Address, type: string): Command {
  const lines = [
    `route get fibmatch ${text.replace(/\/.*/, '')}`,
    `route add ${type} ${text} proto ${PROTOCOL}${metric(family)}`,
  ];
  return {
    program: 'ip',
    args: [`-${family}`, '-force', '-batch', '-'],
    input: `${lines.join('\n')}\n`,
    tolerate: ONLY_LOOK_UP,
  };
}

/** The command that takes our route away, and no other. */
export function removal({ family, text }: Address): Command {
  const args = [`-${family}`, 'route', 'del', text, 'proto', PROTOCOL];
  return { program: 'ip', args, tolerate: /No such process/ };
}

/** The destinations in the JSON listing of our routes that lead nowhere. */
export function parseRoutes(json: string): string[] {
  const routes = JSON.parse(json || '[]') as { dst: string; type?: string }[];
  return routes.flatMap(({ dst, type = 'unicast' }) => (LEADS_NOWHERE.has(type) ? [canonical(dst)] : []));
}

const LEADS_NOWHERE = new Set(['unreachable', 'blackhole', 'prohibit']);

/** What `ip` says of a batch of which only the first line has failed. */
const ONLY_LOOK_UP = /^(?!.*Command failed -:2).*Command failed -:1/s;

const metric = (family: 4 | 6) => (family === 6 ? ' metric 1' : '');

const listing = (family: number, ...selector: string[]): Command => ({
  program: 'ip',
  args: ['-j', `-${family}`, 'route', 'show', ...(selector.length > 0 ? selector : ['proto', PROTOCOL])],
});

function apply({ verb, address }: Change, type: string, executor: Executor): void {
  if (verb === 'block') block(address, type, executor);
  else runPlan([{ commands: [removal(address)] }], executor);
}

/**
 * One run of `ip` a family for all that no foreign route stands in the way of. What fails there, little as a
 * rule, goes the way of a single change, which also knows a route of ours of another type.
 */
function applyAll(changes: readonly Change[], type: string, executor: Executor): Failures {
  const failures: Failures = new Map();
  const left: Change[] = [];
  for (const family of [4, 6] as const) {
    const some = changes.filter(({ address }) => address.family === family);
    if (some.length === 0) continue;
    // To take ours out needs no look at the others': thousands of routes are slow to list.
    const adds = some.some(({ verb }) => verb === 'block');
    const foreigners = destinationsOfOthers(adds ? look(listing(family, 'table', 'main'), executor) : '');
    const isFree = ({ verb, address }: Change) => verb === 'unblock' || !foreigners.has(address.text);
    const batch = some.filter(isFree);
    const { stderr } = batch.length === 0 ? { stderr: '' } : executor.run(batchOf(batch, family, type));
    const failed = [...stderr.matchAll(/Command failed -:(\d+)/g)].flatMap(
      ([, line]) => batch[Number(line) - 1] ?? [],
    );
    left.push(...failed);
    for (const change of some.filter((each) => !isFree(each)))
      failures.set(change.address.text, foreign(change.address));
  }
  const others = oneByOne(left, (change) => apply(change, type, executor));
  return new Map([...failures, ...others]);
}

/** `add`, not `replace`, which would overrule a foreign route that has come about meanwhile. */
function batchOf(changes: readonly Change[], family: 4 | 6, type: string): Command {
  const lines = changes.map(({ verb, address: { text } }) =>
    verb === 'block'
      ? `route add ${type} ${text} proto ${PROTOCOL}${metric(family)}`
      : `route del ${text} proto ${PROTOCOL}`,
  );
  return { program: 'ip', args: [`-${family}`, '-force', '-batch', '-'], input: `${lines.join('\n')}\n` };
}

/** `ip` leaves the protocol out where it is `boot`, as of what a person has typed. */
function destinationsOfOthers(json: string): Set<string> {
  const routes = JSON.parse(json || '[]') as { dst: string; protocol?: string }[];
  const others = routes.filter(({ protocol }) => protocol !== PROTOCOL);
  return new Set(others.map(({ dst }) => canonical(dst)));
}

function block(address: Address, type: string, executor: Executor): void {
  const command = addition(address, type);
  const result = executor.run(command);
  const [held] = result.stdout.split(' ');
  if (held === address.text) {
    if (result.ok) executor.run(removal(address));
    throw foreign(address);
  }
  if (result.ok) return;
  const [, why = result.message] = /(.*)\nCommand failed -:2/.exec(result.stderr) ?? [];
  if (!/File exists/.test(why)) throw commandError(command, { ...result, message: why });
  if (hasForeignRoute(address, executor)) throw foreign(address);
  runPlan([{ commands: [replacement(address, type)] }], executor);
}

/** Gives a route of ours another type. */
function replacement({ family, text }: Address, type: string): Command {
  const args = `-${family} route replace ${type} ${text} proto ${PROTOCOL}${metric(family)}`;
  return { program: 'ip', args: args.split(' ') };
}

function hasForeignRoute({ family, text }: Address, executor: Executor): boolean {
  const routes = JSON.parse(look(listing(family, 'exact', text), executor) || '[]') as {
    protocol?: string;
  }[];
  return routes.some(({ protocol }) => protocol !== PROTOCOL);
}

function foreign({ text }: Address): RiposteError {
  return new RiposteError(
    EX.CANTCREAT,
    `a route for ${text} that is not Riposte's exists already; left as it is`,
  );
}
