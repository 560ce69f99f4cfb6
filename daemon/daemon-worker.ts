import { openSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { type MessagePort, workerData } from 'node:worker_threads';
import { homeAt } from '../active-response/home.ts';
import { type ManagerReply, PATIENCE } from '../active-response/protocol/handshake.ts';
import { type ExitCode, RiposteError } from '../base/errors.ts';
import { nameThread } from '../base/files.ts';
import { BatchHandler, type ClientAnswer } from './batch-handler.ts';
import { Clock } from './clock.ts';
import { type PendingRequest, takeReply, takeRequest } from './pending-request.ts';
import { PersistentProcesses } from './persistent-processes.ts';
import { raisePriority } from './priority.ts';
import { RequestDirectory } from './request-directory.ts';
import { WaitSlots } from './wait-slots.ts';

/** Start data of the worker thread. */
export interface DaemonStart {
  readonly role: 'daemon-worker';
  /** The home's root. */
  readonly home: string;
  readonly memory: SharedArrayBuffer;
}

/** Milliseconds after which an answer is removed: a client that has not read it by then will never read it. */
const KEEP = 10_000;

/**
 * A message of the worker to the main thread: it is ready, it failed to start, or it has closed after this many
 * answers.
 */
export type DaemonMessage =
  | { readonly ready: true }
  | { readonly failure: string; readonly exitCode: ExitCode }
  | { readonly answered: number };

/** Runs the worker thread, which answers clients. At each wake-up it takes all requests and answers them as one batch. */
export function answerInThread(port: MessagePort): void {
  nameThread('resident');
  raisePriority('this thread');
  try {
    new DaemonWorker(workerData as DaemonStart, port);
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    port.postMessage({ failure: error.message, exitCode: error.exitCode } satisfies DaemonMessage);
    process.exit();
  }
}

class DaemonWorker {
  readonly #pending = new Map<string, PendingRequest>();
  /** Requests whose managers did not reply in time. */
  readonly #unreplied = new Map<string, ManagerReply>();
  readonly #processes: PersistentProcesses;
  readonly #handler: BatchHandler;
  readonly #directory: RequestDirectory;
  readonly #clock: Clock;
  readonly #slots: WaitSlots;
  readonly #wakeups: Socket;
  #answered: [name: string, time: number][] = [];
  #next: NodeJS.Immediate | undefined;
  #isWoken = false;
  #count = 0;

  constructor(
    { home: root, memory }: DaemonStart,
    private readonly port: MessagePort,
  ) {
    const home = homeAt(root);
    this.#directory = new RequestDirectory(home);
    this.#directory.create();
    this.#clock = new Clock(memory);
    this.#slots = new WaitSlots(this.#directory.root);
    const slots = this.#slots.make();
    this.#processes = new PersistentProcesses(this.#directory, this.#clock);
    this.#handler = new BatchHandler(
      home,
      this.#processes,
      (name, answer) => this.#say(name, answer),
      (milliseconds) => setTimeout(() => this.#soon(), milliseconds),
    );
    const wakeupFd = openSync(this.#directory.wakeupFifo, 'r+');
    this.#wakeups = new Socket({ fd: wakeupFd, readable: true, writable: false });
    this.#wakeups.on('data', () => this.#soon());
    setInterval(() => this.#forget(), KEEP / 2).unref();
    port.on('message', () => this.#close());
    this.#directory.open(wakeupFd, slots);
    this.#post({ ready: true });
  }

  #post(message: DaemonMessage): void {
    this.port.postMessage(message);
  }

  /** Wake-ups in one turn of the event loop make one batch; later ones make the next. */
  #soon(): void {
    this.#isWoken = true;
    this.#next ??= setImmediate(async () => {
      while (this.#isWoken) {
        this.#isWoken = false;
        await this.#answerBatch();
      }
      this.#next = undefined;
    });
  }

  async #answerBatch(): Promise<void> {
    const { requests, replies } = this.#directory.waiting();
    // The main thread keeps the heartbeat going while requests are pending.
    this.#clock.pending = this.#pending.size + requests.length;
    const taken = requests.flatMap((name) => takeRequest(name, this.#directory, this.#slots) ?? []);
    for (const each of taken) this.#pending.set(each.request.name, each);
    const replied = replies.flatMap((name): [string, ManagerReply][] => {
      const reply = takeReply(name, this.#directory);
      return reply !== undefined && this.#handler.waits(name) ? [[name, reply]] : [];
    });
    const allReplies = new Map([...this.#unreplied, ...replied]);
    this.#unreplied.clear();
    await this.#handler.answer(
      taken.map(({ request }) => request),
      allReplies,
    );
    this.#slots.renewMany();
    this.#clock.pending = this.#pending.size;
  }

  #say(name: string, { lines, question, exitCode }: ClientAnswer): void {
    const pending = this.#pending.get(name);
    if (!pending) return;
    const { slot } = pending;
    clearTimeout(pending.timer);
    const last = question ? `ask ${question}` : exitCode === undefined ? 'node' : `exit ${exitCode}`;
    this.#directory.answer(name, pending.turn, [...lines, last]);
    if (slot !== undefined) this.#slots.wake(slot);
    this.#clock.step();
    if (question) {
      pending.turn++;
      pending.timer = setTimeout(() => {
        this.#unreplied.set(name, 'silence');
        this.#soon();
      }, PATIENCE);
      return;
    }
    this.#pending.delete(name);
    this.#answered.push([name, Date.now()]);
    if (slot !== undefined) this.#slots.release(slot);
    this.#count++;
  }

  #forget(): void {
    const old = Date.now() - KEEP;
    const isOld = ([, time]: [string, number]) => time < old || time > Date.now();
    for (const [name] of this.#answered.filter(isOld)) this.#directory.forget(name);
    this.#answered = this.#answered.filter((each) => !isOld(each));
    this.#slots.renewAll(new Set([...this.#pending.values()].flatMap(({ slot }) => slot ?? [])));
    if (this.#pending.size === 0) this.#processes.rest();
  }

  /** Answers the remaining requests, reports the number of all answers, and ends the thread. */
  async #close(): Promise<void> {
    this.#directory.shut();
    this.#soon();
    while (this.#next !== undefined || this.#pending.size > 0) await wait(20);
    this.#wakeups.destroy();
    this.#processes.close();
    this.#post({ answered: this.#count });
    this.port.close();
  }
}
