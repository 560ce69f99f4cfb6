import { join } from 'node:path';
import type { Place, Response } from '../active-response/circumstances.ts';
import type { Home } from '../active-response/home.ts';
import { loadSettings } from '../active-response/settings/load.ts';
import type { Io } from './verb.ts';

/**
 * Where a response runs when a person asks for it.
 *
 * @param flags settings that the person gave, by their flags' names
 * @param ignoresErrors whether a wrong line of riposte.conf is only warned of: enough to unblock or to look
 * @throws RiposteError (CONFIG) for a wrong line of riposte.conf
 */
export function placeOf(
  response: Response,
  home: Home,
  io: Io,
  {
    flags = new Map<string, string>(),
    ignoresErrors = false,
    dryRun = false,
  }: { flags?: ReadonlyMap<string, string>; ignoresErrors?: boolean; dryRun?: boolean } = {},
): Place {
  const ignore = ignoresErrors ? (message: string) => io.err(`riposte: ${message}: ignored\n`) : undefined;
  const settings = loadSettings(home.settings, flags, ignore);
  return { response, home, settings, env: io.env, dryRun: dryRun ? (line) => io.out(line) : undefined };
}

/** Where each of these responses runs to look or to end blocks: a wrong riposte.conf is told once, and stops nothing. */
export function placesOf(responses: readonly Response[], home: Home, io: Io, dryRun = false): Place[] {
  const [first, ...others] = responses;
  if (first === undefined) return [];
  const place = placeOf(first, home, io, { ignoresErrors: true, dryRun });
  return [place, ...others.map((response) => ({ ...place, response }))];
}

/** A response's script as it is, or would be, installed: the one that log lines name. */
export const scriptOf = (home: Home, response: string): string =>
  join(home.root, 'active-response/bin', `${response}.js`);
