import { isatty } from 'node:tty';
import { unansweredNames } from '../../active-response/allow/allowed-names.ts';
import { readEntries } from '../../active-response/guard/entries.ts';
import { holdsPrivate, protectedBecause } from '../../active-response/guard/guard.ts';
import { readBytes } from '../../active-response/guard/rewrite.ts';
import { sshPeer } from '../../active-response/guard/ssh-peer.ts';
import { whiteListOf } from '../../active-response/guard/white-list.ts';
import type { Settings } from '../../active-response/settings/settings.ts';
import { counted } from '../../base/counted.ts';
import { RiposteError } from '../../base/errors.ts';
import { realExecutor } from '../../base/execute.ts';
import { ok, problem, warning } from '../finding.ts';
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
    const whiteList = whiteListOf(conf?.text);
    const inWhiteList = whiteList.length === 0 ? '' : `, and ${whiteList.length} of white_list in ossec.conf`;
    const patterns = whiteList
      .filter(({ text, address, name }) => !address && !name && !/^\^?localhost/.test(text))
      .map(({ text }) =>
        warning(
          `${conf?.file}: white_list has ${text}, which is neither an address nor a name: Riposte does not read patterns`,
          'allow the addresses that the pattern matches: riposte allow ADDRESS',
        ),
      );
    const open = sshPeer(
      env,
      [0, 1, 2].some((each) => isatty(each)),
    ).filter((peer) => protectedBecause(peer, around) === undefined);
    const unanswered = unansweredNames(home).map((each) =>
      warning(each, 'correct the name or its zone; or allow an address instead: riposte allow ADDRESS'),
    );
    if (open.length + unanswered.length === 0)
      return [
        ...patterns,
        ok(
          `${home.allowList}: ${counted(length, 'entry', 'entries')}${inWhiteList}; private addresses ${privatePolicy(settings)}`,
        ),
      ];
    const couldBlock = open.map(({ text }) =>
      problem(
        `you are logged in from ${text}, and a response could block this address`,
        `riposte allow ${text}`,
      ),
    );
    return [...couldBlock, ...unanswered];
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    return [
      problem(
        `${error.message}: Riposte blocks nobody until you correct that line`,
        'correct that line, or put # before it',
      ),
    ];
  }
};

const privatePolicy = ({ allowPrivate }: Pick<Settings, 'allowPrivate'>): string =>
  allowPrivate === 'auto'
    ? 'may be blocked by managers, not by serve and scan (ALLOW_PRIVATE=auto)'
    : `${allowPrivate === 'yes' ? 'are never' : 'may be'} blocked (ALLOW_PRIVATE=${allowPrivate})`;
