import { RiposteError } from '../../base/errors.ts';
import { hasEnded, readEntries, withoutLines } from '../guard/entries.ts';
import { readBytes, rewrite } from '../guard/rewrite.ts';
import { withAllowListLock } from '../guard/with-edit-lock.ts';
import type { Home } from '../home.ts';
import { allowEntries } from './allow-entries.ts';
import { renewAllowedNames, type Say } from './allowed-names.ts';
import { type ResolveName, resolveName } from './resolve-name.ts';

/**
 * Removes ended entries from the allow list, and resolves its names. Call this function before a sweep: the sweep then
 * releases the addresses that are newly allowed.
 *
 * @param say gets each change and each failure
 * @returns true if the address of a name has changed
 */
export async function sweepAllowList(
  home: Home,
  say: Say,
  resolve: ResolveName = resolveName,
  now = Date.now(),
): Promise<boolean> {
  try {
    const entries = allowEntries(home);
    if (entries.some(hasEnded)) withAllowListLock(home, () => dropEnded(home, say));
    return await renewAllowedNames(home, entries, resolve, say, now);
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    say(error.message, true);
    return false;
  }
}

function dropEnded({ allowList }: Home, say: Say): void {
  const old = readBytes(allowList);
  const ended = readEntries(old, allowList).filter(hasEnded);
  rewrite(allowList, withoutLines(old, new Set(ended.map(({ line }) => line))));
  for (const { text, until } of ended)
    say(`${text}: is no longer allowed: its entry ended at ${new Date(until).toISOString()}`);
}
