import {
  type Command,
  type Executor,
  failureOf,
  type Result,
  realExecutor,
  tooLong,
} from '../../active-response/backend/execute.ts';
import { lookForProgram } from '../../active-response/backend/find-program.ts';
import type { Box } from './box.ts';
import type { Clock } from './clock.ts';
import { complaintsIn, ip, ipScript } from './kept-ip.ts';
import { NFT, nftScript } from './kept-nft.ts';
import { KeptProgram } from './kept-program.ts';
import { asOthers } from './priority.ts';

/** The programs that stay, each started when it is first needed. */
export class KeptPrograms {
  readonly #nft: KeptProgram;
  readonly #ip: Record<4 | 6, KeptProgram>;

  constructor(box: Pick<Box, 'pipes'>, clock: Clock) {
    this.#nft = new KeptProgram(NFT, box.pipes('nft'), clock);
    this.#ip = {
      4: new KeptProgram(ip(4), box.pipes('ip4'), clock),
      6: new KeptProgram(ip(6), box.pipes('ip6'), clock),
    };
  }

  /** The executor of a real run whose small scripts go to the programs that stay. */
  executor(timeout: number, env: NodeJS.ProcessEnv): Executor {
    const real = realExecutor(timeout, env);
    const run = (command: Command) => this.#run(command, timeout, env) ?? asOthers(() => real.run(command));
    return { ...real, run };
  }

  rest(): void {
    for (const program of this.#all) program.rest();
  }

  close(): void {
    for (const program of this.#all) program.close();
  }

  get #all(): KeptProgram[] {
    return [this.#nft, this.#ip[4], this.#ip[6]];
  }

  /** @returns undefined when the command is none for them, or they cannot: then a process of its own is to do it */
  #run(command: Command, timeout: number, env: NodeJS.ProcessEnv): Result | undefined {
    if (command.program === 'nft') {
      const said = this.#say(command, this.#nft, nftScript(command), timeout, env);
      return said === undefined ? said : resultOf(command, { stdout: '', stderr: said }, said === '');
    }
    const asked = command.program === 'ip' ? ipScript(command) : undefined;
    if (!asked) return undefined;
    const said = this.#say(command, this.#ip[asked.family], asked.script, timeout, env);
    if (said === undefined) return undefined;
    const complaints = complaintsIn(said);
    const stderr = (asked.isBatch ? complaints.flat() : complaints.map(([why]) => why)).join('\n');
    return resultOf(command, { stdout: said, stderr }, complaints.length === 0);
  }

  #say(
    { program }: Command,
    kept: KeptProgram,
    script: string | undefined,
    timeout: number,
    env: NodeJS.ProcessEnv,
  ): string | undefined {
    const file = lookForProgram(program, env.PATH);
    if (script === undefined || script.length > kept.longest || !file) return undefined;
    const began = performance.now();
    const said = kept.run(file, script, timeout);
    if (said === undefined && performance.now() - began >= timeout * 1000) throw tooLong(program, timeout);
    return said;
  }
}

function resultOf({ tolerate }: Command, said: Pick<Result, 'stdout' | 'stderr'>, isDone: boolean): Result {
  if (isDone) return { ok: true, stdout: said.stdout, stderr: '', message: '' };
  return failureOf({ ...said, end: 'it failed', tolerate });
}
