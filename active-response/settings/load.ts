import { parseEnv } from 'node:util';
import { EX, RiposteError } from '../errors.ts';
import { readIfThere } from '../files.ts';
import { printable } from '../printable.ts';
import { SETTINGS, type Setting, type Settings, settingOf } from './settings.ts';

/** What a person or Wazuh's extra_args said: a flag's name without hyphens, and its value. */
export type Flags = ReadonlyMap<string, string>;

/**
 * The settings in force: defaults, then the first of `files` that exists, then `flags`.
 *
 * @param ignore takes the message for a wrong line of a file, which then does not count; without it that is an
 * error. To unblock somebody must not fail for a typing error in a setting for blocking.
 * @param table the settings that there are; a line about one of another table is not looked at
 * @throws RiposteError (CONFIG) naming file, line and key; (USAGE) naming the flag
 */
export function loadSettings(
  files: readonly string[],
  flags: Flags,
  ignore?: (message: string) => void,
  table: Table = SETTINGS,
): Settings {
  const settings: Record<string, unknown> = {};
  for (const name in table) settings[name] = table[name]?.initial;
  for (const { name, text, origin, isFlag } of [
    ...inFile(table, files, ignore ?? refuse),
    ...inFlags(table, flags),
  ]) {
    const { parse, form } = table[name] as Setting<unknown>;
    const value = parse(text);
    if (value !== undefined) settings[name] = value;
    else if (isFlag)
      throw new RiposteError(EX.USAGE, `${origin} is '${printable(text, 80)}', but must be ${form}`);
    else (ignore ?? refuse)(`${origin} is '${printable(text, 80)}', but must be ${form}`);
  }
  return settings as Settings;
}

type Table = Readonly<Record<string, Setting<unknown>>>;

/** A setting that somebody has made: its text as it stands there, and where that is. */
interface Given {
  readonly name: string;
  readonly text: string;
  readonly origin: string;
  readonly isFlag?: boolean;
}

function refuse(message: string): never {
  throw new RiposteError(EX.CONFIG, message);
}

function inFlags(table: Table, flags: Flags): Given[] {
  return [...flags].map(([flag, text]) => {
    const name = settingOf(flag, table);
    if (name === undefined)
      throw new RiposteError(EX.USAGE, `unknown option --${printable(flag, 40)} (see --help)`);
    return { name, text, origin: `--${flag}`, isFlag: true };
  });
}

function inFile(table: Table, files: readonly string[], complain: (message: string) => void): Given[] {
  for (const file of files) {
    const text = readIfThere(file);
    if (text !== undefined) return inText(table, file, text, complain);
  }
  return [];
}

function inText(table: Table, file: string, text: string, complain: (message: string) => void): Given[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    // Keys of mail are email-alert's alone: mail-settings.ts.
    if (/^\s*MAIL_/.test(line) === (table === SETTINGS) || /^\s*(#|$)/.test(line)) return [];
    const at = `${file}:${index + 1}`;
    const key = /^\s*(\w+)\s*=/.exec(line)?.[1];
    const name = Object.keys(table).find((each) => table[each]?.key === key);
    if (key === undefined || name === undefined) {
      const what =
        key === undefined ? `'${printable(line, 80)}' is not KEY=value` : `unknown key ${printable(key, 40)}`;
      complain(`${at}: ${what}`);
      return [];
    }
    const value = (parseEnv(`${line.trim()}\n`)[key] ?? '').trim();
    return [{ name, text: value, origin: `${at}: ${key}` }];
  });
}
