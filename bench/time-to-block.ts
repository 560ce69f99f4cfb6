import { closeSync, openSync, writeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { morfeus } from '../test/lab/access-log.ts';
import { Host } from '../test/lab/host.ts';
import { Installation } from '../test/lab/installation.ts';
import { RunningServer } from '../test/lab/server.ts';
import { plainLine } from './plain-traffic.ts';
import { address } from './subjects.ts';

/** A program that reads a log and blocks. */
export interface Subject {
  readonly name: string;
  /** The reason why the program cannot be measured here; undefined if it can be. */
  readonly isMissing: () => string | undefined;
  /** Starts the program on a host, where it follows a log. @throws Error with its output when it does not start */
  readonly start: (at: Installation, log: string) => Promise<Running>;
  /** The time between two reads of the log by a slow program, in milliseconds: attacks are spread over that time. */
  readonly looksEvery?: number;
  /** A log line for which the program blocks the source at once. */
  readonly attack: (source: string) => string;
}

/** A running subject. */
export interface Running {
  readonly end: () => Promise<unknown>;
  /** The last output of the program, for the report when it does not block. */
  readonly said?: () => Promise<string>;
}

/** The result of some attacks. */
export interface Outcome {
  /** Milliseconds for each attack; infinity when its source was not blocked within PATIENCE. */
  readonly times: number[];
  /** The reason why there were fewer attacks than requested. */
  readonly endedEarly?: string | undefined;
}

export const riposteServe: Subject = {
  name: 'riposte serve',
  isMissing: () => undefined,
  start: async (at, log) => {
    const server = await RunningServer.start(at, [log]);
    return { end: () => server.end(), said: async () => server.said };
  },
  attack: (source) => morfeus(source),
};

/** The number of blocks to warm up. */
const WARM_UP = 5;
/** The time limits for one block, and for all of them, in milliseconds. */
export const [PATIENCE, LIMIT] = [30_000, 15 * 60_000];
/** The number of missed blocks in a row that ends the measurement. */
const MISSED = 5;

/**
 * Writes plain traffic at a rate and, now and then, an attack. Measures the time until `nft monitor` shows the attacker
 * in a set or a rule of the kernel.
 *
 * @param rate lines a second
 * @throws Error when the subject does not start
 */
export async function timesToBlock(subject: Subject, rate: number, attacks: number): Promise<Outcome> {
  const host = await Host.create('bench');
  const at = await Installation.create(host);
  const removeBoth = async () => {
    await host.remove();
    await at.remove();
  };
  await at.write('access.log', '');
  const file = `${at.home}/access.log`;
  const running = await subject.start(at, file).catch(async (error) => {
    await removeBoth();
    throw error;
  });
  const monitor = host.start(['stdbuf', '-oL', 'nft', 'monitor'], { buffer: false });
  const added = watchFor(monitor.stdout);
  const log = openSync(file, 'a');
  const endTraffic = writeTraffic(log, rate);
  const times: number[] = [];
  const end = performance.now() + LIMIT;
  let missed = 0;
  let endedEarly: string | undefined;
  try {
    for (let attack = 0; attack < attacks + WARM_UP && !endedEarly; attack++) {
      // A random pause, to avoid being in step with a timer.
      await new Promise((wake) => setTimeout(wake, 20 + Math.random() * (subject.looksEvery ?? 60)));
      const source = address(attack + 256);
      const inPlace = added(source);
      const written = performance.now();
      writeSync(log, subject.attack(source));
      const time = (await inPlace) - written;
      if (attack >= WARM_UP) times.push(time);
      missed = Number.isFinite(time) ? 0 : missed + 1;
      if (missed === MISSED)
        endedEarly = `${MISSED} attackers in a row were not blocked, each within ${PATIENCE / 1000} s\n${(await running.said?.()) ?? ''}`;
      else if (performance.now() > end) endedEarly = `${LIMIT / 60_000} minutes are over`;
    }
  } finally {
    endTraffic();
    closeSync(log);
    monitor.kill();
    await monitor;
    await running.end();
    await removeBoth();
  }
  return { times, endedEarly };
}

/** Writes plain traffic at a rate in lines a second. @returns a function that ends it */
function writeTraffic(log: number, rate: number): () => void {
  let lines = 0;
  const start = performance.now();
  const traffic = setInterval(() => {
    let text = '';
    for (const due = ((performance.now() - start) / 1000) * rate; lines < due; lines++)
      text += plainLine(lines, 20_000);
    if (text) writeSync(log, text);
  }, 5);
  return () => clearInterval(traffic);
}

/** Resolves with the time when an address appears in the output, or infinity after PATIENCE. */
function watchFor(output: Readable): (address: string) => Promise<number> {
  const waiting = new Map<string, (time: number) => void>();
  output.on('data', (bytes) => {
    const now = performance.now();
    for (const [found] of String(bytes).matchAll(/198\.18\.\d+\.\d+/g)) waiting.get(found)?.(now);
  });
  return (address) =>
    new Promise((resolve) => {
      const patience = setTimeout(() => resolve(Number.POSITIVE_INFINITY), PATIENCE);
      waiting.set(address, (time) => {
        clearTimeout(patience);
        waiting.delete(address);
        resolve(time);
      });
    });
}
