import { parseEnv } from 'node:util';
import { EX, RiposteError } from '../errors.ts';
import { readIfThere } from '../files.ts';
import { printable } from '../printable.ts';
import { flagOf, SETTINGS, type Settings } from './settings.ts';

/** What a person or Wazuh's extra_args said: a flag's name without hyphens, and its value. */
export type Flags = ReadonlyMap<string, string>;

/**
 * The settings in force: defaults, then the first of `files` that exists, then `flags`.
 *
 * @throws RiposteError (CONFIG) naming file, line and key; (USAGE) naming the flag
 */
export function loadSettings(files: readonly string[], flags: Flags): Settings {
  const values = new Map(Object.entries(SETTINGS).map(([name, { fallback }]) => [name, fallback]));
  const origin = new Map<string, string>();
  for (const file of files) {
    const text = readIfThere(file);
    if (text === undefined) continue;
    readFile(file, text, values, origin);
    break;
  }
  for (const [flag, value] of flags) {
    const name = Object.keys(SETTINGS).find((candidate) => flagOf(candidate) === flag);
    if (name === undefined)
      throw new RiposteError(EX.USAGE, `unknown option --${printable(flag, 40)} (see --help)`);
    values.set(name, value);
    origin.set(name, `--${flag}`);
  }
  const parsed = Object.entries(SETTINGS).map(([name, { parse, form }]) => {
    const text = values.get(name) ?? '';
    const value = parse(text);
    const from = origin.get(name) ?? name;
    if (value === undefined)
      throw new RiposteError(codeFor(from), `${from}: '${printable(text, 80)}' is not ${form}`);
    return [name, value];
  });
  return Object.fromEntries(parsed) as Settings;
}

const codeFor = (from: string) => (from.startsWith('--') ? EX.USAGE : EX.CONFIG);

function readFile(
  file: string,
  text: string,
  values: Map<string, string>,
  origin: Map<string, string>,
): void {
  const read = parseEnv(text);
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const at = `${file}:${index + 1}`;
    const key = /^\s*(\w+)\s*=/.exec(line)?.[1];
    if (key === undefined)
      throw new RiposteError(EX.CONFIG, `${at}: '${printable(line, 80)}' is not KEY=value`);
    const name = Object.entries(SETTINGS).find(([, candidate]) => candidate.key === key)?.[0];
    if (name === undefined) throw new RiposteError(EX.CONFIG, `${at}: unknown key ${printable(key, 40)}`);
    values.set(name, (read[key] ?? '').trim());
    origin.set(name, `${at}: ${key}`);
  }
}
