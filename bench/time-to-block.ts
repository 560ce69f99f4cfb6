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
  /** Starts it on a host. @returns what ends it */
  readonly start: (at: Installation, log: string) => Promise<() => Promise<unknown>>;
  /** How often it looks at a log, in milliseconds, when that is seldom: what takes so long is asked of it less often. */
  readonly looksEvery?: number;
  /** A request for which it blocks at once. */
  readonly attack: (source: string) => string;
}

export const riposteServe: Subject = {
  name: 'riposte serve',
  isMissing: () => undefined,
  start: async (at, log) => {
    const server = await RunningServer.start(at, [log]);
    return () => server.end();
  },
  attack: (source) => morfeus(source),
};

/** How many blocks warm up, and how long to wait for one, in milliseconds. */
const WARM_UP = 5;
const PATIENCE = 10_000;

/**
 * Writes plain traffic at a rate and, now and then, an attack; takes the time until the kernel has the attacker in
 * a set or a rule, as `nft monitor` tells it.
 *
 * @returns milliseconds for each attack
 */
export async function timesToBlock(subject: Subject, rate: number, attacks: number): Promise<number[]> {
  const host = await Host.create('bench');
  const at = await Installation.create(host);
  await at.write('access.log', '');
  const file = `${at.home}/access.log`;
  const stop = await subject.start(at, file).catch(async (error) => {
    await host.remove();
    await at.remove();
    throw error;
  });
  const monitor = host.start(['stdbuf', '-oL', 'nft', 'monitor'], { buffer: false });
  const added = watchFor(monitor.stdout);
  const log = openSync(file, 'a');
  let lines = 0;
  const start = performance.now();
  const traffic = setInterval(() => {
    let text = '';
    for (const due = ((performance.now() - start) / 1000) * rate; lines < due; lines++)
      text += plainLine(lines, 20_000);
    if (text) writeSync(log, text);
  }, 5);
  const times: number[] = [];
  try {
    for (let attack = 0; attack < attacks + WARM_UP; attack++) {
      // Not in step with anything that happens at a fixed time.
      await new Promise((wake) => setTimeout(wake, 20 + Math.random() * (subject.looksEvery ?? 60)));
      const source = address(attack + 256);
      const inPlace = added(source);
      const written = performance.now();
      writeSync(log, subject.attack(source));
      const time = (await inPlace) - written;
      if (attack >= WARM_UP) times.push(time);
    }
  } finally {
    clearInterval(traffic);
    closeSync(log);
    monitor.kill();
    await monitor;
    await stop();
    await host.remove();
    await at.remove();
  }
  return times;
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
