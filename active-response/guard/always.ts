import { realExecutor } from '../../base/execute.ts';
import type { Home } from '../home.ts';
import { readOssecConf } from '../ossec-conf.ts';
import type { Settings } from '../settings/settings.ts';
import { holdsPrivate, PRIVATE, protectedAddresses } from './guard.ts';

/** An address that is never blocked, with the reason; entries of riposte.allow are not included. */
export interface Always {
  readonly address: string;
  readonly why: string;
}

/**
 * The addresses that the guard protects by itself on this host.
 *
 * @throws RiposteError (CONFIG) when the allow list cannot be read
 */
export function alwaysAllowed(home: Home, settings: Settings, env: NodeJS.ProcessEnv): Always[] {
  const surroundings = {
    allowList: home.allowList,
    env,
    allowPrivate: holdsPrivate(settings, 'server'),
    ossecConf: readOssecConf(home),
    byHand: 'on a terminal',
    executor: realExecutor(settings.commandTimeout, env),
  } as const;
  const whyPrivate = holdsPrivate(settings)
    ? PRIVATE
    : 'private: not blocked by serve and scan (ALLOW_PRIVATE=auto)';
  const kinds = ([4, 6] as const).flatMap((family) => [...protectedAddresses(family, surroundings)]);
  const all = kinds.flatMap(([why, addresses]) =>
    addresses.map(({ text }) => ({ address: text, why: why === PRIVATE ? whyPrivate : why })),
  );
  // protectedAddresses() returns name servers, white_list, manager and SSH peer for each family: drop the duplicates.
  const seen = new Set<string>(['in the allow list']);
  return all.filter(({ address, why }) => {
    const key = `${address} ${why}`;
    return why !== 'in the allow list' && !seen.has(key) && seen.add(key);
  });
}
