import { statSync } from 'node:fs';
import { execa, type Options } from 'execa';
import type { Protocol } from '../../active-response/protocol/request.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { continueOf, type FireRequest, messageOf, ossecArguments, programOf } from './messages.ts';

/** The PATH of a systemd service: it lacks nvm's directory and users' own directories. */
export const SERVICE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The result of a script. */
export interface ScriptResult {
  readonly status: number | undefined;
  /** The reason why there is no status: the signal that ended the script, or the time limit. */
  readonly why: string | undefined;
  readonly hasTimedOut: boolean;
}

/**
 * Receives each line that is sent to the script (`->`), and each line that the script writes to standard output (`<-`)
 * or standard error (`!!`).
 */
export type Listener = (direction: '->' | '<-' | '!!', line: string) => void;

/**
 * Runs an installed script as execd does, in a session of its own and with the group of the script's file. For OSSEC,
 * the script gets arguments, /dev/null as standard input, and `/` as working directory. For Wazuh, it is started by a
 * relative name in the manager's home, and gets one line and the handshake, after which both pipes are closed
 * (wpclose).
 *
 * @param seconds the time limit, after which the script and its children are killed
 * @throws RiposteError (UNAVAILABLE) when it cannot be started: no script, or no interpreter
 */
export async function runScript(
  home: string,
  protocol: Protocol,
  request: FireRequest,
  seconds: number,
  listen: Listener,
): Promise<ScriptResult> {
  const path = `${home}/${programOf(request.script)}`;
  const { gid } = statSync(path);
  const message = messageOf(protocol, request);
  const [file, args] =
    message === undefined ? [path, ossecArguments(request)] : [programOf(request.script), []];
  const options = {
    cwd: message === undefined ? '/' : home,
    stdin: message === undefined ? 'ignore' : 'pipe',
    stdout: message !== undefined && request.isDelete ? 'ignore' : 'pipe',
    stderr: 'pipe',
    env: { PATH: SERVICE_PATH },
    extendEnv: false,
    gid: process.getuid?.() === 0 ? gid : undefined,
    detached: true,
    buffer: false,
    reject: false,
  } as const satisfies Options;
  listen('->', message ?? [path, ...args].join(' '));
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
  let reply: string | undefined;
  for (const signal of SIGNALS) process.once(signal, end);
  script.stdin?.on('error', () => {}); // the script may end before it has read everything
  if (message !== undefined) script.stdin?.write(`${message}\n`);
  if (message !== undefined && request.isDelete) script.stdin?.end();
  eachLine(script.stderr, (line) => listen('!!', line));
  eachLine(script.stdout, (line) => {
    listen('<-', line);
    if (message === undefined || reply !== undefined) return;
    reply = continueOf(message);
    listen('->', reply);
    script.stdin?.end(`${reply}\n`);
    script.stdout?.destroy();
  });
  try {
    const { exitCode, signal, code, originalMessage } = await script;
    if (code !== undefined && exitCode === undefined && signal === undefined)
      throw new RiposteError(EX.UNAVAILABLE, cannotRun(path, code, originalMessage));
    const why = hasTimedOut
      ? `took longer than ${seconds} s; Riposte ended it`
      : signal && `ended by ${signal}`;
    return { status: exitCode, why, hasTimedOut };
  } finally {
    clearTimeout(timer);
    for (const signal of SIGNALS) process.removeListener(signal, end);
    end();
  }
}

/** The longest time of Node's timers, in milliseconds: longer timers would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Kills the script and its children, which form a process group. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // the whole group has ended already
  }
}

function cannotRun(path: string, code: string, message: string | undefined): string {
  if (code === 'ENOENT') return `cannot run ${path}: the program in its #! line does not exist`;
  if (code === 'EACCES')
    return `cannot run ${path}: it is not executable; give it the mode of the other scripts`;
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
