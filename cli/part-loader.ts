import { fstatSync, openSync, readSync } from 'node:fs';
import { Script } from 'node:vm';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import { COMMENT_END } from '../active-response/precompiled.ts';

/**
 * The parts of the program, which follow this loader in one comment, by their names. build/parts.ts writes this table:
 * the line of the comment at which a part begins, the distance of its first byte from the end of the file, and its
 * length in bytes.
 */
declare const PARTS: Readonly<Record<string, readonly [line: number, fromEnd: number, length: number]>>;

/** The line of the file at which the comment begins. */
declare const FIRST_LINE: number;

/** The first line of each part: it differs for each build. */
declare const MARK: string;

/** The exports of a part. */
type Exports = Record<string, unknown>;

const file = openProgram();
const { size } = fstatSync(file);

const loaded = new Map<string, Exports>();

/**
 * Opens the file of the program. It stays open until the process ends, because an update may replace the file before
 * the last part is loaded. The threads of a process share the descriptor: a thread that crashes would leave its own
 * descriptor open.
 */
function openProgram(): number {
  const shared = getEnvironmentData(MARK);
  if (typeof shared === 'number') return shared;
  const opened = openSync(__filename, 'r');
  setEnvironmentData(MARK, opened);
  return opened;
}

/**
 * Returns the exports of a part. Reads, compiles and runs the part at the first call.
 *
 * @throws Error if the text of the part is not at its place in the file, or if the part throws an error when it runs
 */
function load(name: string): Exports {
  const known = loaded.get(name);
  if (known) return known;
  const [line, fromEnd, length] = PARTS[name] ?? [0, 0, 0];
  const text = textAt(size - fromEnd, length);
  if (!text.startsWith(MARK))
    throw new Error(
      `${__filename} is damaged, or was replaced while it started; start it again, or install it again`,
    );
  const code = text.replaceAll(COMMENT_END, '*/');
  const script = new Script(
    `(function (exports, load, require, __filename, __dirname) {"use strict";${code}})`,
    {
      filename: __filename,
      lineOffset: FIRST_LINE + line,
    },
  );
  const exports: Exports = {};
  loaded.set(name, exports);
  try {
    script.runInThisContext()(exports, load, require, __filename, __dirname);
  } catch (error) {
    // The next call must not return the exports of a part that has not run to its end.
    loaded.delete(name);
    throw error;
  }
  return exports;
}

/** Reads ASCII text from the file of the program. @returns a shorter text if the file ends before */
function textAt(from: number, length: number): string {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; ) {
    const count = readSync(file, bytes, at, length - at, from + at);
    if (count === 0) break;
    at += count;
  }
  return bytes.toString('latin1');
}

load('./riposte.js');
