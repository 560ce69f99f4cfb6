import type { Socket } from 'node:net';
import { deadline } from '../../base/deadline.ts';
import { RiposteError } from '../../base/errors.ts';
import type { Drop, ListenOptions } from './listen-options.ts';
import { RateLimit } from './rate-limit.ts';
import { type Message, readMessage } from './report.ts';

type Answer = { ok: true; pong?: true } | { ok: false; reason: string };

const NEWLINE = 10;

/** A connection of one client of the report socket. */
export class Connection {
  readonly #socket: Socket;
  readonly #options: ListenOptions;
  readonly #reports: RateLimit;
  readonly #messages: RateLimit;
  #rest: Buffer = Buffer.alloc(0);
  #stopWaiting = () => {};

  /** @param reports the limit that all connections share */
  constructor(socket: Socket, options: ListenOptions, reports: RateLimit) {
    this.#socket = socket;
    this.#options = options;
    this.#reports = reports;
    this.#messages = new RateLimit(options.limits.messages);
    this.#wait();
    socket.on('data', (bytes) => this.#read(bytes));
    socket.on('close', () => this.#stopWaiting());
    socket.on('error', () => {}); // the client has gone; the event 'close' follows
  }

  /** Ends the connection at once, and counts the cause. The client gets the reason if it reads at once. */
  drop(why: Drop, reason?: string): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    this.#options.counters[why] += 1;
    if (reason !== undefined) this.#answer({ ok: false, reason });
    this.end();
  }

  /** Passes the answers to the kernel, and closes the connection. */
  end(): void {
    this.#socket.pause();
    this.#socket.destroySoon();
    // Do not wait for a client that reads nothing.
    if (this.#socket.writableLength > 0) this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    const limit = this.#options.limits.messageLength;
    let rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      if (end >= limit) break;
      this.#take(rest.toString('utf8', 0, end));
      if (this.#socket.writableEnded || this.#socket.destroyed) return;
      rest = rest.subarray(end + 1);
      this.#wait();
    }
    if (rest.length >= limit) this.drop('oversized', `a message has more than ${limit} bytes`);
    else this.#rest = Buffer.from(rest); // copy the rest, so that the chunk of up to 64 KiB is freed
  }

  /** Restarts the time limit for a message. Called after each whole message, not after each byte. */
  #wait(): void {
    this.#stopWaiting();
    this.#stopWaiting = deadline(this.#options.limits.messageTime, () => this.drop('stalled'));
  }

  #take(line: string): void {
    if (!this.#messages.take()) {
      this.drop('hurried', 'too many messages');
      return;
    }
    const message = messageOrError(line);
    if (message instanceof RiposteError) {
      this.drop('malformed', message.message);
      return;
    }
    this.#answer(this.#answerTo(message));
    if (this.#socket.writableLength > this.#options.limits.messageLength) this.drop('unread');
  }

  #answerTo(message: Message): Answer {
    const { counters, onReport } = this.#options;
    if (message.verb === 'ping') {
      counters.pings += 1;
      return { ok: true, pong: true };
    }
    const verdict = this.#reports.take() ? onReport(message.report) : 'limited';
    counters[verdict] += 1;
    return verdict === 'accepted' ? { ok: true } : { ok: false, reason: verdict };
  }

  #answer(answer: Answer): void {
    this.#socket.write(`${JSON.stringify(answer)}\n`);
  }
}

function messageOrError(line: string): Message | RiposteError {
  try {
    return readMessage(line);
  } catch (error) {
    if (error instanceof RiposteError) return error;
    throw error;
  }
}
