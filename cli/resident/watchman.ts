import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Box } from './box.ts';
import text from './watch.sh';

/** After how many milliseconds one that has ended is replaced. */
const PAUSE = 1000;

/** The process that tells scripts when this one does not run: `watch.sh`. It ends with this one. */
export class Watchman {
  #child: ChildProcess | undefined;
  /** This process's end of its bell. */
  #bell: number | undefined;

  constructor(private readonly box: Box) {}

  /** Once the box is open. */
  start(): void {
    this.stop();
    try {
      this.#spawn();
    } catch {
      this.stop(); // the box has gone
    }
  }

  stop(): void {
    const child = this.#child;
    this.#child = undefined;
    child?.kill('SIGKILL');
    if (this.#bell !== undefined) closeSync(this.#bell);
    this.#bell = undefined;
  }

  #spawn(): void {
    this.#bell = openSync(this.box.watch, 'r+');
    const itsEnd = openSync(this.box.watch, 'r');
    const [server = '', ear = ''] = readFileSync(this.box.pid, 'utf8').split(' ');
    const child = spawn('sh', ['-c', text, 'riposte-watch', this.box.root, server, ear], {
      stdio: [itsEnd, 'ignore', 'ignore'],
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
    });
    closeSync(itsEnd);
    this.#child = child;
    child.on('error', () => {}); // no sh: then there is no script that waits, either
    child.on('exit', () => setTimeout(() => this.#child === child && this.start(), PAUSE).unref());
    child.unref();
  }
}
