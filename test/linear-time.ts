import * as assert from 'uvu/assert';

/**
 * The limit for the time of a text of four times the length, as a multiple of the short text's time: linear work takes
 * 4 times as long, quadratic work 16 times.
 */
const MOST = 8;
/** Work that takes fewer milliseconds on the short text is not quadratic: the fastest quadratic search takes longer. */
const QUICK = 8;
const ROUNDS = 40;

/**
 * Asserts that the time of some work does not grow with the square of its input's length, on a slow and on a fast
 * machine.
 *
 * @param lengths of a short input, and of an input that is four times as long
 * @param timeOf runs the work on an input of this length, and returns its time in milliseconds of CPU
 */
export function assertLinear(
  [short, long]: readonly [number, number],
  timeOf: (length: number) => number,
  what: string,
): void {
  let shortTime = timeOf(short);
  if (shortTime < QUICK) return;
  let longTime = timeOf(long);
  // On a busy machine the smallest of several times is the most accurate.
  for (let round = 1; round < ROUNDS && longTime >= MOST * shortTime; round++) {
    longTime = Math.min(longTime, timeOf(long));
    shortTime = Math.min(shortTime, timeOf(short));
  }
  const times = `${shortTime.toFixed(1)} ms for ${short} bytes, ${longTime.toFixed(1)} ms for ${long}`;
  assert.ok(longTime < MOST * shortTime, `${what}: ${times}`);
}

/** The time of some work in milliseconds of CPU. */
export function cpuTimeOf(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
