import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RequestDirectory } from './request-directory.ts';
import text from './watchdog.sh';

/** The time to wait before a watchdog that ended or failed to start is restarted, in milliseconds. */
const PAUSE = 1000;

/** A process that wakes waiting clients when the daemon is stopped or hung (watchdog.sh). It ends with the daemon. */
export class Watchdog {
  #child: ChildProcess | undefined;
  /** This process's end of the watchdog's wake-up FIFO. */
  #wakeupFd: number | undefined;
  #restart: NodeJS.Timeout | undefined;

  constructor(private readonly directory: Pick<RequestDirectory, 'root' | 'pid' | 'watchdogFifo'>) {}

  /** Starts the watchdog. The request directory must be open. */
  start(): void {
    this.stop();
    try {
      this.#spawn();
    } catch {
      this.#startLater(); // the directory was removed, or there are too many open files
    }
  }

  stop(): void {
    clearTimeout(this.#restart);
    const child = this.#child;
    this.#child = undefined;
    child?.kill('SIGKILL');
    if (this.#wakeupFd !== undefined) closeSync(this.#wakeupFd);
    this.#wakeupFd = undefined;
  }

  #startLater(): void {
    clearTimeout(this.#restart);
    this.#restart = setTimeout(() => this.start(), PAUSE).unref();
  }

  #spawn(): void {
    const [server = '', daemonFd = ''] = readFileSync(this.directory.pid, 'utf8').split(' ');
    // `sh -c TEXT` would show the whole text in process lists.
    const script = join(this.directory.root, 'watch.sh');
    writeFileSync(script, text);
    this.#wakeupFd = openSync(this.directory.watchdogFifo, 'r+');
    const watchdogFd = openSync(this.directory.watchdogFifo, 'r');
    try {
      const child = spawn('sh', [script, this.directory.root, server, daemonFd], {
        stdio: [watchdogFd, 'ignore', 'ignore'],
        env: { PATH: process.env.PATH, LC_ALL: 'C' },
        // A separate process group: ^Z at a terminal stops the daemon but not the watchdog.
        detached: true,
      });
      this.#child = child;
      const hasEnded = () => this.#child === child && this.#startLater();
      child.on('error', hasEnded);
      child.on('exit', hasEnded);
      child.unref();
    } finally {
      closeSync(watchdogFd);
    }
  }
}
