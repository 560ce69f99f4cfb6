import { spawn } from 'node:child_process';
import { lookForProgram } from '../backend/find-program.ts';
import { printable } from '../printable.ts';
import { type Delivery, Unreachable } from './delivery.ts';

/** How long the program may take, in milliseconds: one that talks to a server itself waits as long for it. */
const PATIENCE = 660_000;

/** Where it is, whatever the PATH of a service says. */
const PLACES = ['sendmail', '/usr/sbin/sendmail', '/usr/lib/sendmail', '/usr/local/sbin/sendmail'];

/** Exit codes of sysexits.h for what will be the same at the next try: 65 to 68, wrong data, input, user or host. */
const FINAL = new Set([65, 66, 67, 68]);

/** The program with its absolute path. @throws Unreachable when there is none */
export function sendmailProgram(
  [program = 'sendmail', ...options]: readonly string[],
  path?: string,
): string[] {
  const names = program === 'sendmail' ? PLACES : [program];
  const file = names.map((name) => lookForProgram(name, path)).find((found) => found !== undefined);
  if (file === undefined)
    throw new Unreachable(
      `there is no ${program} here: set MAIL_SERVER in riposte.conf, or install a mail server`,
    );
  return [file, ...options];
}

/** Hands a mail to a program that takes it as sendmail does. Recipients are arguments, behind `--`. @throws Unreachable */
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
  child.stdin.on('error', () => {}); // it has ended, and says itself why
  child.stdin.end(mail.bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Unreachable(`${program} cannot be run: ${error.message}`)));
    child.once('close', (code, signal) => {
      const why = printable(complaint.trim().replace(/\s*\n\s*/g, '; '), 300);
      const said = `${program} ended with ${signal ?? `status ${code}`}${why && `: ${why}`}`;
      if (code === 0) resolve({ accepted: mail.to, refused: {}, deferred: {}, said: `${program} took it` });
      else if (FINAL.has(code ?? 0))
        resolve({ accepted: [], refused: everybody(mail.to, said), deferred: {}, said });
      else reject(new Unreachable(said, signal !== null));
    });
  });
}

const everybody = (to: readonly string[], why: string): Record<string, string> =>
  Object.fromEntries(to.map((address) => [address, why]));
