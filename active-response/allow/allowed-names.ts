import { parseAddress } from '../../base/address.ts';
import { attempt, RiposteError } from '../../base/errors.ts';
import { readIfThere, replaceFile } from '../../base/files.ts';
import { resolvedNames } from '../guard/allow-list.ts';
import { type AllowEntry, hasEnded, parseAllowed } from '../guard/entries.ts';
import type { Home } from '../home.ts';
import type { ResolvedName, ResolveName } from './resolve-name.ts';

/** The most names that are resolved: each sweep asks for all of them. */
const MOST_NAMES = 50;

/** Prints a line for the operator. @param isProblem false for a change that was made */
export type Say = (text: string, isProblem?: boolean) => void;

/** The addresses of each name, as they were last resolved. */
export type AllowedNames = ReadonlyMap<string, readonly string[]>;

/** Reads the addresses of names. Skips damaged lines: the next sweep rewrites the file. */
export function readAllowedNames({ allowList }: Pick<Home, 'allowList'>): AllowedNames {
  const names = new Map<string, string[]>();
  for (const line of (readIfThere(resolvedNames(allowList)) ?? '').split('\n')) {
    const [entry = '', name = ''] = line.split('  # ');
    const target = attempt(() => parseAllowed(entry));
    if (target instanceof RiposteError || !target?.address || name === '') continue;
    names.set(name, [...(names.get(name) ?? []), target.text]);
  }
  return names;
}

/**
 * Resolves the names of an allow list, and writes their addresses where the guard reads them. A name that cannot be
 * resolved keeps its last addresses.
 *
 * @param say gets each change and each failure
 * @returns whether an address has changed
 * @throws RiposteError (IOERR, NOPERM)
 */
export async function renewAllowedNames(
  home: Pick<Home, 'allowList'>,
  entries: readonly AllowEntry[],
  resolve: ResolveName,
  say: Say,
): Promise<boolean> {
  const old = readAllowedNames(home);
  const named = entries.filter((entry) => entry.address === undefined && !hasEnded(entry));
  for (const { text } of named.slice(MOST_NAMES))
    say(`${text}: was not resolved: ${home.allowList} has more than ${MOST_NAMES} names`, true);
  const resolved = await Promise.all(
    named.slice(0, MOST_NAMES).map(async ({ text, until }) => {
      const before = old.get(text) ?? [];
      const found = await resolve(text);
      const addresses = joined(found, before);
      if (found[4] === undefined && found[6] === undefined) say(failure(text, before), true);
      else if (`${addresses}` !== `${before}`)
        say(`${text}: now resolves to ${addresses.join(', ') || 'no address'}`);
      return { name: text, until, addresses };
    }),
  );
  const file = resolvedNames(home.allowList);
  const text = resolved.flatMap(linesOf).join('');
  if (text === (readIfThere(file) ?? '')) return false;
  replaceFile(file, text);
  return true;
}

const failure = (name: string, before: readonly string[]): string =>
  before.length === 0
    ? `${name}: cannot be resolved, so no address is allowed for it; the next sweep tries again`
    : `${name}: cannot be resolved; keeps ${before.join(', ')}`;

/** The addresses of both families. A family whose query failed keeps its last addresses. */
function joined(found: ResolvedName, before: readonly string[]): string[] {
  const ofFamily = (family: 4 | 6) =>
    found[family] ?? before.filter((each) => parseAddress(each).family === family);
  return [...ofFamily(4), ...ofFamily(6)];
}

function linesOf({ name, until, addresses }: { name: string; until: number; addresses: readonly string[] }) {
  const end = Number.isFinite(until) ? ` until ${new Date(until).toISOString()}` : '';
  return addresses.map((each) => `${each}${end}  # ${name}\n`);
}
