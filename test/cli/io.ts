import { EventEmitter } from 'node:events';
import { main } from '../../cli/main.ts';
import { PATH } from '../lab/tools.ts';

/** The output of a command, and its exit code. */
export interface Outcome {
  exitCode: number;
  out: string;
  err: string;
}

/** Runs the operator's command in this process. Passes `input` in pieces of `piece` bytes. */
export async function riposte(
  argv: string[],
  input: string | Buffer = '',
  piece = 65_536,
  env: NodeJS.ProcessEnv = { PATH },
): Promise<Outcome> {
  const outcome: Outcome = { exitCode: 0, out: '', err: '' };
  outcome.exitCode = await main(argv, {
    out: (line) => {
      outcome.out += `${line.toString()}\n`;
      return true;
    },
    err: (text) => {
      outcome.err += text;
    },
    stdin: pieces(Buffer.from(input), piece),
    stdout: new EventEmitter(),
    isTerminal: false,
    hasColours: false,
    env,
    program: '/usr/bin/riposte',
  });
  return outcome;
}

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
