import { existsSync } from 'node:fs';
import { RiposteError } from '../../base/errors.ts';
import { readIfThere } from '../../base/files.ts';
import { type Judged, orOk, problem, warning } from '../finding.ts';
import type { Check } from './check.ts';

/**
 * Checks that riposte.conf has no invalid line, because such a line stops all blocks, and that it sets no key twice,
 * because only the last line of a key counts.
 */
export const settings: Check = ({ settingsErrors, home }) => {
  const wrong = settingsErrors.map((message) =>
    problem(
      `${message}: Riposte blocks nobody until you correct that line`,
      'correct that line, or put # before it',
    ),
  );
  const file = home.settings.find((each) => existsSync(each));
  return orOk(
    [...wrong, ...(file === undefined ? [] : setTwice(file))],
    file === undefined ? 'no riposte.conf: every setting has its default' : `${file} is valid`,
  );
};

function setTwice(file: string): Judged[] {
  const linesOf = new Map<string, number[]>();
  for (const [index, line] of linesIn(file).entries()) {
    const key = /^\s*([\w-]+)\s*=/.exec(line)?.[1];
    if (key !== undefined) linesOf.set(key, [...(linesOf.get(key) ?? []), index + 1]);
  }
  return [...linesOf]
    .filter(([, lines]) => lines.length > 1)
    .map(([key, lines]) =>
      warning(
        `${file} sets ${key} in lines ${lines.join(', ')}: only line ${lines.at(-1)} counts`,
        `put the whole value of ${key} into one line, and remove the others`,
      ),
    );
}

/** Returns no lines if the file cannot be read: the examination has reported the error. */
function linesIn(file: string): string[] {
  try {
    return (readIfThere(file) ?? '').split(/\r?\n/);
  } catch (error) {
    if (error instanceof RiposteError) return [];
    throw error;
  }
}
