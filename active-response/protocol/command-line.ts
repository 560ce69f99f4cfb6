import { EX, RiposteError } from '../errors.ts';
import { printable } from '../printable.ts';

/** What the words behind a script's name ask for. */
export interface CommandLine {
  readonly mode: 'help' | 'version' | 'list' | 'arguments' | 'message';
  /** For `arguments`: OSSEC's words, from `add` or `delete` on. */
  readonly words: readonly string[];
  readonly dryRun: boolean;
  /** Settings given as flags, without the hyphens. */
  readonly flags: ReadonlyMap<string, string>;
}

/**
 * Tells OSSEC's arguments from flags. Not minimist: the three words behind `add` are an attacker's at worst
 * (`-rf` and `--help` pass OSSEC's filter for user names), so they count by their place alone.
 *
 * @throws RiposteError (USAGE)
 */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const start = argv.findIndex((word) => word === 'add' || word === 'delete');
  const leading = start === -1 ? argv : argv.slice(0, start);
  const words = start === -1 ? [] : argv.slice(start, start + 3);
  const rest = start === -1 ? [] : argv.slice(start + 3);
  const firstFlag = rest.findIndex((word) => word.startsWith('--'));
  const plain = firstFlag === -1 ? rest : rest.slice(0, firstFlag);
  const trailing = firstFlag === -1 ? [] : rest.slice(firstFlag);
  const flags = parseFlags([...leading, ...trailing]);
  const take = (name: string) => flags.delete(name);
  const [help, version, list, dryRun] = [take('help'), take('version'), take('list'), take('dry-run')];
  const mode = help ? 'help' : version ? 'version' : list ? 'list' : start === -1 ? 'message' : 'arguments';
  return { mode, words: [...words, ...plain], dryRun, flags };
}

const SWITCHES = new Set(['help', 'version', 'list', 'dry-run']);

/**
 * `--name value`, `--name=value`, and the switches, as a map from name to value. The same for the command
 * line and for Wazuh's extra_args.
 *
 * @throws RiposteError (USAGE) for a word that is no flag and for a flag without its value
 */
export function parseFlags(words: readonly string[]): Map<string, string> {
  const flags = new Map<string, string>();
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const [, name, , inline] = /^--([a-z][a-z-]*)(=(.*))?$/s.exec(word) ?? [];
    if (name === undefined)
      throw new RiposteError(EX.USAGE, `'${printable(word, 40)}' is not an option (see --help)`);
    const value = SWITCHES.has(name) ? '' : (inline ?? words[++index]);
    if (value === undefined) throw new RiposteError(EX.USAGE, `--${name} needs a value (see --help)`);
    flags.set(name, value);
  }
  return flags;
}
