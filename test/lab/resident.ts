import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { homeAt } from '../../active-response/home.ts';
import { Box } from '../../cli/resident/box.ts';
import type { Host } from './host.ts';
import { PATH } from './tools.ts';

/**
 * In which form the scripts are tested: each does its work with Node, or hands it to `riposte respond`. `npm test`
 * runs the files that test them in both.
 */
export const FORM = process.env.RIPOSTE_TEST_FORM === 'resident' ? 'resident' : 'alone';

/** The built `riposte respond`, running on a host. */
export class RunningResident {
  /** What it has said so far. */
  said = '';

  private constructor(
    private readonly home: string,
    private readonly process: ReturnType<typeof launch>,
  ) {
    for (const stream of [process.stdout, process.stderr])
      stream.on('data', (bytes) => {
        this.said += bytes;
      });
  }

  /** Starts it, and waits until it answers. */
  static async start(home: string, host: Host, node = process.execPath): Promise<RunningResident> {
    const resident = new RunningResident(home, launch(home, host, node));
    await new Promise<void>((ready, reject) => {
      resident.process.stdout.on('data', () => resident.said.includes('answers the scripts of') && ready());
      resident.process.then(() => reject(new Error(`riposte respond has ended: ${resident.said}`)));
    });
    return resident;
  }

  get pid(): number {
    return Number(this.process.pid);
  }

  /** Ends it, and waits for that. @returns how many requests it says it has answered */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
    if (this.process.exitCode === null && this.process.signalCode === null) process.kill(this.pid, signal);
    await this.process;
    // As the next one would, which there may not be: the box of one that was killed stays.
    new Box(homeAt(this.home)).remove();
    return Number(/(\d+) requests answered/.exec(this.said)?.[1] ?? Number.NaN);
  }
}

/** nsenter and env both become what they start, so the process is the one to end. */
function launch(home: string, host: Host, node: string) {
  const words = ['/usr/bin/env', '-i', `PATH=${PATH}`, node, resolve('dist/riposte.js'), 'respond'];
  const [program, args] = host.command([...words, '--home', join(home)]);
  return execa(program, args, { stdin: 'ignore', buffer: false, reject: false, env: { PATH } });
}
