import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Io } from '../base/io.ts';

/** The time after which a person sees that the work continues, in milliseconds. */
export const PATIENCE = 2000;

const STDERR = 2;
const CLEAR = '\r\x1b[K';

/** The cells of the memory that both threads share. */
const [LOCK, DRAWN, HELD, ENDED] = [0, 1, 2, 3] as const;

/**
 * Runs a verb. On a terminal, shows after two seconds, on standard error, how long the verb has run. Erases this text
 * before each output and at the end. A separate thread draws the text, because much of the work blocks the main thread.
 */
export async function withElapsed<T>(name: string, io: Io, work: (io: Io) => Promise<T>): Promise<T> {
  if (!io.isTerminal) return work(io);
  const state = new Int32Array(new SharedArrayBuffer(16));
  const thread = new Worker(DRAWING, { eval: true, workerData: { name, state, PATIENCE, STDERR, CLEAR } });
  thread.unref();
  thread.on('error', () => {}); // without the thread, no time is shown
  /** Erases the drawn time. If `isHeld`, stops the thread from drawing, because the line now ends in other text. */
  const clear = (isHeld: boolean) => {
    while (Atomics.compareExchange(state, LOCK, 0, 1) !== 0) Atomics.wait(state, LOCK, 1, 20);
    if (Atomics.exchange(state, DRAWN, 0) === 1) writeSync(STDERR, CLEAR);
    Atomics.store(state, HELD, isHeld ? 1 : 0);
    Atomics.store(state, LOCK, 0);
    Atomics.notify(state, LOCK);
  };
  const out: Io['out'] = (line) => {
    clear(false);
    return io.out(line);
  };
  const err: Io['err'] = (text) => {
    clear(text !== '' && text !== CLEAR && !text.endsWith('\n'));
    io.err(text);
  };
  try {
    // Inherit from `io`: a copy would open standard input, which most verbs do not read.
    return await work(Object.assign(Object.create(io), { out, err }));
  } finally {
    clear(true);
    Atomics.store(state, ENDED, 1);
    Atomics.notify(state, ENDED);
  }
}

/** The thread's program. It loads no module of Riposte, so it starts fast. */
const DRAWING = `
const { writeSync } = require('node:fs');
const { workerData: { name, state, PATIENCE, STDERR, CLEAR } } = require('node:worker_threads');
const [LOCK, DRAWN, HELD, ENDED] = [0, 1, 2, 3];
const began = Date.now();
for (let pause = PATIENCE; Atomics.wait(state, ENDED, 0, pause) === 'timed-out'; pause = 1000) {
  if (Atomics.compareExchange(state, LOCK, 0, 1) !== 0) continue;
  if (Atomics.load(state, HELD) === 0) {
    try {
      writeSync(STDERR, CLEAR + 'riposte ' + name + ': ' + Math.round((Date.now() - began) / 1000) + ' s so far');
      Atomics.store(state, DRAWN, 1);
    } catch {}
  }
  Atomics.store(state, LOCK, 0);
  Atomics.notify(state, LOCK);
}
`;
