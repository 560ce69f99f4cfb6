import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Home } from '../active-response/home.ts';
import { fileError, isMissing, readIfThere } from '../base/files.ts';
import { NAME } from './client-request.ts';
import { placeInMemory, removeInMemory, removeUsed } from './in-memory.ts';
import type { Pipes } from './persistent-process.ts';

/** The persistent processes: nft, and ip for each family. */
const PERSISTENT = ['nft', 'ip4', 'ip6'] as const;

/**
 * The directory in which clients leave their requests and find the answers: `<home>/var/riposte/respond`, a link to a
 * directory in memory if the host has one, else a directory on disk. Only root can enter it. The client is
 * `active-response/client.sh`. Older clients use the directory during an upgrade, so these names must stay.
 *
 * - `bell`: the wake-up FIFO, into which a client writes a byte when its request is complete
 * - `pid`: the daemon's process ID, its descriptor of the wake-up FIFO, and the number of wait slots
 * - `beat`: the heartbeat, which changes while the daemon runs: a link to the kernel's account of the daemon's time
 * - `seats`, `taken`: the wait slots (wait-slots.ts)
 * - `watch`, `asleep`, `stopped`: the watchdog's wake-up FIFO, whether the watchdog needs a wake-up, and whether the
 *   daemon is stopped (watchdog.sh)
 * - `nft.in`, `nft.out` and so on: FIFOs to and from the persistent processes
 * - `in/NAME`, `in/NAME.reply`: a request, and a manager's reply to a question about it
 * - `out/NAME.1`, `out/NAME.2`: the answers
 */
export class RequestDirectory {
  readonly root: string;

  constructor(home: Home) {
    this.root = join(home.root, 'var/riposte/respond');
  }

  /** The path of the directory to which the link leads; undefined when there is none. */
  get realPath(): string | undefined {
    return existsSync(this.root) ? realpathSync(this.root) : undefined;
  }

  get wakeupFifo(): string {
    return join(this.root, 'bell');
  }

  get pid(): string {
    return join(this.root, 'pid');
  }

  get watchdogFifo(): string {
    return join(this.root, 'watch');
  }

  /** FIFOs to and from a persistent process. */
  pipes(program: (typeof PERSISTENT)[number]): Pipes {
    return { input: join(this.root, `${program}.in`), output: join(this.root, `${program}.out`) };
  }

  /** Makes the directory anew, without the files of an earlier daemon. @throws RiposteError (IOERR, NOPERM) */
  create(): void {
    try {
      this.remove();
      const directory = placeInMemory(this.root) ?? this.root;
      mkdirSync(directory, { mode: 0o700 });
      for (const part of ['in', 'out']) mkdirSync(join(directory, part), 0o700);
      if (directory !== this.root) symlinkSync(directory, this.root);
      const pipes = PERSISTENT.flatMap((program) => Object.values(this.pipes(program)));
      execFileSync('mkfifo', ['-m', '600', this.wakeupFifo, this.watchdogFifo, ...pipes], {
        stdio: 'ignore',
      });
      this.showHeartbeat(0);
      const schedstat = `/proc/${process.pid}/task/${process.pid}/schedstat`;
      if (existsSync(schedstat)) {
        rmSync(join(this.root, 'beat'));
        symlinkSync(schedstat, join(this.root, 'beat'));
      }
    } catch (error) {
      throw fileError('make', this.root, error);
    }
  }

  /**
   * Tells clients that this process is the daemon from now on.
   *
   * @param wakeupFd this process's descriptor of the wake-up FIFO @param slots the number of wait slots
   */
  open(wakeupFd: number, slots: number): void {
    this.#publish('pid', `${process.pid} ${wakeupFd} ${slots}\n`);
  }

  /** Stops clients from making new requests. The daemon still answers the earlier requests. */
  shut(): void {
    rmSync(this.pid, { force: true });
  }

  /**
   * The daemon's process ID. `isHeard` is true when the daemon runs and holds the wake-up FIFO. Clients make the same
   * check (`is_heard` in active-response/client.sh).
   */
  daemonStatus(): { readonly pid: number; readonly isHeard: boolean } | undefined {
    const [pid, wakeupFd] = (readIfThere(this.pid) ?? '').trim().split(' ').map(Number);
    if (!pid) return undefined;
    const [held, fifo] = [`/proc/${pid}/fd/${wakeupFd}`, this.wakeupFifo].map((path) =>
      statSync(path, { throwIfNoEntry: false }),
    );
    return { pid, isHeard: held !== undefined && held.ino === fifo?.ino && held.dev === fifo.dev };
  }

  remove(): void {
    removeInMemory(this.root);
    removeUsed(this.root);
  }

  /** Writes the heartbeat, if the kernel keeps no account of this process's time. */
  showHeartbeat(count: number): void {
    const file = join(this.root, 'beat');
    if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() !== true)
      this.#publish('beat', `${count}\n`);
  }

  /** The names of new requests, and of requests with a manager's reply. */
  waiting(): { requests: string[]; replies: string[] } {
    const names = readdirSync(join(this.root, 'in'));
    return {
      requests: names.filter((name) => NAME.test(name)),
      replies: names.filter((name) => name.endsWith('.reply')).map((name) => name.slice(0, -'.reply'.length)),
    };
  }

  /** The text of a request or a reply (`in/FILE`); undefined when its client took it back. */
  read(file: string): string | undefined {
    try {
      return readFileSync(join(this.root, 'in', file), 'utf8');
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Takes a request or a reply. False when its client has taken it back. */
  take(file: string): boolean {
    try {
      unlinkSync(join(this.root, 'in', file));
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  /** Writes an answer. The caller then wakes the client (wait-slots.ts). */
  answer(name: string, turn: number, lines: readonly string[]): void {
    this.#publish(join('out', `${name}.${turn}`), `${lines.join('\n')}\n`);
  }

  /** Removes the answers to a request. */
  forget(name: string): void {
    for (const end of ['1', '2']) rmSync(join(this.root, 'out', `${name}.${end}`), { force: true });
  }

  #publish(file: string, text: string): void {
    // Each file has its own temporary name: two threads write here.
    const temporary = join(this.root, `.${file.replace('/', '.')}`);
    writeFileSync(temporary, text);
    renameSync(temporary, join(this.root, file));
  }
}
