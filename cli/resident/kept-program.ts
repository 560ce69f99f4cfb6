import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import type { Clock } from './clock.ts';
import { isLeft, openEmpty } from './fifo.ts';

/** After so many scripts it is started anew: nft remembers each line that it was given. */
const MOST = 5000;
/** And after so many where there is a pause anyway. */
const RESTED = 500;

/** How a program is spoken to that carries out one script after the other. */
export interface Speech {
  readonly args: readonly string[];
  /**
   * The longest script for it, in bytes: the pipe takes it at once, as nobody reads the answer meanwhile. For a longer
   * one a process of its own costs little.
   */
  readonly longest: number;
  /** Where it says what counts: nft's standard output holds nothing but its prompts. */
  readonly speaksOn: 'stderr' | 'both';
  /** The lines by which it is given a script, each but the last with its end. */
  linesOf(script: string): string;
  /**
   * What it said of a script; undefined while it has not come to the mark behind that.
   *
   * @param mark a line that it cannot understand, and says so @param before how many lines it had been given earlier
   */
  answerIn(text: string, mark: string, before: number): string | undefined;
}

/** FIFOs to a program, and from it. */
export interface Pipes {
  readonly input: string;
  readonly output: string;
}

/**
 * A program that stays, and carries out one script after the other: to start one costs ten times what it does for
 * one address.
 *
 * Both directions are FIFOs, so that this thread can wait for the end of a script without turning to anything else.
 * It has no limit of its own: whoever watches the clock ends the process, and then its FIFO has an end.
 */
export class KeptProgram {
  #child: ChildProcess | undefined;
  #file = '';
  #input = -1;
  #output = -1;
  #scripts = 0;
  #lines = 0;
  #marks = 0;
  readonly #buffer = Buffer.alloc(64 * 1024);

  constructor(
    private readonly speech: Speech,
    private readonly pipes: Pipes,
    private readonly clock: Clock,
  ) {}

  /** The longest script for it, in bytes. */
  get longest(): number {
    return this.speech.longest;
  }

  /**
   * Runs one script.
   *
   * @param file the program's absolute path @param timeout in seconds
   * @returns what it said; undefined when it could not be started, or ended before it was done with it
   */
  run(file: string, script: string, timeout: number): string | undefined {
    if (this.#file !== file || this.#scripts >= MOST) this.close();
    const pid = this.#child?.pid ?? this.#start(file);
    if (pid === undefined) return this.#broken();
    // What no script can be, so that the program says so: behind all that it has to say of the script.
    const mark = `riposte_${++this.#marks}`;
    const lines = `${this.speech.linesOf(script)}\n${mark}\n`;
    const before = this.#lines;
    this.#lines += lines.split('\n').length - 1;
    this.#scripts++;
    this.clock.start(pid, timeout);
    try {
      writeSync(this.#input, lines);
      return this.#readTo(mark, before) ?? this.#broken();
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
    this.#child?.kill('SIGKILL'); // else nft would write the lines that it remembers to a file
    for (const fd of [this.#input, this.#output]) if (fd !== -1) closeSync(fd);
    [this.#child, this.#input, this.#output, this.#scripts, this.#lines] = [undefined, -1, -1, 0, 0];
  }

  /** @returns its process number; undefined when it could not be started */
  #start(file: string): number | undefined {
    const { input, output } = this.pipes;
    if (!isLeft(input)) return undefined;
    // Opened for both first: to open a FIFO for one alone waits for somebody at the other end.
    const both = [input, output].map(openEmpty);
    const [childsInput, childsOutput] = [openSync(input, 'r'), openSync(output, 'w')];
    this.#input = openSync(input, 'w');
    this.#output = openSync(output, 'r');
    // A HOME that cannot be one: nft would keep a file of what it was given there.
    const env = { PATH: process.env.PATH, LC_ALL: 'C', TERM: 'dumb', HOME: '/dev/null' };
    const childsOther = this.speech.speaksOn === 'stderr' ? 'ignore' : childsOutput;
    const child = spawn(file, this.speech.args, {
      stdio: [childsInput, childsOther, childsOutput],
      env,
      cwd: '/',
    });
    child.on('error', () => {}); // it has no pid then
    child.unref();
    for (const fd of [...both, childsInput, childsOutput]) closeSync(fd);
    [this.#child, this.#file] = [child, file];
    return child.pid;
  }

  #readTo(mark: string, before: number): string | undefined {
    for (let text = ''; ; ) {
      const count = readSync(this.#output, this.#buffer);
      if (count === 0) return undefined;
      text += this.#buffer.toString('latin1', 0, count);
      const said = this.speech.answerIn(text, mark, before);
      if (said !== undefined) return said;
    }
  }

  #broken(): undefined {
    this.close();
    return undefined;
  }
}
