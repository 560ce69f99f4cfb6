import { isatty } from 'node:tty';
import { readEntries } from '../../active-response/guard/entries.ts';
import { holdsPrivate, protectedBecause } from '../../active-response/guard/guard.ts';
import { readBytes } from '../../active-response/guard/rewrite.ts';
import { sshPeer } from '../../active-response/guard/ssh-peer.ts';
import type { Settings } from '../../active-response/settings/settings.ts';
import { RiposteError } from '../../base/errors.ts';
import { realExecutor } from '../../base/execute.ts';
import { ok, problem } from '../finding.ts';
import type { Check } from './check.ts';

/** Checks that riposte.allow is valid and protects the operator's own address, which no manager knows. */
export const allowList: Check = ({ home, settings, env, conf }) => {
  try {
    const { length } = readEntries(readBytes(home.allowList), home.allowList);
    const around = {
      allowList: home.allowList,
      allowPrivate: holdsPrivate(settings),
      env: {},
      ossecConf: conf?.text,
      byHand: 'no' as const,
      executor: realExecutor(settings.commandTimeout, { PATH: env.PATH }),
    };
    const open = sshPeer(
      env,
      [0, 1, 2].some((each) => isatty(each)),
    ).filter((peer) => protectedBecause(peer, around) === undefined);
    if (open.length === 0)
      return [ok(`${home.allowList}: ${length} entries; private addresses ${privatePolicy(settings)}`)];
    return open.map(({ text }) =>
      problem(`you are logged in from ${text}, and a response could block it`, `riposte allow ${text}`),
    );
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    return [
      problem(
        `${error.message}: nobody is blocked until you correct it`,
        'correct that line, or put # before it',
      ),
    ];
  }
};

const privatePolicy = ({ allowPrivate }: Pick<Settings, 'allowPrivate'>): string =>
  allowPrivate === 'auto'
    ? 'may be blocked by managers, not by serve and scan (ALLOW_PRIVATE=auto)'
    : `${allowPrivate === 'yes' ? 'are never' : 'may be'} blocked (ALLOW_PRIVATE=${allowPrivate})`;
