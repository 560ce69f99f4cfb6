import { openSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { type MessagePort, workerData } from 'node:worker_threads';
import { nameThread } from '../../active-response/files.ts';
import { homeAt } from '../../active-response/home.ts';
import { PATIENCE, type Answer as Word } from '../../active-response/protocol/handshake.ts';
import { Answerer, type Said } from './answerer.ts';
import { Box } from './box.ts';
import { Clock } from './clock.ts';
import { KeptPrograms } from './kept-programs.ts';
import { goFirst } from './priority.ts';
import { Seats } from './seats.ts';
import { type Turn, takeReply, takeRequest } from './turn.ts';

/** What the thread is started with. */
export interface ResidentStart {
  readonly role: 'resident';
  /** The home's root. */
  readonly home: string;
  readonly memory: SharedArrayBuffer;
}

/** After how many milliseconds an answer is removed: its script has read it long before, or never will. */
const KEEP = 10_000;

/** The thread that answers scripts: whenever the bell rings it takes all that is there, and answers it in one go. */
export function answerInThread(port: MessagePort): void {
  nameThread('resident');
  goFirst('this thread');
  new ResidentThread(workerData as ResidentStart, port);
}

class ResidentThread {
  readonly #turns = new Map<string, Turn>();
  readonly #silent = new Map<string, Word>();
  readonly #kept: KeptPrograms;
  readonly #answerer: Answerer;
  readonly #box: Box;
  readonly #clock: Clock;
  readonly #seats: Seats;
  readonly #bell: Socket;
  #answered: [name: string, time: number][] = [];
  #next: NodeJS.Immediate | undefined;
  #hasRung = false;
  #count = 0;

  constructor(
    { home: root, memory }: ResidentStart,
    private readonly port: MessagePort,
  ) {
    const home = homeAt(root);
    this.#box = new Box(home);
    this.#clock = new Clock(memory);
    this.#seats = new Seats(this.#box.root);
    const seats = this.#seats.make();
    this.#kept = new KeptPrograms(this.#box, this.#clock);
    this.#answerer = new Answerer(home, this.#kept, (name, said) => this.#say(name, said));
    const ear = openSync(this.#box.bell, 'r+');
    this.#bell = new Socket({ fd: ear, readable: true, writable: false });
    this.#bell.on('data', () => this.#soon());
    setInterval(() => this.#forget(), KEEP / 2).unref();
    port.on('message', () => this.#close());
    this.#box.open(ear, seats);
    port.postMessage('ready');
  }

  /** All that rings in one turn of the loop is one look; what rings meanwhile is the next. */
  #soon(): void {
    this.#hasRung = true;
    this.#next ??= setImmediate(async () => {
      while (this.#hasRung) {
        this.#hasRung = false;
        await this.#look();
      }
      this.#next = undefined;
    });
  }

  async #look(): Promise<void> {
    const { requests, replies } = this.#box.waiting();
    // Those are waited for from now on: the beat shows that somebody is at work.
    this.#clock.pending = this.#turns.size + requests.length;
    const turns = requests.flatMap((name) => takeRequest(name, this.#box, this.#seats) ?? []);
    for (const turn of turns) this.#turns.set(turn.asked.name, turn);
    const said = replies.flatMap((name): [string, Word][] => {
      const word = takeReply(name, this.#box);
      return word !== undefined && this.#answerer.waits(name) ? [[name, word]] : [];
    });
    const words = new Map([...this.#silent, ...said]);
    this.#silent.clear();
    await this.#answerer.answer(
      turns.map(({ asked }) => asked),
      words,
    );
    this.#seats.renewMany();
    this.#clock.pending = this.#turns.size;
  }

  #say(name: string, { lines, question, exitCode }: Said): void {
    const turn = this.#turns.get(name);
    if (!turn) return;
    clearTimeout(turn.timer);
    const last = question ? `ask ${question}` : exitCode === undefined ? 'node' : `exit ${exitCode}`;
    this.#box.answer(name, turn.turn, [...lines, last]);
    if (turn.seat !== undefined) this.#seats.call(turn.seat);
    this.#clock.step();
    if (question) {
      turn.turn++;
      turn.timer = setTimeout(() => {
        this.#silent.set(name, 'silence');
        this.#soon();
      }, PATIENCE);
      return;
    }
    this.#turns.delete(name);
    this.#answered.push([name, Date.now()]);
    if (turn.seat !== undefined) this.#seats.leave(turn.seat);
    this.#count++;
  }

  #forget(): void {
    const old = Date.now() - KEEP;
    const isOld = ([, time]: [string, number]) => time < old || time > Date.now();
    for (const [name] of this.#answered.filter(isOld)) this.#box.forget(name);
    this.#answered = this.#answered.filter((each) => !isOld(each));
    this.#seats.renewAll(new Set([...this.#turns.values()].flatMap(({ seat }) => seat ?? [])));
    if (this.#turns.size === 0) this.#kept.rest();
  }

  /** Answers what is there, and says how many requests it has answered. */
  async #close(): Promise<void> {
    this.#box.shut();
    this.#soon();
    while (this.#next !== undefined || this.#turns.size > 0) await wait(20);
    this.#bell.destroy();
    this.#kept.close();
    this.port.postMessage(this.#count);
    this.port.close();
  }
}
