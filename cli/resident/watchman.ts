import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Box } from './box.ts';
import text from './watch.sh';

/** After how many milliseconds one that has ended is replaced, or could not be started is tried again. */
const PAUSE = 1000;

/** The process that tells scripts when this one does not run: `watch.sh`. It ends with this one. */
export class Watchman {
  #child: ChildProcess | undefined;
  /** This process's end of its bell. */
  #bell: number | undefined;
  #again: NodeJS.Timeout | undefined;

  constructor(private readonly box: Pick<Box, 'root' | 'pid' | 'watch'>) {}

  /** Once the box is open. */
  start(): void {
    this.stop();
    try {
      this.#spawn();
    } catch {
      this.#startLater(); // the box has gone, or there are too many open files
    }
  }

  stop(): void {
    clearTimeout(this.#again);
    const child = this.#child;
    this.#child = undefined;
    child?.kill('SIGKILL');
    if (this.#bell !== undefined) closeSync(this.#bell);
    this.#bell = undefined;
  }

  #startLater(): void {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.start(), PAUSE).unref();
  }

  #spawn(): void {
    const [server = '', ear = ''] = readFileSync(this.box.pid, 'utf8').split(' ');
    // A file, as its text would fill the lists of processes.
    const script = join(this.box.root, 'watch.sh');
    writeFileSync(script, text);
    this.#bell = openSync(this.box.watch, 'r+');
    const itsEnd = openSync(this.box.watch, 'r');
    try {
      const child = spawn('sh', [script, this.box.root, server, ear], {
        stdio: [itsEnd, 'ignore', 'ignore'],
        env: { PATH: process.env.PATH, LC_ALL: 'C' },
        // What a terminal sends to all that it has started, ^Z above all, would stop both.
        detached: true,
      });
      this.#child = child;
      const hasEnded = () => this.#child === child && this.#startLater();
      child.on('error', hasEnded);
      child.on('exit', hasEnded);
      child.unref();
    } finally {
      closeSync(itsEnd);
    }
  }
}
