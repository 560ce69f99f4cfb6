import { existsSync } from 'node:fs';
import { alertsFileOf } from '../../install/desired-files.ts';
import { isServerOfWazuh5, isWazuh5 } from '../examination.ts';
import { orOk, problem, warning } from '../finding.ts';
import { localFiles, reads } from '../local-files.ts';
import type { Check } from './check.ts';

/**
 * Checks that logcollector reads active-responses.log: otherwise rules 117000 to 117007 never fire. On an agent of
 * Wazuh 5, also checks that logcollector reads the alerts of riposte serve: Riposte does not change the ossec.conf of
 * such an agent.
 */
export const monitored: Check = (examined) => {
  const { manager, conf, home } = examined;
  if (manager === undefined || conf === undefined || isServerOfWazuh5(manager)) return [];
  const files = localFiles(examined);
  const fix = `<localfile><log_format>syslog</log_format><location>${home.activeResponsesLog}</location></localfile>`;
  if (!reads(files, home.activeResponsesLog)) {
    return [
      problem(
        `${conf.file}: nothing reads ${home.activeResponsesLog}: the manager does not see blocks and unblocks`,
        fix,
      ),
    ];
  }
  const wrong = files.filter((each) => reads([each], home.activeResponsesLog) && each.format !== 'syslog');
  const judged = wrong.map(({ format }) =>
    warning(`${conf.file}: ${home.activeResponsesLog} is read as ${format}`, fix),
  );
  const alerts = alertsFileOf(home);
  if (isWazuh5(manager) && existsSync(alerts) && !reads(files, alerts))
    judged.push(
      warning(
        `${conf.file}: nothing reads ${alerts}: Wazuh does not show the alerts of riposte serve`,
        `<localfile><log_format>syslog</log_format><location>${alerts}</location></localfile>`,
      ),
    );
  return orOk(judged, `logcollector reads ${home.activeResponsesLog}`);
};
