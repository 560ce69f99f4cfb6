import { statSync } from 'node:fs';
import { fileError } from '../../base/files.ts';
import { JournalReading } from '../journal/read-journal.ts';
import { anyHead } from './begin-and-end.ts';
import { type Line, MAX_LINE, readLines } from './lines.ts';
import { HEAD_LENGTH, type Position } from './position.ts';
import { readPart } from './read-part.ts';
import { type FormsOf, type Part, resumePoint } from './resume-point.ts';

/** Some lines of a log. */
export interface LinesRead {
  readonly lines: readonly Line[];
  /** True for lines that were read before, because half of a burst may be in them. */
  readonly isContext: boolean;
}

/** The lines of a log since the last read. */
export interface NewLines {
  /** Yields the context, then the new lines. @throws RiposteError if reading fails */
  read(): AsyncIterable<LinesRead>;
  /** The position to remember after all lines are read; undefined if there is none. */
  readonly position: Position | undefined;
  /**
   * The position after the lines that `read` has yielded so far, also if they are from a compressed rotated form;
   * undefined before the first lines, and for a journal.
   *
   * @throws RiposteError (NOPERM, IOERR) if the file has vanished meanwhile
   */
  readonly readTo: Position | undefined;
  /** Bytes of the file itself that will have been read; undefined if it does not exist, and for a journal. */
  readonly end: number | undefined;
  /** True if unread lines are lost. */
  readonly isLost: boolean;
  /** False if the log does not exist yet. */
  readonly isThere: boolean;
}

/** A log to continue reading. */
export interface LogToRead {
  /** Its path, or a name for a journal. */
  readonly location: string;
  /** The unit whose journal it is; undefined for a file. */
  readonly unit?: string | undefined;
}

/** Options for reading a file; they do not apply to a journal. */
export interface FileOptions {
  /** The most bytes of a line that are kept. */
  readonly longest?: number;
  /** True to yield some lines before the new ones as context. */
  readonly hasContext?: boolean;
  /** Finds the rotated forms of a log. */
  readonly formsOf?: FormsOf;
}

/**
 * Finds the new lines of a log: of a file with its rotated forms, or of a unit's journal.
 *
 * @param last the position of the last read; undefined if all of it is new
 * @throws RiposteError (NOPERM, IOERR) for a log that cannot be read
 */
export function newLines(
  { location, unit }: LogToRead,
  last: Position | undefined,
  now: Date,
  { longest = MAX_LINE, hasContext = true, formsOf }: FileOptions = {},
): NewLines {
  if (unit !== undefined) return newLinesOfJournal(unit, last, now);
  try {
    const { parts, position, end, isLost } = resumePoint(location, last, now, formsOf);
    const reading = new FileReading(
      hasContext ? parts : parts.filter(({ isContext }) => !isContext),
      longest,
    );
    return {
      read: () => reading.read(),
      position,
      get readTo() {
        return reading.readTo;
      },
      end,
      isLost,
      isThere: end !== undefined,
    };
  } catch (error) {
    throw fileError('read', location, error);
  }
}

function newLinesOfJournal(unit: string, last: Position | undefined, now: Date): NewLines {
  const reading = new JournalReading(unit, last, now);
  return {
    read: () => reading.read(),
    get position() {
      return reading.position;
    },
    readTo: undefined,
    end: undefined,
    get isLost() {
      return reading.isLost;
    },
    isThere: true,
  };
}

class FileReading {
  #file: string | undefined;
  #offset = 0;

  constructor(
    private readonly parts: readonly Part[],
    private readonly longest: number,
  ) {}

  async *read(): AsyncGenerator<LinesRead> {
    for (const part of this.parts)
      for await (const lines of readLines(this.#bytesOf(part), this.longest))
        yield { lines, isContext: part.isContext };
  }

  get readTo(): Position | undefined {
    const file = this.#file;
    if (file === undefined) return undefined;
    try {
      const time = statSync(file).mtime.toISOString();
      return { offset: this.#offset, head: anyHead(file, HEAD_LENGTH), time };
    } catch (error) {
      throw fileError('read', file, error);
    }
  }

  async *#bytesOf(part: Part): AsyncGenerator<Buffer> {
    this.#file = part.file;
    this.#offset = part.from;
    for await (const bytes of readPart(part)) {
      this.#offset += bytes.length;
      yield bytes;
    }
  }
}
