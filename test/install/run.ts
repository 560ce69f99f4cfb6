import { execa } from 'execa';
import { PATH } from '../lab/tools.ts';

/** The result of the built command. */
export interface Run {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly out: string;
  readonly err: string;
}

interface RunOptions {
  /** Words before the command, which run it as another user or in another namespace. */
  readonly prefix?: readonly string[];
  /** Options for Node itself. */
  readonly node?: readonly string[];
  readonly env?: Record<string, string>;
  readonly program?: string;
}

/** Runs the built command in a process of its own. */
export async function run(
  args: readonly string[],
  { prefix = [], node = [], env = {}, program = 'dist/riposte.js' }: RunOptions = {},
): Promise<Run> {
  const [first = '', ...words] = [...prefix, process.execPath, ...node, program, ...args];
  const ended = await execa(first, words, {
    reject: false,
    stdin: 'ignore',
    extendEnv: false,
    env: { PATH, ...env },
  });
  return {
    exitCode: ended.exitCode,
    signal: ended.signal,
    out: String(ended.stdout),
    err: String(ended.stderr),
  };
}
