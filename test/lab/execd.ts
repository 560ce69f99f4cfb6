import { execa } from 'execa';
import type { Installation } from './installation.ts';
import { PATH } from './tools.ts';

/** How a response ended. */
export interface Ended {
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

interface Surroundings {
  readonly env?: Record<string, string>;
}

/** OSSEC's execd: arguments, /dev/null on standard input, `/` as working directory. */
export async function runWithArguments(
  at: Installation,
  response: string,
  args: string[],
  { env = {} }: Surroundings = {},
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

/** What execd answers to check_keys: its word, nothing at all, or the end of its message stream. */
export type Reply = 'continue' | 'abort' | 'nothing' | 'end';

/** What the stand-in saw of the handshake. */
export interface Handshake extends Ended {
  /** The lines that the script wrote to standard output before execd closed it. */
  readonly questions: string[];
}

/**
 * Wazuh's execd: writes one line, leaves standard input open, reads one line, answers, and closes its end of
 * the script's standard output. A `delete` gets no answer, and standard output is /dev/null.
 */
export async function runWithMessage(
  at: Installation,
  response: string,
  message: string | Buffer,
  reply: Reply = 'continue',
  { env = {} }: Surroundings = {},
): Promise<Handshake> {
  const [program, ...words] = at.command(response, [], env);
  const script = execa(program, words, {
    stdin: 'pipe',
    reject: false,
    buffer: { stdout: false },
    env: { PATH },
  });
  const questions: string[] = [];
  script.stdin.on('error', () => {}); // the script may end before it has read all
  script.stdin.write(message);
  if (!message.includes('\n')) script.stdin.end();
  script.stdout.on('data', (chunk: Buffer) => {
    questions.push(...chunk.toString().split('\n').filter(Boolean));
    if (reply === 'nothing') return;
    if (reply === 'end') script.stdin.end();
    else script.stdin.write(answerTo(questions[0] ?? '', reply));
    script.stdout.destroy();
  });
  const result = await script;
  script.stdin.destroy();
  return { status: result.exitCode, stdout: questions.join('\n'), stderr: String(result.stderr), questions };
}

function answerTo(question: string, word: string): string {
  return `${question.replace('"check_keys"', `"${word}"`).replace('"active-response"', '"wazuh-execd"')}\n`;
}
