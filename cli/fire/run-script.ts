import { statSync } from 'node:fs';
import { execa, type Options } from 'execa';
import { EX, RiposteError } from '../../active-response/errors.ts';
import type { Protocol } from '../../active-response/protocol/request.ts';
import { continueOf, messageOf, ossecArguments, programOf, type Shot } from './messages.ts';

/** PATH as systemd gives it to a service: neither nvm's directory nor a person's own is in it. */
export const SERVICE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** How a script ended. */
export interface Ended {
  readonly status: number | undefined;
  /** Why it has no status: the signal that ended it, or that it took too long. */
  readonly why: string | undefined;
  readonly hasTimedOut: boolean;
}

/** Takes what the script is given (`->`) and what it says (`<-`, or `!!` on standard error), a line each. */
export type Hear = (direction: '->' | '<-' | '!!', line: string) => void;

/**
 * Runs an installed script as execd runs it: for OSSEC arguments, /dev/null and `/`; for Wazuh a relative name,
 * the manager's home, one line, and the handshake, after which both pipes are closed (wpclose). In a session of
 * its own, with the script's group as its own, as execd has it.
 *
 * @param seconds after which the script and what it has started are ended
 * @throws RiposteError (UNAVAILABLE) when it cannot be started: no script, or no interpreter
 */
export async function runScript(
  home: string,
  protocol: Protocol,
  shot: Shot,
  seconds: number,
  hear: Hear,
): Promise<Ended> {
  const path = `${home}/${programOf(shot.script)}`;
  const { gid } = statSync(path);
  const message = messageOf(protocol, shot);
  const [file, args] = message === undefined ? [path, ossecArguments(shot)] : [programOf(shot.script), []];
  const options = {
    cwd: message === undefined ? '/' : home,
    stdin: message === undefined ? 'ignore' : 'pipe',
    stdout: message !== undefined && shot.isDelete ? 'ignore' : 'pipe',
    stderr: 'pipe',
    env: { PATH: SERVICE_PATH },
    extendEnv: false,
    gid: process.getuid?.() === 0 ? gid : undefined,
    detached: true,
    buffer: false,
    reject: false,
  } as const satisfies Options;
  hear('->', message ?? [path, ...args].join(' '));
  const umask = process.umask(0o022);
  const script = execa(file, args, options);
  process.umask(umask);
  const end = () => endGroup(script.pid);
  let hasTimedOut = false;
  const timer = setTimeout(
    () => {
      hasTimedOut = true;
      end();
    },
    Math.min(seconds * 1000, LONGEST_TIMER),
  );
  let answer: string | undefined;
  for (const signal of SIGNALS) process.once(signal, end);
  script.stdin?.on('error', () => {}); // it may end before it has read all
  if (message !== undefined) script.stdin?.write(`${message}\n`);
  if (message !== undefined && shot.isDelete) script.stdin?.end();
  eachLine(script.stderr, (line) => hear('!!', line));
  eachLine(script.stdout, (line) => {
    hear('<-', line);
    if (message === undefined || answer !== undefined) return;
    answer = continueOf(message);
    hear('->', answer);
    script.stdin?.end(`${answer}\n`);
    script.stdout?.destroy();
  });
  try {
    const { exitCode, signal, code, originalMessage } = await script;
    if (code !== undefined && exitCode === undefined && signal === undefined)
      throw new RiposteError(EX.UNAVAILABLE, cannotRun(path, code, originalMessage));
    const why = hasTimedOut ? `took longer than ${seconds} s and was ended` : signal && `ended by ${signal}`;
    return { status: exitCode, why, hasTimedOut };
  } finally {
    clearTimeout(timer);
    for (const signal of SIGNALS) process.removeListener(signal, end);
    end();
  }
}

/** Node's timers take no longer time, in milliseconds: they would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Ends the script and its children, which are a group of their own. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // all of them have ended
  }
}

function cannotRun(path: string, code: string, message: string | undefined): string {
  if (code === 'ENOENT') return `cannot run ${path}: the program in its #! line is not there`;
  if (code === 'EACCES')
    return `cannot run ${path}: it may not be executed; give it the mode of its neighbours`;
  return `cannot run ${path}: ${message ?? code}`;
}

function eachLine(stream: NodeJS.ReadableStream | null | undefined, take: (line: string) => void): void {
  let rest = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  });
  stream?.on('end', () => {
    if (rest !== '') take(rest);
  });
  stream?.on('error', () => {});
}
