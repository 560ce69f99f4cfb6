import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseEnv } from 'node:util';
import { changeableByOthers } from '../../base/changeable-by-others.ts';
import { debug } from '../../base/debug.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { readIfThere } from '../../base/files.ts';
import { printable } from '../../base/printable.ts';
import { SERVER_KEYS } from './server-keys.ts';
import { SETTINGS, type Setting, type Settings, settingOf, type Table, type ValuesOf } from './settings.ts';

/** Settings from the command line or Wazuh's extra_args: flags' names without hyphens, and their values. */
export type Flags = ReadonlyMap<string, string>;

/** A file of settings: its path, or the path and the text of a file that is not in its place yet. */
export type SettingsFile = string | { readonly path: string; readonly text: string };

/** Loads the settings of the responses, like loadTable. @param own a response's own settings */
export const loadSettings = (
  files: readonly SettingsFile[],
  flags: Flags,
  ignore?: (message: string) => void,
  own?: Table,
): Settings => loadTable({ ...SETTINGS, ...own }, files, flags, ignore) as Settings;

/**
 * Loads the settings of a table: defaults, then the first of `files` that exists, then `flags`. Paths of programs and
 * files that root uses count only in a file that root alone can change. They are read from all of `files`, and the
 * first file that sets a path counts.
 *
 * @param table the known settings; lines about another table's settings are skipped
 * @param ignore takes the message for a wrong line of a file, which is then ignored. Without it, a wrong line is an
 * error. (Unblocking must not fail because of a typing error in a setting for blocking.)
 * @throws RiposteError (CONFIG) naming file, line and key; (USAGE) naming the flag
 */
export function loadTable<T extends Table>(
  table: T,
  files: readonly SettingsFile[],
  flags: Flags,
  ignore?: (message: string) => void,
): ValuesOf<T> {
  const settings: Record<string, unknown> = {};
  for (const name in table) settings[name] = table[name]?.initial;
  for (const { name, text, origin, isFlag } of [
    ...inFile(table, files, ignore ?? refuse),
    ...inFlags(table, flags),
  ]) {
    const { parse, form } = table[name] as Setting<unknown>;
    const value = parse(text);
    if (value !== undefined) settings[name] = value;
    else if (isFlag) throw new RiposteError(EX.USAGE, wrongValue(origin, text, parse, form));
    else (ignore ?? refuse)(wrongValue(origin, text, parse, form));
  }
  return settings as ValuesOf<T>;
}

/**
 * The error for a wrong value; for a list it names the wrong item.
 *
 * @param origin the file, line and key, or the flag
 * @param parse parses one value
 * @param form the expected form, in words
 */
export function wrongValue(
  origin: string,
  text: string,
  parse: (text: string) => unknown,
  form: string,
): string {
  const items = text.split(',').map((item) => item.trim());
  const isList = items.length > 1 && Array.isArray(parse(''));
  const wrong = isList ? items.find((item) => item !== '' && parse(item) === undefined) : undefined;
  const which = wrong === undefined ? '' : `; '${printable(wrong, 80)}' is wrong`;
  return `${origin} is '${printable(text, 80)}', but must be ${form}${which}`;
}

/** A setting in a file or flag: its text and its origin. */
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

function inFile(table: Table, files: readonly SettingsFile[], complain: (message: string) => void): Given[] {
  const found: Given[] = [];
  let isFirst = true;
  for (const file of files) {
    const { path, text } = typeof file === 'string' ? { path: file, text: readIfThere(file) } : file;
    debug('settings', () => `${path}: ${text === undefined ? 'is not there' : 'is read'}`);
    if (text === undefined) continue;
    const given = inText(table, path, text, isFirst ? complain : () => {});
    found.unshift(...given.filter(({ name, text }) => isFirst || isRoots(table, name, text)));
    isFirst = false;
  }
  return found;
}

/**
 * True when a value is the path of a program or file that root uses, or the URL to which one of root's secrets is sent.
 */
const isRoots = (table: Table, name: string, text: string): boolean =>
  table[name]?.isRoots === true && /^(?:\/|https?:)/.test(text);

/** Suggests a known key for an unknown one: the key with the longest common beginning. */
function instead(key: string, table: Table): string {
  if (/^LOG_FORMATS?(_|$)/.test(key)) return '; set your own format by LOG_FORMAT_NAME=apache:… or nginx:…';
  const known = [...Object.values(table).map((setting) => setting.key), ...SERVER_KEYS];
  const [nearest] = known.sort((a, b) => commonStart(b, key) - commonStart(a, key));
  const isLike =
    nearest !== undefined && commonStart(nearest, key) * 4 >= Math.max(nearest.length, key.length) * 3;
  return isLike ? `; do you mean ${nearest}?` : '';
}

/** The length of two words' common beginning. */
function commonStart(a: string, b: string): number {
  let count = 0;
  while (count < a.length && a[count] === b[count]) count++;
  return count;
}

/** True when the line is about a setting of the table. */
function belongsTo(table: Table, line: string): boolean {
  const user = userOf(/^\s*(\w*)/.exec(line)?.[1] ?? '');
  return Object.values(table).some(({ key }) => userOf(key) === user);
}

/** The name of the table with this key. An unknown key counts as a key of all responses. */
function userOf(key: string): string {
  const [own] = /^(MAIL|CROWDSEC|ABUSEIPDB|GEOIP|APACHE|NGINX|HAPROXY|CLOUDFLARE)_/.exec(key) ?? [];
  return own ?? (SERVER_KEYS.includes(key) ? 'server' : 'responses');
}

/** @param why the reason why another account can change the file of a setting */
const notTrusted = (why: string): string =>
  `names a program, file or server for root, and counts only in a file that root alone can change; ${why}: move the line to /etc/riposte.conf`;

function inText(table: Table, file: string, text: string, complain: (message: string) => void): Given[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    // own-formats.ts reads the log formats; responses do not need them.
    if (/^\s*(#|$|LOG_FORMAT_[\w-]+\s*=)/.test(line) || !belongsTo(table, line)) return [];
    const at = `${file}:${index + 1}`;
    const key = /^\s*(\w+)\s*=/.exec(line)?.[1];
    const name = Object.keys(table).find((each) => table[each]?.key === key);
    if (key === undefined || name === undefined) {
      const what =
        key === undefined
          ? `'${printable(line, 80)}' is not KEY=value`
          : `unknown key ${printable(key, 40)}${instead(key, table)}`;
      complain(`${at}: ${what}`);
      return [];
    }
    const value = (parseEnv(`${line.trim()}\n`)[key] ?? '').trim();
    const why = isRoots(table, name, value) && changeableByOthers(existsSync(file) ? file : dirname(file));
    if (why) complain(`${at}: ${key} ${notTrusted(why)}`);
    return why ? [] : [{ name, text: value, origin: `${at}: ${key}` }];
  });
}
