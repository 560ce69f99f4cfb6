import { ourResponses, SCRIPTS } from '../active-responses.ts';
import { isWazuh5, restartOf } from '../examination.ts';
import { orOk, problem, warning } from '../finding.ts';
import type { Check } from './check.ts';

/**
 * The time within which an agent gets the server's files, in milliseconds: the server sends them at the agent's next
 * keep-alive message, every 10 minutes.
 */
const FETCHING = 660_000;

/** Checks that ar.conf, execd's list of commands, names Riposte's scripts. analysisd writes it; agents get it from the server. */
export const arConf: Check = (examined) => {
  const { manager, arConf: text, home, conf, decides, daemons, now } = examined;
  if (manager === undefined || isWazuh5(manager)) return [];
  const lines = (text ?? '').split('\n').map((line) => line.split(' - ').map((field) => field.trim()));
  const ours = lines.filter(([, executable = '']) => SCRIPTS.includes(executable));
  const seen = `${home.arConf}: ${ours.map(([name]) => name).join(', ')}`;
  if (decides) {
    const wanted = ourResponses(conf).filter(({ isDisabled }) => !isDisabled);
    const missing = wanted.flatMap(({ command, timeout, runs }) => {
      const name = `${command}${timeout}`;
      return ours.some(([has, script]) => has === name && script === runs?.executable) ? [] : name;
    });
    const wrong = [...new Set(missing)].map((name) =>
      problem(
        `${home.arConf} has no ${name}: analysisd has not read the last change of ossec.conf`,
        restartOf(examined),
      ),
    );
    return wanted.length === 0 ? [] : orOk(wrong, seen);
  }
  const started = daemons.find(({ name }) => name === 'agentd')?.started;
  if (text === undefined && started !== undefined && now - started < FETCHING)
    return [
      warning(
        `there is no ${home.arConf} yet: the server sends its list of responses within some minutes of this agent’s start`,
        'run riposte doctor again in a few minutes',
      ),
    ];
  const why =
    text === undefined
      ? `there is no ${home.arConf}: the server has not sent its list of responses`
      : `${home.arConf}, the server’s list of responses, names no script of Riposte`;
  const fix = `on the manager: riposte install, then restart the manager; then on this host: ${restartOf(examined)}`;
  return orOk(ours.length === 0 ? [problem(why, fix)] : [], seen);
};
