import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

export type Label = 'attacker' | 'ordinary';

/** A log whose sources are known to be attackers or ordinary visitors. */
export interface LabelledLog {
  readonly name: string;
  readonly file: string;
  /** By address. Sources without a label are not counted. */
  readonly labels: ReadonlyMap<string, Label>;
}

/** The labels of `access.log` are in `access.log.labels`. */
const ENDING = '.labels';

/** The logs of a directory that have labels. @throws Error that names a wrong line */
export function labelledLogs(directory: string): LabelledLog[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(ENDING) && existsSync(join(directory, basename(name, ENDING))))
    .sort()
    .map((name) => ({
      name: basename(name, ENDING),
      file: join(directory, basename(name, ENDING)),
      labels: labelsIn(join(directory, name)),
    }));
}

/** Each line holds an address, a tab, and `attacker` or `ordinary`; further columns are remarks. */
function labelsIn(file: string): ReadonlyMap<string, Label> {
  const labels = new Map<string, Label>();
  readFileSync(file, 'utf8')
    .split('\n')
    .forEach((line, i) => {
      if (line === '' || line.startsWith('#')) return;
      const [address = '', label = ''] = line.split('\t');
      if (label !== 'attacker' && label !== 'ordinary')
        throw new Error(`${file}:${i + 1}: '${label}' is neither attacker nor ordinary`);
      labels.set(address, label);
    });
  return labels;
}
