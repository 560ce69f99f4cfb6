import { isoTime } from '../readers/log-time.ts';
import type { Carrier, Opened, Opener } from './carrier.ts';

/**
 * The output of `docker compose logs`: `web-1  | message`, and with `--timestamps` a time of nine decimals before the
 * message. Docker has already joined the pieces of split lines.
 */
export const compose: Carrier = {
  name: 'compose',
  hidesStream: true,
  newOpener: () => new ComposeOpener(),
};

const HEAD =
  /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127} {0,128}\| (?:(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(?:Z|[-+]\d\d:\d\d)) )?/;

class ComposeOpener implements Opener {
  open(line: string): Opened {
    const [head, time] = HEAD.exec(line) ?? [];
    if (head === undefined) return { reason: 'does not begin with the name of a container and a bar' };
    return { line: line.slice(head.length), time: time === undefined ? undefined : isoTime(time) };
  }
}
