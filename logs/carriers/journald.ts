import { JsonReader } from '../readers/json.ts';
import type { JsonKind } from '../readers/json-shape.ts';
import { epochTime } from '../readers/log-time.ts';
import type { Carrier, Opened, Opener } from './carrier.ts';
import { CutLines, REST } from './cut-lines.ts';
import { Pieces } from './pieces.ts';

/**
 * The journal as `journalctl -o json` prints it (systemd.journal-fields(7), journalctl(1)): MESSAGE is a text; or a
 * list of bytes if it is not UTF-8; or null if it is longer than 4,096 bytes and journalctl was called without
 * `--all`.
 *
 * journald splits the standard output of a service every LineMax bytes (48 KB) and says so in _LINE_BREAK. Docker's
 * journald driver splits a container's lines every 16 KB, and says so in CONTAINER_PARTIAL_MESSAGE. Spaces at the
 * ends of journald's pieces are lost.
 */
export const journald: Carrier = {
  name: 'journald',
  newOpener: () => new JournaldOpener(),
};

const KEYS = {
  MESSAGE: 'message',
  'MESSAGE[]': 'byte',
  _LINE_BREAK: 'lineBreak',
  _STREAM_ID: 'stream',
  _HOSTNAME: 'host',
  SYSLOG_IDENTIFIER: 'program',
  _PID: 'process',
  PRIORITY: 'priority',
  CONTAINER_ID_FULL: 'container',
  CONTAINER_PARTIAL_MESSAGE: 'isPartial',
  __REALTIME_TIMESTAMP: 'time',
} as const;

type Key = (typeof KEYS)[keyof typeof KEYS];

const known = (path: string): Key | undefined => (KEYS as Readonly<Record<string, Key>>)[path];

class JournaldOpener implements Opener {
  readonly #json = new JsonReader<Key>(known);
  readonly #pieces = new Pieces();
  readonly #cut = new CutLines();

  open(line: string): Opened {
    const values: Partial<Record<Key, string>> = {};
    const bytes: number[] = [];
    let wrong: string | undefined;
    const reason = this.#json.read(line, (key, text, kind: JsonKind) => {
      if (key === 'byte') {
        const byte = kind === 'number' ? Number(text) : -1;
        if (Number.isInteger(byte) && byte >= 0 && byte <= 0xff) bytes.push(byte);
        else wrong = 'has a message that is neither a text nor bytes';
      } else if (kind === 'string') values[key] = text;
      else if (key === 'message')
        wrong = 'has no message: journalctl leaves out long messages unless it is called with --all';
    });
    if (reason !== undefined) {
      this.#pieces.doubt();
      return { reason };
    }
    const message = bytes.length > 0 ? Buffer.from(bytes).toString('latin1') : values.message;
    if (message === undefined || values.time === undefined) wrong ??= 'has no MESSAGE of the journal';
    else if (message.includes('\n')) wrong = 'holds several lines';
    const stream = streamOf(values);
    const isLast = values.isPartial !== 'true' && values.lineBreak === undefined;
    if (stream !== undefined && values.lineBreak !== undefined && values.lineBreak !== 'line-max')
      wrong ??= `does not end: journald says ${values.lineBreak}`; // at a NUL, a change of process, or end-of-stream
    if (wrong !== undefined || message === undefined) {
      if (stream !== undefined && isLast) this.#pieces.add(stream, '', true, undefined);
      else if (stream !== undefined) this.#pieces.break(stream);
      return { reason: wrong ?? '' };
    }
    const time = epochTime(values.time ?? '');
    // Docker's journald driver: LOG_INFO for standard output, LOG_ERR for standard error.
    const isError = values.container !== undefined && values.priority !== '6';
    if (stream !== undefined) return this.#pieces.add(stream, message, isLast, time, isError);
    if (!isLast) return { reason: 'is a piece of a line without the name of its stream' };
    const sender = `${values.host} ${values.program} ${values.process}`;
    return this.#cut.isRest(sender, message) ? { reason: REST } : { line: message, time };
  }

  lookBack(isLooking: boolean): void {
    this.#pieces.lookBack(isLooking);
  }

  suspectCut(): void {
    this.#cut.suspect();
  }
}

/** The key that all pieces of one line share; undefined for messages that neither journald nor Docker splits. */
function streamOf({ container, priority, stream }: Partial<Record<Key, string>>): string | undefined {
  return container === undefined ? stream : `${container} ${priority}`;
}
