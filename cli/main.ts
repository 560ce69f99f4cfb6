import { EX, RiposteError } from '../active-response/errors.ts';
import { logtest } from './logtest.ts';
import { replay } from './replay.ts';
import { ruletest } from './ruletest.ts';
import type { Io, Verb } from './verb.ts';

/** The verbs, as `riposte help` lists them. */
const VERBS: Readonly<Record<string, Verb>> = { logtest, ruletest, replay };

declare const RIPOSTE_VERSION: string | undefined;

/** Runs a verb. @returns the exit code */
export async function main(argv: string[], io: Io): Promise<number> {
  const [name = 'help', ...rest] = argv;
  try {
    if (name === '--version' || name === '-V')
      return say(io, typeof RIPOSTE_VERSION === 'string' ? RIPOSTE_VERSION : 'source');
    if (name === 'help' || name === '--help' || name === '-h') return say(io, help(rest[0]));
    const verb = verbOf(name);
    if (rest.includes('--help') || rest.includes('-h')) return say(io, verb.help);
    return await verb.run(rest, io);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    io.err(`riposte: ${cause instanceof RiposteError ? message : `internal error: ${message}`}\n`);
    return cause instanceof RiposteError ? cause.exitCode : EX.SOFTWARE;
  }
}

function verbOf(name: string): Verb {
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (!verb) throw new RiposteError(EX.USAGE, `there is no verb '${name}'; see riposte help`);
  return verb;
}

function help(name: string | undefined): string {
  if (name !== undefined) return verbOf(name).help;
  const lines = Object.entries(VERBS).map(([verb, { summary }]) => `  ${verb.padEnd(10)} ${summary}`);
  return ['riposte VERB [options]     riposte help VERB', '', ...lines].join('\n');
}

function say(io: Io, text: string): number {
  io.out(text);
  return EX.OK;
}
