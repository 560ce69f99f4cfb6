import { EX, RiposteError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { SETTINGS, settingOf, type Table } from '../settings/settings.ts';

/** The parsed words after a script's name. */
export interface CommandLine {
  readonly mode: 'help' | 'version' | 'list' | 'sweep' | 'arguments' | 'message';
  /** In the mode `arguments`: OSSEC's words, from `add` or `delete` on. */
  readonly words: readonly string[];
  readonly dryRun: boolean;
  /** Settings given as flags, without the hyphens. */
  readonly flags: ReadonlyMap<string, string>;
  /** The program that asks, such as fail2ban, and its name for the reason: `fail2ban:sshd`. */
  readonly origin?: string | undefined;
}

/**
 * Separates OSSEC's arguments from flags. Does not use minimist: an attacker may choose user and address (`-rf` and
 * `--help` pass OSSEC's filter for user names), so only their position counts. Flags come before `add`, right after
 * the address, or at the very end.
 *
 * @param own the response's own settings
 * @throws RiposteError (USAGE)
 */
export function parseCommandLine(argv: readonly string[], own?: Table): CommandLine {
  const start = argv.findIndex((word) => word === 'add' || word === 'delete');
  const leading = start === -1 ? argv : argv.slice(0, start);
  const words = start === -1 ? [] : argv.slice(start);
  const trailing = words.splice(startOfFlags(words, { ...SETTINGS, ...own }));
  const flags = parseFlags([...leading, ...trailing]);
  const take = (name: string) => flags.delete(name);
  const dryRun = take('dry-run');
  const [asked] = (['help', 'version', 'list', 'sweep'] as const).filter(take);
  const origin = start === -1 ? {} : originIn(flags);
  return { mode: asked ?? (start === -1 ? 'message' : 'arguments'), words, dryRun, flags, ...origin };
}

/** Takes --origin out of the flags. @throws RiposteError (USAGE) for another form */
function originIn(flags: Map<string, string>): Pick<CommandLine, 'origin'> {
  const origin = flags.get('origin');
  flags.delete('origin');
  if (origin === undefined) return {};
  if (/^[a-z\d]{1,20}:[\w.@-]{1,60}$/i.test(origin)) return { origin };
  const form = 'PROGRAM:NAME, such as fail2ban:sshd';
  throw new RiposteError(EX.USAGE, `--origin must be ${form}, not '${printable(origin, 80)}'`);
}

/**
 * Finds the end of OSSEC's words. The location, split at its spaces, follows the alert id. The location of a command
 * may contain options of that command (`output: 'netstat --numeric'`). So flags after the alert id count only if all of
 * them, up to the end, are our own.
 */
function startOfFlags(words: readonly string[], table: Table): number {
  if (words[3]?.startsWith('--')) return 3;
  const first = words.findIndex((word, index) => index > 3 && /^--[a-z]/.test(word));
  return first !== -1 && areOurs(words.slice(first), table) ? first : words.length;
}

function areOurs(words: readonly string[], table: Table): boolean {
  try {
    return [...parseFlags(words).keys()].every(
      (name) => SWITCHES.has(name) || settingOf(name, table) !== undefined,
    );
  } catch {
    return false;
  }
}

const SWITCHES = new Set(['help', 'version', 'list', 'sweep', 'dry-run']);

/**
 * Parses `--name value`, `--name=value` and the switches into a map from name to value, for the command line and for
 * Wazuh's extra_args.
 *
 * @throws RiposteError (USAGE) for a word that is not a flag and for a flag without its value
 */
export function parseFlags(words: readonly string[]): Map<string, string> {
  const flags = new Map<string, string>();
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const [, name, , inline] = /^--([a-z][a-z\d-]*)(=(.*))?$/s.exec(word) ?? [];
    if (name === undefined) {
      throw new RiposteError(
        EX.USAGE,
        `'${printable(word, 40)}' is neither add, delete nor an option (see --help)`,
      );
    }
    if (SWITCHES.has(name) && inline !== undefined)
      throw new RiposteError(EX.USAGE, `--${name} takes no value`);
    const value = SWITCHES.has(name) ? '' : (inline ?? words[++index]);
    if (value === undefined) throw new RiposteError(EX.USAGE, `--${name} needs a value (see --help)`);
    flags.set(name, value);
  }
  return flags;
}
