import { type Address, isHost } from '../../base/address.ts';
import type { Command } from '../../base/execute.ts';

/** Marks our routes in the kernel's table (`proto 117`), to distinguish them from all other routes. */
export const PROTOCOL = '117';

/**
 * Looks up the existing route and adds ours in one run of `ip`, because each run costs as much as the rest of a block.
 * If no route leads to the address, the look-up fails; `-force` makes `ip` continue.
 */
export function addition(address: Address, type: string): Command {
  return { ...batch(address.family, additionLines(address, type)), tolerate: ONLY_LOOK_UP };
}

/**
 * Looks up the existing route, then adds ours. Uses `add`: `replace` would overwrite a route that another program sets
 * meanwhile.
 */
export function additionLines(address: Address, type: string): [look: string, add: string] {
  const { family, text } = address;
  return [
    // The route to a prefix's first address may cover only a part of the prefix.
    isHost(address) ? `route get fibmatch ${text}` : `route show exact ${text}`,
    `route add ${type} ${text} proto ${PROTOCOL}${metric(family)}`,
  ];
}

/** The command that gives these lines to one run of `ip`, which continues after a line that fails. */
export function batch(family: 4 | 6, lines: readonly string[]): Command {
  return { program: 'ip', args: batchOptions(family), input: `${lines.join('\n')}\n` };
}

/** The options with which `ip` reads lines. */
export const batchOptions = (family: 4 | 6): string[] => [`-${family}`, '-force', '-batch', '-'];

/** The command that removes our route, and no other route. */
export function removal(address: Address): Command {
  const args = [`-${address.family}`, ...deletionLine(address).split(' ')];
  return { program: 'ip', args, tolerate: /No such process/ };
}

/** The same command as a line of a batch. */
export const deletionLine = ({ text }: Address): string => `route del ${text} proto ${PROTOCOL}`;

/** Changes the type of our route. */
export function replacement({ family, text }: Address, type: string): Command {
  const args = `-${family} route replace ${type} ${text} proto ${PROTOCOL}${metric(family)}`;
  return { program: 'ip', args: args.split(' ') };
}

/** All of our routes, or only the routes that match a selector of `ip route show`, as JSON. */
export const listing = (family: number, ...selector: string[]): Command => ({
  program: 'ip',
  args: ['-j', `-${family}`, 'route', 'show', ...(selector.length > 0 ? selector : ['proto', PROTOCOL])],
});

/** The message of `ip` for each line that failed, with the number of that line. */
export const FAILED = /^Command failed -:(\d+)$/gm;

/**
 * The last message of `ip` when `ip` has read the whole batch. If `ip` cannot parse a line, it prints another message
 * and stops.
 */
export const GONE_ON = /Command failed -:\d+\s*$/;

/** The last message of `ip` when only the first line of a batch failed. */
const ONLY_LOOK_UP = /Command failed -:1\s*$/;

/** For IPv6 the kernel prefers the route with the lowest metric; the default is 1024. */
const metric = (family: 4 | 6) => (family === 6 ? ' metric 1' : '');
