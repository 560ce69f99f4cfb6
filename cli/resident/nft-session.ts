import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import type { Box } from './box.ts';
import type { Clock } from './clock.ts';

/** The longest script for it, in bytes: it fits into a pipe. For a longer one a process of its own costs little. */
export const LONGEST_SCRIPT = 32 * 1024;
/** After so many scripts it is started anew: it remembers each line that it was given. */
const MOST = 5000;
/** And after so many where there is a pause anyway. */
const RESTED = 500;

/**
 * An `nft` that stays, and carries out one script after the other: to start one costs ten times what it does for
 * one element. It is `nft -i`, which reads lines; one line is one transaction.
 *
 * Both directions are FIFOs, so that this thread can wait for the end of a script without turning to anything else.
 * It has no limit of its own: whoever watches the clock ends the process, and then its FIFO has an end.
 */
export class NftSession {
  #child: ChildProcess | undefined;
  #file = '';
  #input = -1;
  #errors = -1;
  #scripts = 0;
  #marks = 0;

  constructor(
    private readonly box: Pick<Box, 'nftInput' | 'nftErrors'>,
    private readonly clock: Clock,
  ) {}

  /**
   * Runs one script as one transaction.
   *
   * @param file the program's absolute path @param timeout in seconds
   * @returns what it complained of, empty for nothing; undefined when it ended before it was done with it
   */
  run(file: string, script: string, timeout: number): string | undefined {
    if (this.#file !== file || this.#scripts >= MOST) this.close();
    const pid = (this.#child ?? this.#start(file)).pid;
    if (pid === undefined) return this.#broken();
    // What no script can be, so that nft says so: behind all that it has to say of the script.
    const mark = `riposte_${++this.#marks}`;
    this.#scripts++;
    this.clock.start(pid, timeout);
    try {
      writeSync(this.#input, `${script.trim().replaceAll('\n', '; ')}\n${mark}\n`);
      return this.#readTo(mark) ?? this.#broken();
    } catch {
      return this.#broken();
    } finally {
      this.clock.stop();
    }
  }

  /** Starts anew the next time when it has been used: what it remembers goes, and its memory with it. */
  rest(): void {
    if (this.#scripts > RESTED) this.close();
  }

  close(): void {
    this.#child?.kill('SIGKILL'); // else it would write the lines that it remembers to a file
    for (const fd of [this.#input, this.#errors]) if (fd !== -1) closeSync(fd);
    [this.#child, this.#input, this.#errors, this.#scripts] = [undefined, -1, -1, 0];
  }

  #start(file: string): ChildProcess {
    // Opened for both first: to open a FIFO for one alone waits for somebody at the other end.
    const both = [this.box.nftInput, this.box.nftErrors].map(openEmpty);
    const [childsInput, childsErrors] = [openSync(this.box.nftInput, 'r'), openSync(this.box.nftErrors, 'w')];
    this.#input = openSync(this.box.nftInput, 'w');
    this.#errors = openSync(this.box.nftErrors, 'r');
    // A HOME that cannot be one: it would keep a file of what it was given there.
    const env = { PATH: process.env.PATH, LC_ALL: 'C', TERM: 'dumb', HOME: '/dev/null' };
    const child = spawn(file, ['-i'], { stdio: [childsInput, 'ignore', childsErrors], env, cwd: '/' });
    child.on('error', () => {}); // it has no pid then
    child.unref();
    for (const fd of [...both, childsInput, childsErrors]) closeSync(fd);
    [this.#child, this.#file] = [child, file];
    return child;
  }

  #readTo(mark: string): string | undefined {
    const buffer = Buffer.alloc(64 * 1024);
    for (let text = ''; ; ) {
      const count = readSync(this.#errors, buffer);
      if (count === 0) return undefined;
      text += buffer.toString('latin1', 0, count);
      const end = text.indexOf(`${mark}\n`);
      // Behind the line that is wrong comes one that points at it.
      if (end !== -1 && /\^\n$/.test(text)) return text.slice(0, text.lastIndexOf('Error:', end));
    }
  }

  #broken(): undefined {
    this.close();
    return undefined;
  }
}

/** A FIFO open for both, without what one that has ended did not come to: it may still hold it open for a moment. */
function openEmpty(path: string): number {
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const buffer = Buffer.alloc(64 * 1024);
  try {
    for (;;) readSync(fd, buffer);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return fd;
    closeSync(fd);
    throw error;
  }
}
