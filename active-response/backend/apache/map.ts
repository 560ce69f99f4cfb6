import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  futimesSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { isHost } from '../../address.ts';
import { EX, RiposteError } from '../../errors.ts';
import { fileError, isMissing, writeNewFile } from '../../files.ts';
import type { Backend, Change } from '../backend.ts';

/** Apache's user reads it. */
const READABLE = 0o644;

const HEADER =
  '# Addresses that Apache denies (RewriteMap, see httpd.conf.d/deny-map.conf). Riposte edits this file.\n';

/**
 * A RewriteMap text file, which Apache reads again by itself when its time of change is another.
 *
 * Changed in place, never rewritten as a whole: to block is to append one line in one write, to unblock is to
 * overwrite the first byte of the line with `#`, which makes it a comment. So any number of processes change
 * it at once, without a lock and without losing each other's entry, at a cost that hardly grows with the file.
 *
 * @param entries the addresses that the ledger holds, for a file that is missing
 */
export function apacheMap(file: string, entries: () => Iterable<string>): Backend {
  return {
    name: 'map',
    apply({ verb, address }: Change, executor) {
      if (!isHost(address) && verb === 'block') {
        throw new RiposteError(
          EX.CONFIG,
          `${address.text}: a RewriteMap holds no prefixes (APACHE_DENY=apache24 does, with a file of its own)`,
        );
      }
      if (verb === 'block')
        executor.edit(`append '${address.text} deny' to ${file}`, () => deny(file, address.text, entries));
      else executor.edit(`comment out ${address.text} in ${file}`, () => allow(file, address.text));
    },
    list: () => new Set(existsSync(file) ? parseMap(readFileSync(file, 'latin1')) : []),
  };
}

/** The addresses in a map's text. */
export function parseMap(text: string): string[] {
  return text.split('\n').flatMap((line) => /^([0-9a-f.:]+) deny\s*$/.exec(line)?.[1] ?? []);
}

function deny(file: string, address: string, entries: () => Iterable<string>): void {
  if (!existsSync(file)) makeFromLedger(file, entries());
  edit(file, constants.O_RDWR | constants.O_APPEND, (fd, text) => {
    if (!isMap(text))
      throw new RiposteError(EX.CONFIG, `${file} is no RewriteMap; set APACHE_FILE to a file of its own`);
    if (linesOf(text, address).length > 0) return;
    // A line that a full disk has cut short must not swallow this one.
    const line = `${text.length === 0 || text.at(-1) === 0x0a ? '' : '\n'}${address} deny\n`;
    if (writeSync(fd, line) !== line.length) throw fileError('write', file, { code: 'ENOSPC' });
  });
}

function allow(file: string, address: string): void {
  if (!existsSync(file)) return;
  edit(file, constants.O_RDWR, (fd, text) => {
    for (const offset of linesOf(text, address)) writeSync(fd, '#', offset);
  });
}

/** Makes one edit of the file that is in place now, also when another process replaces it meanwhile. */
function edit(file: string, flags: number, change: (fd: number, text: Buffer) => void): void {
  try {
    const fd = openSync(file, flags);
    try {
      change(fd, readFileSync(fd));
      markChanged(fd);
      if (fstatSync(fd).ino === statSync(file).ino) return;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw fileError('write', file, error);
  }
  edit(file, flags, change);
}

/** True when the file begins as a map does, with a comment or a key and its value, or is empty. */
function isMap(text: Buffer): boolean {
  const [first = ''] = text.toString('latin1', 0, 500).trimStart().split('\n');
  return first === '' || /^(#|[0-9a-f.:]+\s+\S+\s*$)/i.test(first);
}

/** Where the lines of an address begin, in bytes. */
function linesOf(text: Buffer, address: string): number[] {
  const entry = Buffer.from(`${address} deny`);
  const found: number[] = [];
  for (let at = text.indexOf(entry); at !== -1; at = text.indexOf(entry, at + 1)) {
    const startsLine = at === 0 || text[at - 1] === 0x0a;
    // Apache ends a value at white space, and reads a last line that nothing ends.
    if (startsLine && (text[at + entry.length] ?? 0x0a) <= 0x20) found.push(at);
  }
  return found;
}

/**
 * Gives the file a time of change that it never had, once its bytes are in place. Apache keeps what it looked
 * up until that time is another, and the kernel's own clock for files ticks only every few milliseconds.
 */
function markChanged(fd: number): void {
  // Milliseconds of the clock, and below them a part that differs from one process and moment to the next.
  const now = Date.now() / 1000 + (process.hrtime()[1] % 1e6) / 1e9;
  futimesSync(fd, now, now);
}

/** A link, unlike a rename, never takes the place of a file that another process has just made and added to. */
function makeFromLedger(file: string, entries: Iterable<string>): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeNewFile(temporary, HEADER + [...entries].map((address) => `${address} deny\n`).join(''), {
      mode: READABLE,
      directoryMode: 0o755,
    });
    chmodSync(temporary, READABLE); // whatever the umask
    linkSync(temporary, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' && !isMissing(error))
      throw fileError('write', file, error);
  } finally {
    rmSync(temporary, { force: true });
  }
}
