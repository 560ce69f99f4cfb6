import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { EX, RiposteError } from '../../../base/errors.ts';
import { fileError, isMissing, readIfThere, systemError, writeNewFile } from '../../../base/files.ts';
import { compactMap, type Editing } from './compact-map.ts';
import { isMap, linesOf, linesOfAll, parseMap, withoutLine } from './map-lines.ts';
import { markChanged } from './mark-changed.ts';

/** The server's user must be able to read the map. */
const READABLE = 0o644;

/** A text file of lines `ADDRESS deny` that a server reads. */
export interface MapSpec {
  readonly file: string;
  /** The setting that names the file, for messages. */
  readonly setting: string;
  /** The server’s name for a map file. */
  readonly kind: string;
  /** The first line of a new file. */
  readonly header: string;
}

/** The operations on a map in a file. */
export interface MapFile extends Editing {
  /** The addresses in it. */
  list(): string[];
  /** Shrinks it, if that is worthwhile. @returns a line about the change */
  compact(): string[];
}

/**
 * A map in a text file. The file is edited in place: a block appends one line in one write; an unblock overwrites the
 * line's first byte with `#`: the line becomes a comment. Therefore several processes can edit it at the same time,
 * without a lock and without losing an entry, and the cost hardly grows with the file.
 *
 * @param entries the addresses in the ledger, with which a missing file is created
 */
export function mapFile(spec: MapSpec, entries: () => Iterable<string>): MapFile {
  const { file } = spec;
  const editing: Editing = {
    deny: (some) => deny(spec, some, entries),
    allow: (some) => allow(file, some),
  };
  return {
    ...editing,
    list: () => parseMap(readIfThere(file, { followsLinks: true }) ?? ''),
    compact: () => compactMap(file, editing, entries),
  };
}

function deny(spec: MapSpec, addresses: readonly string[], entries: () => Iterable<string>): void {
  const { file, setting, kind } = spec;
  if (!existsSync(file)) makeFromLedger(spec, entries);
  edit(file, constants.O_RDWR | constants.O_APPEND, (fd, text) => {
    if (!isMap(text))
      throw new RiposteError(EX.CONFIG, `${file} is not a ${kind}; set ${setting} to a file of its own`);
    const lines = withoutLine(text, addresses).map((address) => `${address} deny\n`);
    if (lines.length === 0) return;
    // A line that a full disk cut short must not merge with the new line.
    const added = `${text.length === 0 || text.at(-1) === 0x0a ? '' : '\n'}${lines.join('')}`;
    if (writeSync(fd, added) !== added.length) throw fileError('write', file, { code: 'ENOSPC' });
  });
}

function allow(file: string, addresses: readonly string[]): void {
  if (!existsSync(file)) return;
  edit(file, constants.O_RDWR, (fd, text) => {
    const [only = ''] = addresses;
    const offsets = addresses.length === 1 ? linesOf(text, only) : linesOfAll(text, new Set(addresses));
    for (const offset of offsets) writeSync(fd, '#', offset);
  });
}

/** Edits the current file. Repeats the edit if another process replaces the file meanwhile. */
function edit(file: string, flags: number, change: (fd: number, text: Buffer) => void): void {
  try {
    const fd = openSync(file, flags | constants.O_NONBLOCK);
    try {
      // If the file were a pipe, reading would never end, because this process itself holds it open for writing.
      if (!fstatSync(fd).isFile()) throw systemError('ENXIO');
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

/**
 * Creates the missing file. Uses a link, because a rename could overwrite a file that another process has just
 * created and extended. A process that unblocks an address meanwhile finds no file to edit, so this function
 * reads the ledger again until file and ledger agree.
 */
function makeFromLedger(spec: MapSpec, entries: () => Iterable<string>): void {
  const made = [...entries()];
  if (!publish(spec, made)) return;
  for (let inFile = new Set(made); ; ) {
    const now = new Set(entries());
    const gone = [...inFile].filter((address) => !now.has(address));
    const back = made.filter((address) => now.has(address) && !inFile.has(address));
    if (gone.length + back.length === 0) return;
    if (gone.length > 0) allow(spec.file, gone);
    if (back.length > 0) deny(spec, back, entries);
    inFile = new Set(made.filter((address) => now.has(address)));
  }
}

/** @returns true if this process created the file */
function publish({ file, header }: MapSpec, entries: readonly string[]): boolean {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeNewFile(temporary, header + entries.map((address) => `${address} deny\n`).join(''), {
      mode: READABLE,
      directoryMode: 0o755,
    });
    chmodSync(temporary, READABLE); // independent of the umask
    linkSync(temporary, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' && !isMissing(error))
      throw fileError('write', file, error);
    return false;
  } finally {
    rmSync(temporary, { force: true });
  }
}
