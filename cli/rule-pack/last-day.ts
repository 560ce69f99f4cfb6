import { closeSync, createReadStream, existsSync, openSync, readSync, statSync } from 'node:fs';
import type { Io } from '../../base/io.ts';
import { LogClock } from '../../engine/event/log-time.ts';
import { rotatedForms } from '../../logs/files/rotated-forms.ts';
import { collect } from '../../logs/sources/find-logs.ts';
import type { LogSource } from '../../logs/sources/log-source.ts';
import { type Operand, operandOf } from '../replay/replayed-logs.ts';

export const DAY = 86_400;

/** The maximum number of bytes to read of a log without readable times. */
const MOST_WITHOUT_TIMES = 256 * 1024 * 1024;
/** The maximum number of bytes of a log to search for a line with a time. */
const WINDOW = 256 * 1024;

/**
 * The lines of these sources from about the time `since` on: of each log, first the rotated files that were written
 * after `since`, then the end of the plain file. Prints the names of missing logs.
 *
 * @param since seconds since 1970
 */
export function logsSince(sources: readonly LogSource[], since: number, io: Io): Operand[] {
  const { logs, problems } = collect(sources);
  for (const problem of problems) io.err(`riposte: ${problem}\n`);
  return logs.flatMap((log) => {
    if (log.kind === 'journal') return [operandOf(log, io)];
    if (!existsSync(log.path)) {
      io.err(`riposte: there is no ${log.path}\n`);
      return [];
    }
    const rotated = rotatedForms(log.path, since * 1000);
    const whole = rotated.map((path) => operandOf({ ...log, name: path, path }, io));
    return [...whole, endOf(operandOf(log, io), log.path, since)];
  });
}

/** The end of a log: its lines from about the time `since` on. */
function endOf(operand: Operand, path: string, since: number): Operand {
  const start = offsetAt(path, since);
  if (start === 0) return operand;
  return {
    ...operand,
    open: () => {
      const stream = createReadStream(path, { start, highWaterMark: WINDOW });
      const size = statSync(path).size - start;
      return { name: path, stream: afterFirstLine(stream), size, read: () => stream.bytesRead };
    },
  };
}

/** Leaves out the text before the first newline, because the stream may begin within a line. */
async function* afterFirstLine(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let isWithin = true;
  for await (const chunk of stream) {
    const end = isWithin ? chunk.indexOf(0x0a) : -1;
    if (isWithin && end < 0) continue;
    yield chunk.subarray(end + 1);
    isWithin = false;
  }
}

/** Finds, by bisection, an offset before which all lines are older than `since`. */
function offsetAt(path: string, since: number): number {
  const clock = new LogClock(Math.floor(Date.now() / 1000));
  const fd = openSync(path, 'r');
  try {
    const { size } = statSync(path);
    let [low, high] = [0, size];
    while (high - low > WINDOW) {
      const middle = Math.floor((low + high) / 2);
      const time = timeAt(fd, middle, clock);
      if (time === undefined) return Math.max(0, size - MOST_WITHOUT_TIMES);
      if (time < since) low = middle;
      else high = middle;
    }
    return low;
  } finally {
    closeSync(fd);
  }
}

/** Reads the whole lines after an offset, and returns the time of the first line that has one. */
function timeAt(fd: number, offset: number, clock: LogClock): number | undefined {
  const window = Buffer.alloc(WINDOW);
  const text = window.toString('latin1', 0, readSync(fd, window, 0, WINDOW, offset));
  for (const line of text.split('\n').slice(1, -1)) {
    const time = clock.read(line);
    if (time !== undefined) return time;
  }
  return undefined;
}
