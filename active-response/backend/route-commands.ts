import { type Address, isHost } from '../address.ts';
import type { Command } from './execute.ts';

/** Marks our routes in the kernel's table (`proto 117`), so that nobody else's is ever taken for ours. */
export const PROTOCOL = '117';

/**
 * One run of `ip` for both the look-up of the route that holds now and the new one, as each run costs as much
 * as all the rest of a block. `-force` goes on behind the look-up, which fails where nothing leads to the
 * address. IPv6 prefers the lowest metric, and its default is 1024.
 */
export function addition(address: Address, type: string): Command {
  return { ...batch(address.family, additionLines(address, type)), tolerate: ONLY_LOOK_UP };
}

/** What holds now, and then ours: `add`, not `replace`, which would overrule a foreign route that comes meanwhile. */
export function additionLines(address: Address, type: string): [look: string, add: string] {
  const { family, text } = address;
  return [
    // What leads to a prefix's first address may be for a part of it.
    isHost(address) ? `route get fibmatch ${text}` : `route show exact ${text}`,
    `route add ${type} ${text} proto ${PROTOCOL}${metric(family)}`,
  ];
}

/** Lines for one `ip`, which goes on after one that fails. */
export function batch(family: 4 | 6, lines: readonly string[]): Command {
  return { program: 'ip', args: batchOptions(family), input: `${lines.join('\n')}\n` };
}

/** How `ip` is started to read lines. */
export const batchOptions = (family: 4 | 6): string[] => [`-${family}`, '-force', '-batch', '-'];

/** The command that takes our route away, and no other. */
export function removal(address: Address): Command {
  const args = [`-${address.family}`, ...deletionLine(address).split(' ')];
  return { program: 'ip', args, tolerate: /No such process/ };
}

/** The same as a line of a batch. */
export const deletionLine = ({ text }: Address): string => `route del ${text} proto ${PROTOCOL}`;

/** Gives a route of ours another type. */
export function replacement({ family, text }: Address, type: string): Command {
  const args = `-${family} route replace ${type} ${text} proto ${PROTOCOL}${metric(family)}`;
  return { program: 'ip', args: args.split(' ') };
}

/** Our routes, or those that a selector of `ip route show` means, as JSON. */
export const listing = (family: number, ...selector: string[]): Command => ({
  program: 'ip',
  args: ['-j', `-${family}`, 'route', 'show', ...(selector.length > 0 ? selector : ['proto', PROTOCOL])],
});

/** What `ip` says of each line that has failed, with its number. */
export const FAILED = /^Command failed -:(\d+)$/gm;

/** What `ip` says last where it has gone on to the end: of what it cannot read it says something else, and ends there. */
export const GONE_ON = /Command failed -:\d+\s*$/;

/** What `ip` says last of a batch of which only the first line has failed. */
const ONLY_LOOK_UP = /Command failed -:1\s*$/;

const metric = (family: 4 | 6) => (family === 6 ? ' metric 1' : '');
