import { debugError, startDebugging } from '../base/debug.ts';
import { asRiposteError, EX, RiposteError } from '../base/errors.ts';
import type { Io } from '../base/io.ts';
import { describeVersion } from '../base/version.ts';
import { isMuninPlugin } from '../metrics/munin-plugin.ts';
import { readArguments } from './arguments.ts';
import { withElapsed } from './elapsed.ts';
import { helpOn, helpOnAll } from './help.ts';
import type { Verb } from './verb.ts';
import { verbGroups, verbNamed } from './verbs/verbs.ts';

/** Runs a verb. @returns the exit code */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const words = argv.filter((word) => word !== '--debug');
  if (words.length < argv.length) startDebugging();
  const [name = 'help', ...rest] = isMuninPlugin(io.program) ? ['munin', ...words] : words;
  try {
    if (words.length === 0 && io.isTerminal && name === 'help')
      return say(io, (await import('./first-steps.ts')).firstSteps(io));
    if (name === '--version' || name === '-V') return say(io, `riposte ${describeVersion()}`);
    if (name === 'help' || name === '--help' || name === '-h') return say(io, await help(rest[0]));
    const verb = await verbOf(name);
    if (rest.includes('--help') || rest.includes('-h')) return say(io, helpOn(name, verb));
    const given = readArguments(rest, verb.options);
    if (verb.isLasting) return await verb.run(given, io);
    return await withElapsed(name, io, (shown) => verb.run(given, shown));
  } catch (thrown) {
    debugError(thrown);
    const { message, exitCode } = asRiposteError(thrown);
    io.err(`riposte: ${message}\n`);
    return exitCode;
  }
}

async function verbOf(name: string): Promise<Verb> {
  if (name.startsWith('-'))
    throw new RiposteError(EX.USAGE, `the verb comes first: riposte VERB ${name}; see riposte help`);
  const verb = await verbNamed(name);
  if (!verb) throw new RiposteError(EX.USAGE, `there is no verb '${name}'; see riposte help`);
  return verb;
}

async function help(name: string | undefined): Promise<string> {
  return name === undefined ? helpOnAll(await verbGroups()) : helpOn(name, await verbOf(name));
}

function say(io: Io, text: string): number {
  io.out(text);
  return EX.OK;
}
