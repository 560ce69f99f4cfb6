import { parseAddress } from '../../base/address.ts';
import { attempt, RiposteError } from '../../base/errors.ts';
import { readIfThere, replaceFile } from '../../base/files.ts';
import { groupBy } from '../../base/group-by.ts';
import { resolvedNames } from '../guard/allow-list.ts';
import { type AllowEntry, hasEnded, parseAllowed } from '../guard/entries.ts';
import type { Home } from '../home.ts';
import type { ResolvedName, ResolveName } from './resolve-name.ts';

/** The maximum number of names to resolve. It is limited because each sweep resolves all names. */
const MOST_NAMES = 50;

/** Prints a line for the operator. @param isProblem false for a change that was made */
export type Say = (text: string, isProblem?: boolean) => void;

/** The addresses of each name, as they were last resolved. */
export type AllowedNames = ReadonlyMap<string, readonly string[]>;

/** The time for which a name that cannot be resolved keeps its last addresses, in milliseconds. */
const KEPT = 7 * 24 * 3_600_000;

/** An address to which a name was resolved. */
interface ResolvedAddress {
  readonly name: string;
  readonly address: string;
  /** The time of the first unanswered query for the name and this family, in milliseconds since 1970. */
  readonly unansweredSince?: number | undefined;
}

/** Reads the addresses of names. Skips damaged lines: the next sweep rewrites the file. */
export function readAllowedNames(home: Pick<Home, 'allowList'>): AllowedNames {
  const byName = groupBy(readResolved(home), ({ name }) => name);
  return new Map([...byName].map(([name, all]) => [name, all.map(({ address }) => address)]));
}

/** One sentence for each name that is still allowed, although DNS no longer has an answer. */
export const unansweredNames = (home: Pick<Home, 'allowList'>): string[] =>
  [...groupBy(readResolved(home), ({ name }) => name)].flatMap(([name, all]) => remainderOf(name, all) ?? []);

function readResolved({ allowList }: Pick<Home, 'allowList'>): ResolvedAddress[] {
  return (readIfThere(resolvedNames(allowList)) ?? '').split('\n').flatMap((line) => {
    const [entry = '', name = '', note = ''] = line.split('  # ');
    const target = attempt(() => parseAllowed(entry));
    if (target instanceof RiposteError || !target?.address || name === '') return [];
    const since = Date.parse(note.replace(NO_ANSWER, ''));
    const address = target.text;
    return Number.isNaN(since) ? { name, address } : { name, address, unansweredSince: since };
  });
}

const NO_ANSWER = 'no answer since ';

/**
 * Resolves the names of an allow list, and writes their addresses where the guard reads them. A name that cannot be
 * resolved keeps its last addresses for a week. After that week these addresses are no longer allowed, because they may
 * belong to somebody else by now.
 *
 * @param say gets each change and each failure
 * @param now milliseconds since 1970
 * @returns true if an address has changed
 * @throws RiposteError (IOERR, NOPERM)
 */
export async function renewAllowedNames(
  home: Pick<Home, 'allowList'>,
  entries: readonly AllowEntry[],
  resolve: ResolveName,
  say: Say,
  now = Date.now(),
): Promise<boolean> {
  const old = readResolved(home);
  const named = entries.filter((entry) => entry.address === undefined && !hasEnded(entry));
  for (const { text } of named.slice(MOST_NAMES))
    say(
      `${text}: Riposte does not resolve this name, because ${home.allowList} has more than ${MOST_NAMES} names`,
      true,
    );
  const resolved = await Promise.all(
    named.slice(0, MOST_NAMES).map(async ({ text: name, until }) => {
      const before = old.filter((each) => each.name === name);
      const found = await resolve(name);
      const after = joined(name, found, before, now);
      if (found[4] === undefined && found[6] === undefined) say(failure(name, before, after), true);
      else if (textOf(after) !== textOf(before))
        say(`${name}: now resolves to ${textOf(after) || 'no address'}`);
      return { until, addresses: after };
    }),
  );
  const file = resolvedNames(home.allowList);
  const text = resolved.flatMap(linesOf).join('');
  if (text !== (readIfThere(file) ?? '')) replaceFile(file, text);
  return textOf(resolved.flatMap(({ addresses }) => addresses)) !== textOf(old);
}

const textOf = (all: readonly ResolvedAddress[]): string => all.map(({ address }) => address).join(', ');

function failure(
  name: string,
  before: readonly ResolvedAddress[],
  after: readonly ResolvedAddress[],
): string {
  if (after.length > 0) return remainderOf(name, after) ?? '';
  return before.length === 0
    ? `${name}: cannot be resolved, so no address is allowed for it; the next sweep tries again`
    : `${name}: could not be resolved for a week; Riposte no longer allows ${textOf(before)}`;
}

/** The sentence about a name for which DNS gave no answer; undefined for any other name. */
function remainderOf(name: string, all: readonly ResolvedAddress[]): string | undefined {
  const kept = all.filter(({ unansweredSince }) => unansweredSince !== undefined);
  const [first] = kept.map(endOf).sort((a, b) => a - b);
  if (first === undefined) return undefined;
  return `${name}: cannot be resolved; Riposte still allows ${textOf(kept)} until ${new Date(first).toISOString()}`;
}

/** The time from which an address is no longer allowed, in milliseconds since 1970. */
const endOf = ({ unansweredSince }: ResolvedAddress): number =>
  (unansweredSince ?? Number.POSITIVE_INFINITY) + KEPT;

/** The addresses of both families. A family whose query failed keeps its last addresses for a while. */
function joined(
  name: string,
  found: ResolvedName,
  before: readonly ResolvedAddress[],
  now: number,
): ResolvedAddress[] {
  return ([4, 6] as const).flatMap((family) => {
    const addresses = found[family];
    if (addresses) return addresses.map((address) => ({ name, address }));
    return before
      .filter(({ address }) => parseAddress(address).family === family)
      .map((each) => ({ ...each, unansweredSince: Math.min(each.unansweredSince ?? now, now) }))
      .filter((each) => endOf(each) > now);
  });
}

function linesOf({ until, addresses }: { until: number; addresses: readonly ResolvedAddress[] }): string[] {
  return addresses.map((each) => {
    const end = Math.min(until, endOf(each));
    const { name, address, unansweredSince: since } = each;
    const entry = Number.isFinite(end) ? `${address} until ${new Date(end).toISOString()}` : address;
    const note = since === undefined ? '' : `  # ${NO_ANSWER}${new Date(since).toISOString()}`;
    return `${entry}  # ${name}${note}\n`;
  });
}
