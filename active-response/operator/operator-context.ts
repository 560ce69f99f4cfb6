import type { Io } from '../../base/io.ts';
import type { Home } from '../home.ts';
import type { Response, ResponseContext } from '../request-context.ts';
import { ownSettings } from '../response/own-settings.ts';
import { loadSettings } from '../settings/load.ts';
import type { Table } from '../settings/settings.ts';

/**
 * The context of a response that an operator uses.
 *
 * @param flags settings that the operator gave, by their flags' names
 * @param own the responses' own settings to load
 * @param ignoresErrors whether a wrong line of riposte.conf only causes a warning, as when unblocking or listing
 * @throws RiposteError (CONFIG) for a wrong line of riposte.conf
 */
export function operatorContext(
  response: Response,
  home: Home,
  io: Io,
  {
    flags = new Map<string, string>(),
    ignoresErrors = false,
    dryRun = false,
    own = response.settings,
  }: {
    flags?: ReadonlyMap<string, string>;
    ignoresErrors?: boolean;
    dryRun?: boolean;
    own?: Table | undefined;
  } = {},
): ResponseContext {
  const ignore = ignoresErrors ? (message: string) => io.err(`riposte: ${message}: ignored\n`) : undefined;
  const settings = loadSettings(home.settings, flags, ignore, own);
  return { response, home, settings, env: io.env, dryRun: dryRun ? (line) => io.out(line) : undefined };
}

/**
 * The contexts of these responses for listing or unblocking. Warns once of a wrong line in riposte.conf, and ignores
 * it.
 */
export function operatorContexts(
  responses: readonly Response[],
  home: Home,
  io: Io,
  dryRun = false,
): ResponseContext[] {
  const [first, ...others] = responses;
  if (first === undefined) return [];
  const own = ownSettings(responses);
  const context = operatorContext(first, home, io, { ignoresErrors: true, dryRun, own });
  return [context, ...others.map((response) => ({ ...context, response }))];
}
