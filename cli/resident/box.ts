import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileError, isMissing } from '../../active-response/files.ts';
import type { Home } from '../../active-response/home.ts';
import { NAME } from './asked.ts';
import { placeInMemory, removeInMemory, removeUsed } from './in-memory.ts';
import type { Pipes } from './kept-program.ts';

/** The programs that stay: nft, and ip for each family. */
const KEPT = ['nft', 'ip4', 'ip6'] as const;

/**
 * Where scripts leave their requests and find the answers: `<home>/var/riposte/respond`, a link to a directory in
 * memory where that can be made, else the directory itself. Only root can enter it. The other side of it is
 * `active-response/client.sh`.
 *
 * - `bell`: a FIFO into which a script writes a byte when its request is there
 * - `pid`, `beat`: who answers, by which descriptor it holds the bell and how many seats there are, and what changes
 *   while that process runs: a link to what the kernel tells of it
 * - `seats`, `taken`: where scripts wait for their answers (seats.ts)
 * - `watch`, `asleep`, `stopped`: the bell of the one that watches, whether it has to be rung, and what it has seen
 *   (watch.sh)
 * - `nft.in`, `nft.out` and so on: to and from the programs that stay
 * - `in/NAME`, `in/NAME.reply`: a request, and what a manager said in between
 * - `out/NAME.1`, `out/NAME.2`: the answers
 */
export class Box {
  readonly root: string;

  constructor(home: Home) {
    this.root = join(home.root, 'var/riposte/respond');
  }

  get bell(): string {
    return join(this.root, 'bell');
  }

  get pid(): string {
    return join(this.root, 'pid');
  }

  /** The bell of the one that watches. */
  get watch(): string {
    return join(this.root, 'watch');
  }

  /** FIFOs to and from a program that stays. */
  pipes(program: (typeof KEPT)[number]): Pipes {
    return { input: join(this.root, `${program}.in`), output: join(this.root, `${program}.out`) };
  }

  /** Makes it anew, without what another has left. @throws RiposteError (IOERR, NOPERM) */
  create(): void {
    try {
      this.remove();
      const directory = placeInMemory(this.root) ?? this.root;
      mkdirSync(directory, { mode: 0o700 });
      for (const part of ['in', 'out']) mkdirSync(join(directory, part), 0o700);
      if (directory !== this.root) symlinkSync(directory, this.root);
      const pipes = KEPT.flatMap((program) => Object.values(this.pipes(program)));
      execFileSync('mkfifo', ['-m', '600', this.bell, this.watch, ...pipes], { stdio: 'ignore' });
      this.beat(0);
      const told = `/proc/${process.pid}/task/${process.pid}/schedstat`;
      if (existsSync(told)) {
        rmSync(join(this.root, 'beat'));
        symlinkSync(told, join(this.root, 'beat'));
      }
    } catch (error) {
      throw fileError('make', this.root, error);
    }
  }

  /**
   * Says that somebody answers from now on.
   *
   * @param ear the descriptor under which this process holds the bell @param seats how many there are
   */
  open(ear: number, seats: number): void {
    this.#publish('pid', `${process.pid} ${ear} ${seats}\n`);
  }

  /** Nobody starts to ask any more; who has asked already is still answered. */
  shut(): void {
    rmSync(this.pid, { force: true });
  }

  remove(): void {
    removeInMemory(this.root);
    removeUsed(this.root);
  }

  /** Where the kernel does not tell that this process runs, a number does that it counts up. */
  beat(count: number): void {
    const file = join(this.root, 'beat');
    if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() !== true)
      this.#publish('beat', `${count}\n`);
  }

  /** The names of what lies there: requests, and replies of managers. */
  waiting(): { requests: string[]; replies: string[] } {
    const names = readdirSync(join(this.root, 'in'));
    return {
      requests: names.filter((name) => NAME.test(name)),
      replies: names.filter((name) => name.endsWith('.reply')).map((name) => name.slice(0, -'.reply'.length)),
    };
  }

  /** The text of a request or a reply (`in/FILE`); undefined when its script has taken it back. */
  read(file: string): string | undefined {
    try {
      return readFileSync(join(this.root, 'in', file), 'utf8');
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Takes a request or a reply. False when its script has taken it back before. */
  take(file: string): boolean {
    try {
      unlinkSync(join(this.root, 'in', file));
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  /** Lays an answer out, for its script to be called (seats.ts). */
  answer(name: string, turn: number, lines: readonly string[]): void {
    this.#publish(join('out', `${name}.${turn}`), `${lines.join('\n')}\n`);
  }

  /** Removes the answers to a request. */
  forget(name: string): void {
    for (const end of ['1', '2']) rmSync(join(this.root, 'out', `${name}.${end}`), { force: true });
  }

  #publish(file: string, text: string): void {
    // A name of its own for each: two threads write here.
    const temporary = join(this.root, `.${file.replace('/', '.')}`);
    writeFileSync(temporary, text);
    renameSync(temporary, join(this.root, file));
  }
}
