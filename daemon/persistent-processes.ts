import { debug } from '../base/debug.ts';
import {
  type Command,
  type Executor,
  failureOf,
  type Result,
  realExecutor,
  tooLong,
} from '../base/execute.ts';
import { lookForProgram } from '../base/find-program.ts';
import type { Clock } from './clock.ts';
import { PersistentProcess } from './persistent-process.ts';
import { complaintsIn, ip, ipScript, NFT, nftScript } from './persistent-programs.ts';
import { withNormalPriority } from './priority.ts';
import type { RequestDirectory } from './request-directory.ts';

/** The persistent processes. Each starts when it is first needed. */
export class PersistentProcesses {
  readonly #nft: PersistentProcess;
  readonly #ip: Record<4 | 6, PersistentProcess>;

  constructor(directory: Pick<RequestDirectory, 'pipes'>, clock: Clock) {
    this.#nft = new PersistentProcess(NFT, directory.pipes('nft'), clock);
    this.#ip = {
      4: new PersistentProcess(ip(4), directory.pipes('ip4'), clock),
      6: new PersistentProcess(ip(6), directory.pipes('ip6'), clock),
    };
  }

  /** An executor that runs small scripts in the persistent processes, and other commands in processes of their own. */
  executor(timeout: number, env: NodeJS.ProcessEnv): Executor {
    const real = realExecutor(timeout, env);
    const run = (command: Command) =>
      this.#run(command, timeout, env) ?? withNormalPriority(() => real.run(command));
    return { ...real, run };
  }

  /** Frees memory while the daemon is idle. */
  rest(): void {
    for (const each of this.#all) each.rest();
  }

  close(): void {
    for (const each of this.#all) each.close();
  }

  get #all(): PersistentProcess[] {
    return [this.#nft, this.#ip[4], this.#ip[6]];
  }

  /** @returns undefined when no persistent process can run the command */
  #run(command: Command, timeout: number, env: NodeJS.ProcessEnv): Result | undefined {
    if (command.program === 'nft') {
      const said = this.#say(command, this.#nft, nftScript(command), timeout, env);
      return said === undefined ? said : resultOf(command, { stdout: '', stderr: said }, said === '');
    }
    const parsed = command.program === 'ip' ? ipScript(command) : undefined;
    if (!parsed) return undefined;
    const said = this.#say(command, this.#ip[parsed.family], parsed.script, timeout, env);
    if (said === undefined) return undefined;
    const complaints = complaintsIn(said);
    const stderr = (parsed.isBatch ? complaints.flat() : complaints.map(([why]) => why)).join('\n');
    return resultOf(command, { stdout: said, stderr }, complaints.length === 0);
  }

  #say(
    { program }: Command,
    persistent: PersistentProcess,
    script: string | undefined,
    timeout: number,
    env: NodeJS.ProcessEnv,
  ): string | undefined {
    const file = lookForProgram(program, env.PATH);
    if (script === undefined || script.length > persistent.longest || !file) return undefined;
    const began = performance.now();
    const said = persistent.run(file, script, timeout);
    debug('command', () => ({ file, script, said }));
    if (said === undefined && performance.now() - began >= timeout * 1000) throw tooLong(program, timeout);
    return said;
  }
}

function resultOf({ tolerate }: Command, said: Pick<Result, 'stdout' | 'stderr'>, isDone: boolean): Result {
  if (isDone) return { ok: true, stdout: said.stdout, stderr: '', message: '' };
  return failureOf({ ...said, end: 'it failed', tolerate });
}
