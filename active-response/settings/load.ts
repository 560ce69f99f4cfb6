import { parseEnv } from 'node:util';
import { EX, RiposteError } from '../errors.ts';
import { readIfThere } from '../files.ts';
import { printable } from '../printable.ts';
import { SETTINGS, type SettingName, type Settings, settingOf } from './settings.ts';

/** What a person or Wazuh's extra_args said: a flag's name without hyphens, and its value. */
export type Flags = ReadonlyMap<string, string>;

/**
 * The settings in force: defaults, then the first of `files` that exists, then `flags`.
 *
 * @throws RiposteError (CONFIG) naming file, line and key; (USAGE) naming the flag
 */
export function loadSettings(files: readonly string[], flags: Flags): Settings {
  const settings: Record<string, unknown> = {};
  for (const name in SETTINGS) settings[name] = SETTINGS[name as SettingName].initial;
  for (const { name, text, origin } of [...inFile(files), ...inFlags(flags)]) {
    const { parse, form } = SETTINGS[name];
    const value = parse(text);
    if (value === undefined) {
      throw new RiposteError(codeFor(origin), `${origin}: '${printable(text, 80)}' is not ${form}`);
    }
    settings[name] = value;
  }
  return settings as Settings;
}

/** A setting that somebody has made: its text as it stands there, and where that is. */
interface Given {
  readonly name: SettingName;
  readonly text: string;
  readonly origin: string;
}

const codeFor = (from: string) => (from.startsWith('--') ? EX.USAGE : EX.CONFIG);

function inFlags(flags: Flags): Given[] {
  return [...flags].map(([flag, text]) => {
    const name = settingOf(flag);
    if (name === undefined)
      throw new RiposteError(EX.USAGE, `unknown option --${printable(flag, 40)} (see --help)`);
    return { name, text, origin: `--${flag}` };
  });
}

function inFile(files: readonly string[]): Given[] {
  for (const file of files) {
    const text = readIfThere(file);
    if (text !== undefined) return inText(file, text);
  }
  return [];
}

function inText(file: string, text: string): Given[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (/^\s*(#|$)/.test(line)) return [];
    const at = `${file}:${index + 1}`;
    const key = /^\s*(\w+)\s*=/.exec(line)?.[1];
    if (key === undefined)
      throw new RiposteError(EX.CONFIG, `${at}: '${printable(line, 80)}' is not KEY=value`);
    const name = (Object.keys(SETTINGS) as SettingName[]).find((each) => SETTINGS[each].key === key);
    if (name === undefined) throw new RiposteError(EX.CONFIG, `${at}: unknown key ${printable(key, 40)}`);
    return [{ name, text: (parseEnv(`${line.trim()}\n`)[key] ?? '').trim(), origin: `${at}: ${key}` }];
  });
}
