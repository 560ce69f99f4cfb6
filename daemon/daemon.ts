import { setTimeout as wait } from 'node:timers/promises';
import type { Home } from '../active-response/home.ts';
import { EX, RiposteError } from '../base/errors.ts';
import { takeSingletonLock } from '../base/singleton-lock.ts';
import { WorkerSupervisor } from '../base/worker-supervisor.ts';
import { Clock } from './clock.ts';
import { closeLeakedFds } from './close-leaked-fds.ts';
import type { DaemonMessage, DaemonStart } from './daemon-worker.ts';
import { RequestDirectory } from './request-directory.ts';
import { Watchdog } from './watchdog.ts';

/**
 * The time between two runs of the main thread, in milliseconds: less than two rounds of the watchdog (watchdog.sh).
 */
const LOOK = 100;
/** The time within which a working worker must answer a request, in milliseconds. Each command has its own timeout. */
const PATIENCE = 120_000;
/** The time to wait before a crashed worker is restarted, in milliseconds. */
const PAUSE = 1000;
/** The time for which close() waits for the last answers, in milliseconds. */
const CLOSE_PATIENCE = 10_000;

/** Answers clients in a worker thread, and supervises that worker from the main thread. */
export class Daemon {
  readonly #directory: RequestDirectory;
  readonly #watchdog: Watchdog;
  readonly #clock = new Clock();
  readonly #worker: WorkerSupervisor<'close', DaemonMessage>;
  readonly #timer: NodeJS.Timeout;
  /** The real path of the directory, kept because its link may be removed. */
  #realPath: string | undefined;
  #isReady = false;
  /** The reason why the worker could not start. */
  #failure: RiposteError | undefined;
  /** The last failure in the log. */
  #loggedFailure: string | undefined;
  #heartbeats = 0;
  #seen = { steps: 0, time: performance.now() };
  /** Settles start(), once. */
  #started: { resolve(): void; reject(error: RiposteError): void } | undefined;
  /** Settles close(). */
  #ended: (count: number) => void = () => {};

  private constructor(
    home: Home,
    program: string,
    private readonly say: (text: string) => void,
  ) {
    this.#directory = new RequestDirectory(home);
    this.#watchdog = new Watchdog(this.#directory);
    const start: DaemonStart = { role: 'daemon-worker', home: home.root, memory: this.#clock.memory };
    this.#worker = new WorkerSupervisor({
      name: 'the daemon’s worker',
      program,
      // After a crash, Node would close the worker's descriptors by number, but another thread may use the same numbers
      // by then.
      options: { workerData: start, trackUnmanagedFds: false },
      pauses: [PAUSE],
      onMessage: (message) => this.#received(message),
      onCrash: (reason) => this.#crashed(reason),
    });
    this.#timer = setInterval(() => this.#look(), LOOK);
  }

  /**
   * @param program the file of this program, which the worker runs as well
   * @throws RiposteError (TEMPFAIL) while another process answers for this home, (IOERR, NOPERM)
   */
  static async start(
    home: Home,
    program: string,
    say: (text: string) => void,
  ): Promise<{ close(): Promise<number> }> {
    const release = takeSingletonLock({
      file: `${new RequestDirectory(home).root}.lock`,
      message: () => `another process already answers the scripts of ${home.root}`,
    });
    const daemon = new Daemon(home, program, say);
    try {
      await daemon.#start();
    } catch (error) {
      await daemon.#end();
      release();
      throw error;
    }
    return {
      async close() {
        const count = await daemon.#close();
        release();
        return count;
      },
    };
  }

  /** Starts the worker, and waits until it is ready. */
  #start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#started = { resolve, reject };
      this.#worker.start();
    });
  }

  #received(message: DaemonMessage): void {
    if ('failure' in message) this.#failure = new RiposteError(message.exitCode, message.failure);
    else if ('answered' in message) this.#ended(message.answered);
    else {
      this.#isReady = true;
      this.#loggedFailure = undefined;
      this.#realPath = this.#directory.realPath;
      this.#watchdog.start();
      this.#started?.resolve();
      this.#started = undefined;
    }
  }

  /**
   * Makes waiting clients run Node, and logs the reason once. The supervisor starts the next worker: the disk may have
   * room again.
   */
  #crashed(reason: string): void {
    const [wasReady, error] = [this.#isReady, this.#failure ?? new RiposteError(EX.IOERR, reason)];
    this.#isReady = false;
    this.#failure = undefined;
    this.#clock.pending = 0;
    this.#leave();
    this.#ended(0);
    if (this.#started) this.#started.reject(error);
    else if (wasReady) this.say(reason);
    else if (error.message !== this.#loggedFailure) {
      this.say(`cannot answer scripts: ${error.message}`);
      this.#loggedFailure = error.message;
    }
  }

  /** Writes the heartbeat for the watchdog, and ends an overdue program or a hung worker. */
  #look(): void {
    const { overdue, pending, steps } = this.#clock;
    if (overdue !== undefined) kill(overdue);
    if (pending === 0 || steps !== this.#seen.steps) this.#seen = { steps, time: performance.now() };
    if (pending === 0) return;
    if (performance.now() - this.#seen.time > PATIENCE) {
      this.#seen.time = performance.now();
      this.#worker.endAsHung(PATIENCE);
      return;
    }
    try {
      this.#directory.showHeartbeat(++this.#heartbeats);
    } catch {
      // The worker has crashed, and its directory was removed.
    }
  }

  /** Answers the remaining requests, and ends. @returns the number of answered requests */
  async #close(): Promise<number> {
    const ended = new Promise<number>((resolve) => {
      this.#ended = resolve;
    });
    if (!this.#worker.isRunning) this.#ended(0);
    this.#worker.post('close');
    const count = await Promise.race([ended, wait(CLOSE_PATIENCE, 0, { ref: false })]);
    await this.#end();
    return count;
  }

  async #end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#worker.stop();
    await wait(LOOK); // the last clients read their answers
    this.#leave();
  }

  #leave(): void {
    this.#watchdog.stop();
    const path = this.#realPath ?? this.#directory.realPath;
    this.#realPath = undefined;
    if (path !== undefined) closeLeakedFds(path);
    try {
      this.#directory.remove();
    } catch {
      // On a read-only disk the directory stays: clients find no daemon in it, and the next daemon replaces it.
    }
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The process has ended by itself.
  }
}
