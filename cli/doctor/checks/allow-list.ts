import { isatty } from 'node:tty';
import { realExecutor } from '../../../active-response/backend/execute.ts';
import { RiposteError } from '../../../active-response/errors.ts';
import { readAllowList } from '../../../active-response/guard/allow-list.ts';
import { protectedBecause } from '../../../active-response/guard/guard.ts';
import { sshPeer } from '../../../active-response/guard/ssh-peer.ts';
import { ok, problem } from '../finding.ts';
import type { Check } from './check.ts';

/** riposte.allow can be read, and protects where the person is logged in from: a manager does not know that. */
export const allowList: Check = ({ home, settings, env, conf }) => {
  try {
    const { length } = readAllowList(home.allowList);
    const around = {
      home,
      allowPrivate: settings.allowPrivate,
      env: {},
      ossecConf: conf?.text,
      byHand: 'no' as const,
      executor: realExecutor(settings.commandTimeout, { PATH: env.PATH }),
    };
    const open = sshPeer(
      env,
      [0, 1, 2].some((each) => isatty(each)),
    ).filter((peer) => protectedBecause(peer, around) === undefined);
    if (open.length === 0) return [ok(`${home.allowList}: ${length} entries`)];
    return open.map(({ text }) =>
      problem(`you are logged in from ${text}, and a response could block it`, `riposte allow ${text}`),
    );
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    return [
      problem(
        `${error.message}: nobody is blocked until that is right`,
        'correct that line, or put # before it',
      ),
    ];
  }
};
