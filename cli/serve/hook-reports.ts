import { parseTarget } from '../../active-response/address.ts';
import type { Executor } from '../../active-response/backend/execute.ts';
import type { Place } from '../../active-response/circumstances.ts';
import { RiposteError } from '../../active-response/errors.ts';
import { readIfThere } from '../../active-response/files.ts';
import { protectedBecause } from '../../active-response/guard/guard.ts';
import type { Found } from './judge.ts';
import { type Counters, listenForReports } from './report-socket.ts';
import { LIMITS } from './socket/limits.ts';
import type { Report } from './socket/report.ts';

/** Our rule for what ModSecurity denies: the same that the line in its log would get. */
const RULE = { rule: 117015, level: 10, description: 'Riposte: request denied by ModSecurity.' } as const;

/**
 * Listens for what ModSecurity's hook reports, and answers a report like an alert of our rules. Neither how nor how
 * long to block is for a report to say.
 *
 * @throws as `listenForReports` does
 */
export function listenForHook(
  place: Place,
  counters: Counters,
  found: (found: Found) => void,
): Promise<{ close(): Promise<void> }> {
  const { hookDirectory: directory, hookGroup: group } = place.settings;
  return listenForReports({
    directory,
    group,
    limits: LIMITS,
    counters,
    onReport: (report) => {
      if (isProtected(report, place)) return 'allowed';
      found(foundBy(report));
      return 'accepted';
    },
  });
}

/**
 * Without a look at the routes, which takes a program: the thread that blocks looks once more. It also says what
 * is wrong with an allow list that cannot be read, blocks nobody then, and tries again.
 */
function isProtected({ address }: Report, { home, env, settings }: Place): boolean {
  const { allowPrivate } = settings;
  try {
    const ossecConf = readIfThere(home.ossecConf);
    const around = { home, env, ossecConf, allowPrivate, byHand: 'no', executor: NO_PROGRAMS } as const;
    return protectedBecause(parseTarget(address), around) !== undefined;
  } catch (error) {
    if (error instanceof RiposteError) return false;
    throw error;
  }
}

const NOTHING = { ok: false, stdout: '', stderr: '', message: '' };

const NO_PROGRAMS: Executor = {
  dryRun: true,
  run: () => NOTHING,
  look: () => NOTHING,
  remark: () => {},
  edit: () => {},
};

const foundBy = ({ address, requestLine = '', ruleId, message, uniqueId }: Report): Found => ({
  ...RULE,
  address,
  time: Math.floor(Date.now() / 1000),
  line: [ruleId && `[id "${ruleId}"]`, message, requestLine, uniqueId].filter(Boolean).join(' '),
  location: 'ModSecurity',
});
