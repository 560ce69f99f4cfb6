import { EX, RiposteError } from '../active-response/errors.ts';
import { readArguments } from './arguments.ts';
import { helpOn, helpOnAll } from './help.ts';
import { isMuninPlugin } from './metrics/munin.ts';
import type { Io, Verb } from './verb.ts';
import { allVerbs, verbNamed } from './verbs/verbs.ts';
import { VERSION } from './version.ts';

/** Runs a verb. @returns the exit code */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const [name = 'help', ...rest] = isMuninPlugin(io.program) ? ['munin', ...argv] : argv;
  try {
    if (name === '--version' || name === '-V') return say(io, VERSION);
    if (name === 'help' || name === '--help' || name === '-h') return say(io, await help(rest[0]));
    const verb = await verbOf(name);
    if (rest.includes('--help') || rest.includes('-h')) return say(io, helpOn(name, verb));
    return await verb.run(readArguments(rest, verb.options), io);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    io.err(`riposte: ${cause instanceof RiposteError ? message : `internal error: ${message}`}\n`);
    return cause instanceof RiposteError ? cause.exitCode : EX.SOFTWARE;
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
  return name === undefined ? helpOnAll(await allVerbs()) : helpOn(name, await verbOf(name));
}

function say(io: Io, text: string): number {
  io.out(text);
  return EX.OK;
}
