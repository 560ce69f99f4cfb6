import { execa } from 'execa';
import type { Installation } from './installation.ts';
import { ossec } from './managers.ts';
import { PATH } from './tools.ts';

/** The result of a response. */
export interface Ended {
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly env?: Record<string, string>;
}

/** Runs a response as OSSEC's execd does: arguments, /dev/null on standard input, `/` as working directory. */
export async function runWithArguments(
  at: Installation,
  response: string,
  args: string[],
  { env = {} }: RunOptions = {},
): Promise<Ended> {
  const [program, ...words] = at.command(response, args, env);
  const result = await execa(program, words, {
    stdin: 'ignore',
    cwd: '/',
    reject: false,
    env: { PATH },
  });
  return { status: result.exitCode, stdout: result.stdout, stderr: result.stderr };
}

/** Execd's reply to check_keys: a word, nothing at all, or the end of its message stream. */
export type Reply = 'continue' | 'abort' | 'nothing' | 'end';

/** The handshake as the stand-in recorded it. */
export interface Handshake extends Ended {
  /** The lines that the script wrote to standard output before execd closed it. */
  readonly questions: string[];
}

/**
 * Runs a response as Wazuh's execd does: writes one line, leaves standard input open, reads one line, replies, and
 * closes its end of the script's standard output. A script that writes no line, as for a `delete`, gets no reply.
 */
export async function runWithMessage(
  at: Installation,
  response: string,
  message: string | Buffer,
  reply: Reply = 'continue',
  { env = {} }: RunOptions = {},
): Promise<Handshake> {
  const [program, ...words] = at.command(response, [], env);
  const script = execa(program, words, {
    stdin: 'pipe',
    reject: false,
    buffer: { stdout: false },
    env: { PATH },
  });
  const questions: string[] = [];
  script.stdin.on('error', () => {}); // the script may end before it has read everything
  script.stdin.write(message);
  if (!message.includes('\n')) script.stdin.end();
  script.stdout.on('data', (chunk: Buffer) => {
    questions.push(...chunk.toString().split('\n').filter(Boolean));
    if (reply === 'nothing') return;
    if (reply === 'end') script.stdin.end();
    else script.stdin.write(replyTo(questions[0] ?? '', reply));
    script.stdout.destroy();
  });
  const result = await script;
  script.stdin.destroy();
  return { status: result.exitCode, stdout: questions.join('\n'), stderr: String(result.stderr), questions };
}

function replyTo(question: string, word: string): string {
  return `${question.replace('"check_keys"', `"${word}"`).replace('"active-response"', '"wazuh-execd"')}\n`;
}

/** Makes a function that runs a response with a request of OSSEC, and returns its exit status. */
export const statusOf =
  (response: string, at: () => Installation) =>
  async (command: 'add' | 'delete', address: string, ...flags: string[]): Promise<number | undefined> =>
    (await runWithArguments(at(), response, [...flags, ...ossec(command, address)])).status;
