import { existsSync } from 'node:fs';
import { orOk, problem } from '../finding.ts';
import type { Check } from './check.ts';

/** riposte.conf has no wrong line: with one, nobody is blocked. */
export const settings: Check = ({ settingsErrors, home }) => {
  const wrong = settingsErrors.map((message) =>
    problem(`${message}: nobody is blocked until that is right`, 'correct that line, or put # before it'),
  );
  const file = home.settings.find((each) => existsSync(each));
  return orOk(
    wrong,
    file === undefined ? 'no riposte.conf: every setting has its default' : `${file} is right`,
  );
};
