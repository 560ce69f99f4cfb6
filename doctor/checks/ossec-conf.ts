import { lineOf, sections } from '../conf.ts';
import { isWazuh5 } from '../examination.ts';
import { type Judged, orOk, problem } from '../finding.ts';
import type { Check } from './check.ts';

/** Checks that ossec.conf is valid and does not turn execd off. */
export const ossecConf: Check = ({ manager, conf, confError, home }) => {
  if (manager === undefined || (isWazuh5(manager) && manager.role === 'server')) return [];
  // Do not run analysisd -t: it rewrites ar.conf, and a server sends that file to its agents.
  if (confError !== undefined)
    return [problem(confError, 'correct that line, then run riposte doctor again')];
  if (conf === undefined)
    return [
      problem(`there is no ${home.ossecConf}`, 'restore it from a backup, or install the manager again'),
    ];
  // execd obeys the first <disabled> of any <active-response> (ExecdConfig, both managers).
  const disabled = sections(conf, 'active-response')
    .flatMap(({ children }) => children)
    .find(({ name }) => name === 'disabled');
  const wrong: Judged[] =
    disabled?.text.trim() === 'yes'
      ? [
          problem(
            `${conf.file}: active responses are disabled on this host (${lineOf(disabled)})`,
            `<disabled>no</disabled> there, then restart the manager`,
          ),
        ]
      : [];
  return orOk(wrong, `${conf.file} can be read; active responses are on`);
};
