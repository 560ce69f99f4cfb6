import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import type { Clock } from './clock.ts';
import { hasNoReader, openEmpty } from './fifo.ts';

/** After this many scripts the process is restarted: nft keeps each line in memory. */
const MOST = 5000;
/** The limit while the daemon is idle. */
const MOST_WHEN_IDLE = 500;

/** Says how to feed scripts to a program that runs them one after another, and how to read its output. */
export interface Dialogue {
  readonly args: readonly string[];
  /**
   * The longest script, in bytes. This thread writes the whole script before it reads any output, so the FIFOs must
   * hold all of the text. A longer script is worth a separate process.
   */
  readonly longest: number;
  /** The streams with its output: nft writes only prompts to standard output. */
  readonly answersOn: 'stderr' | 'both';
  /** The lines for a script; the last one has no newline. */
  linesOf(script: string): string;
  /**
   * The output for a script; undefined until the program has reached the mark after the script.
   *
   * @param mark a line that the program rejects with a message @param before the number of lines of earlier scripts
   */
  answerIn(text: string, mark: string, before: number): string | undefined;
}

/** FIFOs to a program, and from it. */
export interface Pipes {
  readonly input: string;
  readonly output: string;
}

/**
 * A process that runs scripts one after another. One add costs 7 ms of processor time this way, and 14 to 17 ms when
 * nft or ip is started for it.
 *
 * Both directions are FIFOs, so that this thread can block until a script is done. This class has no timeout: the main
 * thread kills an overdue process (Clock), and this thread then reads end-of-file from the FIFO.
 */
export class PersistentProcess {
  #child: ChildProcess | undefined;
  #file = '';
  #input = -1;
  #output = -1;
  #scripts = 0;
  #lines = 0;
  #marks = 0;
  readonly #buffer = Buffer.alloc(64 * 1024);

  constructor(
    private readonly dialogue: Dialogue,
    private readonly pipes: Pipes,
    private readonly clock: Clock,
  ) {}

  /** The longest script, in bytes. */
  get longest(): number {
    return this.dialogue.longest;
  }

  /**
   * Runs one script.
   *
   * @param file the program's absolute path @param timeout in seconds
   * @returns its output; undefined when the process could not be started, or ended before the script was done
   */
  run(file: string, script: string, timeout: number): string | undefined {
    if (this.#file !== file || this.#scripts >= MOST) this.close();
    const pid = this.#child?.pid ?? this.#start(file);
    if (pid === undefined) return this.#broken();
    // The program rejects this word with a message, after its output for the script.
    const mark = `riposte_${++this.#marks}`;
    const lines = `${this.dialogue.linesOf(script)}\n${mark}\n`;
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

  /** Ends a process that has run many scripts, to free its memory. The next script starts another. */
  rest(): void {
    if (this.#scripts > MOST_WHEN_IDLE) this.close();
  }

  close(): void {
    this.#child?.kill('SIGKILL'); // so that nft saves no history
    for (const fd of [this.#input, this.#output]) if (fd !== -1) closeSync(fd);
    [this.#child, this.#input, this.#output, this.#scripts, this.#lines] = [undefined, -1, -1, 0, 0];
  }

  /** @returns its process ID; undefined when it could not be started */
  #start(file: string): number | undefined {
    const { input, output } = this.pipes;
    if (!hasNoReader(input)) return undefined;
    // Open for reading and writing first: an open in one direction waits for the other end.
    const both = [input, output].map(openEmpty);
    const [childInput, childOutput] = [openSync(input, 'r'), openSync(output, 'w')];
    this.#input = openSync(input, 'w');
    this.#output = openSync(output, 'r');
    // HOME is not usable: nft would save its history there.
    const env = { PATH: process.env.PATH, LC_ALL: 'C', TERM: 'dumb', HOME: '/dev/null' };
    const childStdout = this.dialogue.answersOn === 'stderr' ? 'ignore' : childOutput;
    const child = spawn(file, this.dialogue.args, {
      stdio: [childInput, childStdout, childOutput],
      env,
      cwd: '/',
    });
    child.on('error', () => {}); // the caller sees that the child has no pid
    child.unref();
    for (const fd of [...both, childInput, childOutput]) closeSync(fd);
    [this.#child, this.#file] = [child, file];
    return child.pid;
  }

  #readTo(mark: string, before: number): string | undefined {
    for (let text = ''; ; ) {
      const count = readSync(this.#output, this.#buffer);
      if (count === 0) return undefined;
      text += this.#buffer.toString('latin1', 0, count);
      const output = this.dialogue.answerIn(text, mark, before);
      if (output !== undefined) return output;
    }
  }

  #broken(): undefined {
    this.close();
    return undefined;
  }
}
