import type { Address } from '../address.ts';
import { EX, RiposteError } from '../errors.ts';
import { type Backend, type Change, look, runPlan } from './backend.ts';
import type { Command, Executor } from './execute.ts';

/** Marks our routes in the kernel's table (`proto 117`), so that nobody else's is ever taken for ours. */
const PROTOCOL = '117';

/** What the kernel answers when a look-up ends at a route that leads nowhere. */
const LEADS_NOWHERE = /Invalid argument|No route to host|Permission denied/;

/**
 * A null route: what this host would send to the address goes nowhere, so no connection comes about, not
 * even with a forwarded port. By `ip`; a route has no timeout in the kernel.
 */
export function route(type: string): Backend {
  return {
    name: 'route',
    apply(change, executor) {
      if (change.verb === 'block') refuseForeignRoute(change, executor);
      runPlan([{ commands: [routeCommand(change, type)] }], executor);
    },
    list: (executor) =>
      new Set(['-4', '-6'].flatMap((family) => parseRoutes(look(listing(family), executor)))),
  };
}

/** The command for one change. IPv6 prefers the lowest metric, and its default is 1024. */
export function routeCommand({ verb, address }: Change, type: string): Command {
  const family = `-${address.family}`;
  const metric = address.family === 6 ? ['metric', '1'] : [];
  return verb === 'block'
    ? { program: 'ip', args: [family, 'route', 'replace', type, address.text, 'proto', PROTOCOL, ...metric] }
    : {
        program: 'ip',
        args: [family, 'route', 'del', address.text, 'proto', PROTOCOL],
        tolerate: /No such process/,
      };
}

/** The destinations in the JSON listing of our routes. */
export function parseRoutes(json: string): string[] {
  return (JSON.parse(json || '[]') as { dst: string }[]).map(({ dst }) => dst);
}

const listing = (family: string): Command => ({
  program: 'ip',
  args: ['-j', family, 'route', 'show', 'proto', PROTOCOL],
});

/**
 * `replace` would take the place of a route that somebody else has set for exactly this address, and the
 * unblocking would then delete it. Whether there is one is a look-up of one address, not a listing of all.
 */
function refuseForeignRoute({ address, known }: Change, executor: Executor): void {
  const family = `-${address.family}`;
  const lookUp: Command = {
    program: 'ip',
    args: ['-j', family, 'route', 'get', 'fibmatch', hostOf(address)],
  };
  const { ok, stdout, message } = executor.look(lookUp);
  const found = ok ? parseRoutes(stdout).includes(address.text) : false;
  const maybe = !ok && !known && LEADS_NOWHERE.test(message);
  if (found || (maybe && hasForeignNullRoute(address, executor))) {
    const why = `a route for ${address.text} that is not Riposte's exists already; left as it is`;
    throw new RiposteError(EX.CANTCREAT, why);
  }
}

function hasForeignNullRoute(address: Address, executor: Executor): boolean {
  const command = {
    program: 'ip',
    args: ['-j', `-${address.family}`, 'route', 'show', 'exact', address.text],
  };
  const routes = JSON.parse(look(command, executor) || '[]') as { protocol?: string }[];
  return routes.some(({ protocol }) => protocol !== PROTOCOL);
}

const hostOf = (address: Address) => address.text.replace(/\/.*/, '');
