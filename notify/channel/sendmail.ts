import { spawn } from 'node:child_process';
import { lookForProgram } from '../../base/find-program.ts';
import { printable } from '../../base/printable.ts';
import { type Delivery, Unreachable } from '../queue/delivery.ts';

/**
 * The program's time limit, in milliseconds: a little longer than ten minutes, because the program may itself wait that
 * long for a server.
 */
const PATIENCE = 660_000;

/** The usual paths, because a service's PATH may lack their directories. */
const SENDMAIL_PATHS = ['sendmail', '/usr/sbin/sendmail', '/usr/lib/sendmail', '/usr/local/sbin/sendmail'];

/** Exit codes of sysexits.h for permanent failures: 65 to 68, wrong data, input, user or host. */
const FINAL = new Set([65, 66, 67, 68]);

/** Returns the command with the program's absolute path. @throws Unreachable when it is missing */
export function sendmailProgram(
  [program = 'sendmail', ...options]: readonly string[],
  path?: string,
): string[] {
  const names = program === 'sendmail' ? SENDMAIL_PATHS : [program];
  const file = names.map((name) => lookForProgram(name, path)).find((found) => found !== undefined);
  if (file === undefined)
    throw new Unreachable(
      `there is no ${program} here: set MAIL_SERVER in riposte.conf, or install a mail server`,
    );
  return [file, ...options];
}

/** Passes a mail to a program like sendmail. Recipients are arguments after `--`. @throws Unreachable */
export function sendByProgram(
  command: readonly string[],
  mail: { readonly from: string; readonly to: readonly string[]; readonly bytes: Buffer },
  env: NodeJS.ProcessEnv,
): Promise<Delivery> {
  const [program = '', ...options] = sendmailProgram(command, env.PATH);
  const child = spawn(program, [...options, '-i', '-f', mail.from, '--', ...mail.to], {
    stdio: ['pipe', 'ignore', 'pipe'],
    cwd: '/',
    timeout: PATIENCE,
  });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = `${complaint}${chunk}`.slice(-1000);
  });
  child.stdin.on('error', () => {}); // the program ended before it read all input; its exit status is reported below
  child.stdin.end(mail.bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Unreachable(`${program} cannot be run: ${error.message}`)));
    child.once('close', (code, signal) => {
      const why = printable(complaint.trim().replace(/\s*\n\s*/g, '; '), 300);
      const said = `${program} ended with ${signal ?? `status ${code}`}${why && `: ${why}`}`;
      if (code === 0)
        resolve({ accepted: mail.to, refused: {}, deferred: {}, said: `${program} accepted the message` });
      else if (FINAL.has(code ?? 0))
        resolve({ accepted: [], refused: sameReason(mail.to, said), deferred: {}, said });
      else reject(new Unreachable(said, signal !== null));
    });
  });
}

const sameReason = (to: readonly string[], why: string): Record<string, string> =>
  Object.fromEntries(to.map((address) => [address, why]));
