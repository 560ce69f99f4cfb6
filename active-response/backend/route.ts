import { type Address, canonical } from '../../base/address.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { commandError, type Executor } from '../../base/execute.ts';
import { printable } from '../../base/printable.ts';
import { oneByOne } from './apply-many.ts';
import { type Backend, type Change, type Failures, look, runPlan } from './backend.ts';
import type { InForce } from './in-force.ts';
import {
  addition,
  additionLines,
  batch,
  deletionLine,
  FAILED,
  GONE_ON,
  listing,
  PROTOCOL,
  removal,
  replacement,
} from './route-commands.ts';

/**
 * A null route: this host's packets to the address go nowhere, so no connection is established, not even through a
 * forwarded port. Uses `ip`; a route has no timeout in the kernel.
 *
 * Never overwrites or deletes another program's route for exactly this address: that program still needs it.
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

/** The destinations of our null routes, from the JSON listing of our routes. */
export function parseRoutes(json: string): string[] {
  const routes = JSON.parse(json || '[]') as { dst: string; type?: string }[];
  return routes.flatMap(({ dst, type = 'unicast' }) => (LEADS_NOWHERE.has(type) ? [canonical(dst)] : []));
}

const LEADS_NOWHERE = new Set(['unreachable', 'blackhole', 'prohibit']);

function apply({ verb, address }: Change, type: string, executor: Executor): void {
  if (verb === 'block') block(address, type, executor);
  else runPlan([{ commands: [removal(address)] }], executor);
}

/**
 * Runs `ip` once for each family. If lines fail, runs them again one by one: usually few lines fail. A single run also
 * handles a route of ours with another type. A timeout for one family does not stop the changes of the other family.
 */
function applyAll(changes: readonly Change[], type: string, executor: Executor): Failures {
  const failures = ([4, 6] as const).flatMap((family) => {
    const some = changes.filter(({ address }) => address.family === family);
    if (some.length === 0) return [];
    try {
      const failed = failedOf(some, family, type, executor);
      return [...oneByOne(failed, (change) => apply(change, type, executor))];
    } catch (error) {
      if (!(error instanceof RiposteError)) throw error;
      return some.map(({ address }): [string, RiposteError] => [address.text, error]);
    }
  });
  return new Map(failures);
}

/** @returns the changes that failed, and the changes that another program's route prevents */
function failedOf(changes: readonly Change[], family: 4 | 6, type: string, executor: Executor): Change[] {
  const lines = changes.flatMap((change) => {
    const { verb, address } = change;
    if (verb === 'unblock') return [{ change, text: deletionLine(address) }];
    const [look, add] = additionLines(address, type);
    return [{ text: look }, { change, text: add }];
  });
  const texts = lines.map(({ text }) => text);
  const { ok, stdout, stderr } = executor.run({ ...batch(family, texts), tolerate: GONE_ON });
  if (!ok) return [...changes];
  const failed = new Set([...stderr.matchAll(FAILED)].map(([, number]) => lines[Number(number) - 1]?.change));
  const held = new Set(stdout.split('\n').map(destinationIn));
  return changes.filter((change) => {
    const isForeign = change.verb === 'block' && held.has(change.address.text);
    // Two routes to one address may coexist. Remove Riposte's route again, as if it had not been added.
    if (isForeign && !failed.has(change)) executor.run(removal(change.address));
    return isForeign || failed.has(change);
  });
}

/** The address at the start of a route's line; the line of a null route starts with its type instead. */
const destinationIn = (line: string): string =>
  canonical(/^[\da-f:.]+(?:\/\d+)?(?= |$)/.exec(line)?.[0] ?? '');

function block(address: Address, type: string, executor: Executor): void {
  const command = addition(address, type);
  const result = executor.run(command);
  if (result.stdout.split('\n').some((line) => destinationIn(line) === address.text)) {
    if (result.ok) executor.run(removal(address));
    throw foreign(address);
  }
  if (result.ok) return;
  // Skip the look-up's message, which is not a failure.
  const complaint = result.stderr.replace(/^.*\nCommand failed -:1$/m, '').trim();
  const why = printable(complaint.split('\n', 1)[0] || result.message, 300);
  if (!/File exists/.test(why)) throw commandError(command, { ...result, message: why });
  if (hasForeignRoute(address, executor)) throw foreign(address);
  runPlan([{ commands: [replacement(address, type)] }], executor);
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
    `another program's route for ${text} exists already; Riposte leaves it unchanged`,
  );
}
