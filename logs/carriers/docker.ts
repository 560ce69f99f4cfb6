import { JsonReader } from '../readers/json.ts';
import type { JsonKind } from '../readers/json-shape.ts';
import { isoTime } from '../readers/log-time.ts';
import type { Carrier, Opened, Opener } from './carrier.ts';
import { Pieces } from './pieces.ts';

/**
 * Docker's json-file logging driver (docs.docker.com/engine/logging/drivers/json-file):
 *
 *   {"log":"203.0.113.7 - - […]\n","stream":"stdout","time":"2025-10-10T13:55:36.123456789Z"}
 *
 * Docker splits a line every 16 KB (daemon/logger/copier.go); only the last piece ends with a newline.
 */
export const docker: Carrier = {
  name: 'docker',
  newOpener: () => new DockerOpener(),
};

const KEYS: ReadonlySet<string> = new Set(['log', 'stream', 'time']);

class DockerOpener implements Opener {
  readonly #json = new JsonReader<string>((path) => (KEYS.has(path) ? path : undefined));
  readonly #pieces = new Pieces();

  open(line: string): Opened {
    let log: string | undefined;
    let stream = '';
    let time = '';
    let isText = true;
    const reason = this.#json.read(line, (key, text, kind: JsonKind) => {
      if (kind !== 'string') isText = false;
      if (key === 'log') log = text;
      else if (key === 'stream') stream = text;
      else time = text;
    });
    if (reason !== undefined) {
      this.#pieces.doubt();
      return { reason };
    }
    const isStream = stream === 'stdout' || stream === 'stderr';
    if (log === undefined || !isStream || !isText) return { reason: 'has no log, stream and time of Docker' };
    const newline = log.indexOf('\n');
    if (newline >= 0 && newline < log.length - 1) return { reason: 'holds several lines' };
    const seconds = isoTime(time, 'utc');
    const isError = stream === 'stderr';
    if (newline < 0) return this.#pieces.add(stream, log, false, seconds, isError);
    const end = log.endsWith('\r\n') ? newline - 1 : newline;
    return this.#pieces.add(stream, log.slice(0, end), true, seconds, isError);
  }

  lookBack(isLooking: boolean): void {
    this.#pieces.lookBack(isLooking);
  }
}
