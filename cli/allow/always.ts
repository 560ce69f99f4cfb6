import { realExecutor } from '../../active-response/backend/execute.ts';
import { readIfThere } from '../../active-response/files.ts';
import { protectedAddresses } from '../../active-response/guard/guard.ts';
import type { Home } from '../../active-response/home.ts';
import type { Settings } from '../../active-response/settings/settings.ts';

/** An address that is never blocked, and why; without what riposte.allow says. */
export interface Always {
  readonly address: string;
  readonly why: string;
}

/** Whom the guard protects by itself on this host. @throws RiposteError (CONFIG) for a wrong allow list */
export function alwaysAllowed(home: Home, settings: Settings, env: NodeJS.ProcessEnv): Always[] {
  const around = {
    home,
    env,
    allowPrivate: settings.allowPrivate,
    ossecConf: readIfThere(home.ossecConf),
    byHand: 'on a terminal',
    executor: realExecutor(settings.commandTimeout, env),
  } as const;
  const kinds = ([4, 6] as const).flatMap((family) => [...protectedAddresses(family, around)]);
  const all = kinds.flatMap(([why, addresses]) => addresses.map(({ text }) => ({ address: text, why })));
  // Name servers, manager and SSH peer are told for both families.
  const seen = new Set<string>(['in the allow list']);
  return all.filter(({ address, why }) => {
    const key = `${address} ${why}`;
    return why !== 'in the allow list' && !seen.has(key) && seen.add(key);
  });
}
