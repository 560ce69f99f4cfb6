import { statSync } from 'node:fs';
import { isWazuh5, restartOf } from '../examination.ts';
import { type Judged, orOk, problem } from '../finding.ts';
import { decodersLoaded, rulesLoaded } from '../loaded.ts';
import type { Check } from './check.ts';

/** A file counts as changed since the start if it is newer than the pid file by more than this, in milliseconds. */
const TOLERANCE = 1000;

/** Checks that the manager runs, and that its configuration has not changed since it started. */
export const processes: Check = (examined) => {
  const { manager, daemons, home, conf, decides } = examined;
  if (manager === undefined || (isWazuh5(manager) && manager.role === 'server')) return [];
  const needed = ['execd', 'logcollector', ...(manager.role === 'agent' ? ['agentd'] : ['analysisd'])];
  const restart = restartOf(examined);
  const absent = needed.filter((name) => !daemons.some((daemon) => daemon.name === name));
  const read = [
    ...(conf === undefined ? [] : [conf.file]),
    ...(decides ? [...rulesLoaded(examined).files, ...decodersLoaded(examined).files] : []),
  ];
  const wrong: Judged[] = absent.map((name) => problem(`${examined.dialect}-${name} does not run`, restart));
  for (const { name, started } of daemons.filter((daemon) => needed.includes(daemon.name))) {
    // Only analysisd reads rules and decoders.
    const files = name === 'analysisd' ? read : read.slice(0, 1);
    const newer = files.find((file) => statSync(file).mtimeMs > started + TOLERANCE);
    if (newer !== undefined)
      wrong.push(problem(`${newer} has changed since ${examined.dialect}-${name} started`, restart));
  }
  return orOk(wrong, `${needed.join(', ')} run, and have read ${home.ossecConf} as it is now`);
};
