import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { homeAt } from '../../active-response/home.ts';
import { RequestDirectory } from '../../daemon/request-directory.ts';
import type { Host } from './host.ts';
import { PATH } from './tools.ts';

/**
 * The form in which the scripts are tested: each script runs Node, or passes its request to `riposte respond`.
 * `npm run test:all` runs the tests of the scripts in both forms.
 */
export const FORM = process.env.RIPOSTE_TEST_FORM === 'daemon' ? 'daemon' : 'alone';

/** The built `riposte respond`, running on a host. */
export class RunningDaemon {
  /** The daemon's output so far. */
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

  /** Starts the daemon, and waits until it handles requests. */
  static async start(home: string, host: Host, node = process.execPath): Promise<RunningDaemon> {
    const daemon = new RunningDaemon(home, launch(home, host, node));
    await new Promise<void>((ready, reject) => {
      daemon.process.stdout.on('data', () => daemon.said.includes('answers the scripts of') && ready());
      daemon.process.then(() => reject(new Error(`riposte respond has ended: ${daemon.said}`)));
    });
    return daemon;
  }

  get pid(): number {
    return Number(this.process.pid);
  }

  /** Ends the daemon, and waits for its end. @returns the number of requests that it has answered, from its output */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
    if (this.process.exitCode === null && this.process.signalCode === null) process.kill(this.pid, signal);
    await this.process;
    // A killed daemon leaves its directory, which the next daemon would remove.
    new RequestDirectory(homeAt(this.home)).remove();
    return Number(/(\d+) requests answered/.exec(this.said)?.[1] ?? Number.NaN);
  }
}

/** Returns the daemon's own process, because nsenter and env exec their command without a child process. */
function launch(home: string, host: Host, node: string) {
  const words = ['/usr/bin/env', '-i', `PATH=${PATH}`, node, resolve('dist/riposte.js'), 'respond'];
  const [program, args] = host.command([...words, '--home', join(home)]);
  return execa(program, args, { stdin: 'ignore', buffer: false, reject: false, env: { PATH } });
}
