import { existsSync } from 'node:fs';
import { readFeedState } from '../../active-response/operator/feed-state.ts';
import { loadCrowdsecSettings } from '../../active-response/settings/crowdsec-settings.ts';
import { attempt, RiposteError } from '../../base/errors.ts';
import { holderOf } from '../../base/lock.ts';
import { feedLock } from '../../serve/crowdsec/feed-client.ts';
import { keyFile, passwordFile, readSecret } from '../../serve/crowdsec/secrets.ts';
import { type Judged, ok, problem } from '../finding.ts';
import type { Check } from './check.ts';

/** The maximum age of the last pull: the sum of LATE milliseconds and POLLS times CROWDSEC_POLL. */
const LATE = 120_000;
const POLLS = 3;

/**
 * Checks the feed from CrowdSec if it is set up: valid settings, secrets that only root can read, and a recent pull.
 */
export const crowdsec: Check = ({ home, isRoot, now }) => {
  const wrong: Judged[] = [];
  const settings = loadCrowdsecSettings(home.settings, (message) =>
    wrong.push(problem(`${message}: Riposte carries out no decision of CrowdSec`, 'correct that line')),
  );
  const state = readFeedState(home);
  const isRunning = holderOf(feedLock(home).file) !== undefined;
  if (!isRoot || (settings.crowdsecUrl === '' && !isRunning)) return wrong;
  const isByLines = state?.from === 'stdin';
  const secret = (file: string, key: string, fix: string) => {
    const text = attempt(() => readSecret(file, key));
    if (text instanceof RiposteError)
      wrong.push(problem(text.message, existsSync(file) ? `chown root ${file} && chmod 600 ${file}` : fix));
  };
  if (!isByLines)
    secret(keyFile(home, settings), 'CROWDSEC_KEY_FILE', 'cscli bouncers add NAME -o raw prints a key');
  if (settings.crowdsecMachine !== '')
    secret(passwordFile(home, settings), 'CROWDSEC_PASSWORD_FILE', 'cscli machines add NAME sets a password');
  if (state === undefined)
    return [
      ...wrong,
      problem(
        'no process has pulled from CrowdSec yet',
        'start or restart riposte serve, or start riposte feed',
      ),
    ];
  const { pulled, problem: why, reportProblem, decisions, from } = state;
  const age = now - Date.parse(pulled ?? '');
  if (why !== undefined)
    wrong.push(problem(why, 'see what riposte doctor, without --skip-test, says about the LAPI'));
  else if (!isByLines && !(age < LATE + POLLS * settings.crowdsecPoll * 1000))
    wrong.push(
      problem(
        pulled === undefined
          ? `no process has pulled from ${from} yet`
          : `no process has pulled from ${from} since ${pulled}`,
        'start or restart riposte serve, or start riposte feed',
      ),
    );
  if (reportProblem !== undefined)
    wrong.push(
      problem(
        reportProblem,
        'correct the cause; the blocks wait in the journal, and Riposte reports them later',
      ),
    );
  return wrong.length > 0
    ? wrong
    : [ok(`addresses and networks from ${from}: ${decisions}, last pulled at ${pulled}`)];
};
