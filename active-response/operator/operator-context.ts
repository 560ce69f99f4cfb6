import type { Io } from '../../base/io.ts';
import type { Home } from '../home.ts';
import type { Response, ResponseContext } from '../request-context.ts';
import { loadSettings } from '../settings/load.ts';

/**
 * The context of a response that an operator uses.
 *
 * @param flags settings that the operator gave, by their flags' names
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
  }: { flags?: ReadonlyMap<string, string>; ignoresErrors?: boolean; dryRun?: boolean } = {},
): ResponseContext {
  const ignore = ignoresErrors ? (message: string) => io.err(`riposte: ${message}: ignored\n`) : undefined;
  const settings = loadSettings(home.settings, flags, ignore);
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
  const context = operatorContext(first, home, io, { ignoresErrors: true, dryRun });
  return [context, ...others.map((response) => ({ ...context, response }))];
}
