import type { Address } from '../address.ts';
import { EX, RiposteError } from '../errors.ts';
import { type Backend, look, runPlan } from './backend.ts';
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
    apply: ({ verb, address }, executor) =>
      verb === 'block'
        ? block(address, type, executor)
        : runPlan([{ commands: [removal(address)] }], executor),
    list: (executor) =>
      new Set(['-4', '-6'].flatMap((family) => parseRoutes(look(listing(family), executor)))),
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

/** The destinations in the JSON listing of our routes. */
export function parseRoutes(json: string): string[] {
  return (JSON.parse(json || '[]') as { dst: string }[]).map(({ dst }) => dst);
}

/** What `ip` says of a batch of which only the first line has failed. */
const ONLY_LOOK_UP = /^(?!.*Command failed -:2).*Command failed -:1/s;

const metric = (family: 4 | 6) => (family === 6 ? ' metric 1' : '');

const listing = (family: string): Command => ({
  program: 'ip',
  args: ['-j', family, 'route', 'show', 'proto', PROTOCOL],
});

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
  const command = { program: 'ip', args: ['-j', `-${family}`, 'route', 'show', 'exact', text] };
  const routes = JSON.parse(look(command, executor) || '[]') as { protocol?: string }[];
  return routes.some(({ protocol }) => protocol !== PROTOCOL);
}

function foreign({ text }: Address): RiposteError {
  return new RiposteError(
    EX.CANTCREAT,
    `a route for ${text} that is not Riposte's exists already; left as it is`,
  );
}
