import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { makeDirectory } from '../../active-response/files.ts';
import type { Home } from '../../active-response/home.ts';
import { tryLock } from '../../active-response/lock.ts';
import { Box } from './box.ts';
import { Clock } from './clock.ts';
import { closeLeftIn } from './left-open.ts';
import { readyWorker } from './ready-worker.ts';
import { Watchman } from './watchman.ts';

/** How often this thread looks, in milliseconds: in two rounds of the watchman's (watch.sh) it has run at least once. */
const LOOK = 100;
/** How long the thread may take without a step, in milliseconds: each command has a limit of its own. */
const PATIENCE = 120_000;
/** After how many milliseconds a thread that has died is started again, and that is tried again. */
const PAUSE = 1000;

/** Answers scripts in a thread of its own, and watches that thread from this one. */
export class Resident {
  readonly #box: Box;
  readonly #watchman: Watchman;
  readonly #clock = new Clock();
  readonly #timer: NodeJS.Timeout;
  /** Where the box really is: the link to it may be gone when that counts. */
  #place: string | undefined;
  #worker: Worker | undefined;
  #beats = 0;
  #seen = { steps: 0, time: performance.now() };
  #isClosed = false;
  #ended: (count: number) => void = () => {};

  private constructor(
    private readonly home: Home,
    private readonly program: string,
    private readonly say: (text: string) => void,
  ) {
    this.#box = new Box(home);
    this.#watchman = new Watchman(this.#box);
    this.#timer = setInterval(() => this.#look(), LOOK);
  }

  /**
   * @param program the file of this program, which the thread runs as well
   * @returns undefined while another process answers for this home
   * @throws RiposteError (IOERR, NOPERM)
   */
  static async start(
    home: Home,
    program: string,
    say: (text: string) => void,
  ): Promise<{ close(): Promise<number> } | undefined> {
    const { root } = new Box(home);
    makeDirectory(dirname(root), 0o755);
    const release = tryLock(`${root}.lock`);
    if (release === undefined) return undefined;
    const resident = new Resident(home, program, say);
    try {
      await resident.#startThread();
    } catch (error) {
      clearInterval(resident.#timer);
      release();
      throw error;
    }
    return {
      async close() {
        const count = await resident.#close();
        release();
        return count;
      },
    };
  }

  async #startThread(): Promise<void> {
    this.#box.create();
    this.#place = realpathSync(this.#box.root);
    try {
      const start = { role: 'resident', home: this.home.root, memory: this.#clock.memory } as const;
      this.#worker = await readyWorker(this.program, start);
    } catch (error) {
      this.#leave();
      throw error;
    }
    this.#worker.on('message', (count: number) => this.#ended(count));
    this.#worker.on('error', (error) => this.say(`a defect in Riposte: ${error.message}`));
    this.#worker.on('exit', () => this.#died());
    this.#watchman.start();
  }

  async #died(): Promise<void> {
    this.#worker = undefined;
    if (this.#isClosed) return;
    this.#leave(); // so that nobody asks meanwhile, nor waits
    this.#clock.pending = 0;
    for (let said = ''; ; ) {
      await wait(PAUSE);
      if (this.#isClosed) return;
      try {
        return await this.#startThread();
      } catch (error) {
        // A full disk has room again some time.
        const { message } = error as Error;
        if (message !== said) this.say(`cannot answer scripts: ${message}`);
        said = message;
      }
    }
  }

  /** Shows the watchman that somebody is at work, ends programs whose time is over, and a thread that hangs. */
  #look(): void {
    const { overdue, pending, steps } = this.#clock;
    if (overdue !== undefined) kill(overdue);
    if (pending === 0 || steps !== this.#seen.steps) this.#seen = { steps, time: performance.now() };
    if (pending === 0) return;
    if (performance.now() - this.#seen.time > PATIENCE) {
      this.say(`no answer within ${PATIENCE / 1000} s from the thread that answers scripts: it is ended`);
      this.#worker?.terminate();
      return;
    }
    try {
      this.#box.beat(++this.#beats);
    } catch {
      // The thread has gone, and its box with it.
    }
  }

  /** Answers what has been asked, and ends. @returns how many requests were answered */
  async #close(): Promise<number> {
    this.#isClosed = true;
    const ended = new Promise<number>((resolve) => {
      this.#ended = resolve;
    });
    this.#worker?.postMessage('close');
    const count = this.#worker ? await Promise.race([ended, wait(10_000, 0, { ref: false })]) : 0;
    clearInterval(this.#timer);
    await this.#worker?.terminate();
    await wait(LOOK); // for the last scripts to read their answers
    this.#leave();
    return count;
  }

  #leave(): void {
    this.#watchman.stop();
    if (this.#place) closeLeftIn(this.#place);
    this.#box.remove();
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
