import { closeSync, openSync, writeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { morfeus } from '../test/lab/access-log.ts';
import { Host } from '../test/lab/host.ts';
import { Installation } from '../test/lab/installation.ts';
import { RunningServer } from '../test/lab/server.ts';
import { plainLine } from './plain-traffic.ts';
import { address } from './subjects.ts';

/** What reads a log and blocks. */
export interface Subject {
  readonly name: string;
  /** Why it cannot be measured here, or undefined. */
  readonly isMissing: () => string | undefined;
  /** Starts it on a host, following a log. @throws Error with what it says when it does not start */
  readonly start: (at: Installation, log: string) => Promise<Running>;
  /** How often it looks at a log, in milliseconds, when that is seldom: what takes so long is asked of it less often. */
  readonly looksEvery?: number;
  /** A request for which it blocks at once. */
  readonly attack: (source: string) => string;
}

/** A subject at work. */
export interface Running {
  readonly end: () => Promise<unknown>;
  /** What it has said last, for when it does not block. */
  readonly said?: () => Promise<string>;
}

/** What came of some attacks. */
export interface Outcome {
  /** Milliseconds for each; infinity for one that was not blocked within PATIENCE. */
  readonly times: number[];
  /** Why there were fewer attacks than asked for. */
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

/** How many blocks warm up. */
const WARM_UP = 5;
/** How long to wait for one block, and for all of them, in milliseconds. */
export const [PATIENCE, LIMIT] = [30_000, 15 * 60_000];
/** After so many in a row that were not blocked no more is asked for. */
const MISSED = 5;

/**
 * Writes plain traffic at a rate and, now and then, an attack; takes the time until the kernel has the attacker in
 * a set or a rule, as `nft monitor` tells it.
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
      // Not in step with anything that happens at a fixed time.
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

/** Writes so many lines of plain traffic a second. @returns what ends it */
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

/** Tells when an address appears in what the kernel says. Never, within PATIENCE, is told as infinity. */
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
