import {
  type Command,
  type Executor,
  failureOf,
  type Result,
  realExecutor,
  tooLong,
} from '../../active-response/backend/execute.ts';
import { lookForProgram } from '../../active-response/backend/find-program.ts';
import { LONGEST_SCRIPT, type NftSession } from './nft-session.ts';

/** The executor of a real run whose small scripts for nft go to the one that stays. */
export function sessionExecutor(session: NftSession) {
  return (timeout: number, env: NodeJS.ProcessEnv): Executor => {
    const real = realExecutor(timeout, env);
    const run = (command: Command): Result => inSession(command, session, timeout, env) ?? real.run(command);
    return { ...real, run };
  };
}

/** @returns undefined when the command is none for it, or it cannot: then a process of its own is to do it */
function inSession(
  { program, args, input = '', tolerate }: Command,
  session: NftSession,
  timeout: number,
  env: NodeJS.ProcessEnv,
): Result | undefined {
  const file = lookForProgram(program, env.PATH);
  if (program !== 'nft' || args.join(' ') !== '-f -' || input.length > LONGEST_SCRIPT || !file)
    return undefined;
  const began = performance.now();
  const stderr = session.run(file, input, timeout);
  if (stderr === undefined) {
    if (performance.now() - began >= timeout * 1000) throw tooLong(program, timeout);
    return undefined;
  }
  if (stderr === '') return { ok: true, stdout: '', stderr: '', message: '' };
  return failureOf({ stdout: '', stderr, end: 'it failed', tolerate });
}
