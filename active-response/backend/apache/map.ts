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
import { isHost } from '../../../base/address.ts';
import { EX, RiposteError } from '../../../base/errors.ts';
import type { Executor } from '../../../base/execute.ts';
import { fileError, isMissing, readIfThere, systemError, writeNewFile } from '../../../base/files.ts';
import { oneByOne } from '../apply-many.ts';
import type { Backend, Change } from '../backend.ts';
import type { InForce } from '../in-force.ts';
import { compactMap } from './compact-map.ts';
import { isMap, linesOf, linesOfAll, parseMap, withoutLine } from './map-lines.ts';
import { markChanged } from './mark-changed.ts';

/** Apache's user must be able to read it. */
const READABLE = 0o644;

const HEADER =
  '# Addresses that Apache denies (RewriteMap, see httpd.conf.d/deny-map.conf). Riposte edits this file.\n';

/**
 * A RewriteMap text file, which Apache reads again as soon as its modification time differs.
 *
 * The file is edited in place: a block appends one line in one write; an unblock overwrites the line's first byte
 * with `#`, which makes it a comment. So many processes can edit it at once, without a lock and without losing an
 * entry, and the cost hardly grows with the file.
 *
 * @param entries the addresses in the ledger, for a file that is missing
 */
export function apacheMap(file: string, entries: () => Iterable<string>): Backend {
  const apply = ({ verb, address }: Change, executor: Executor) => {
    if (!isHost(address) && verb === 'block') {
      throw new RiposteError(
        EX.CONFIG,
        `${address.text}: a RewriteMap holds no prefixes; set APACHE_DENY=apache24, with a file of its own`,
      );
    }
    if (verb === 'block')
      executor.edit(`append '${address.text} deny' to ${file}`, () => deny(file, [address.text], entries));
    else executor.edit(`comment out ${address.text} in ${file}`, () => allow(file, [address.text]));
  };
  return {
    name: 'map',
    apply,
    applyAll(changes, executor) {
      const isSingle = ({ verb, address }: Change) =>
        executor.dryRun || (verb === 'block' && !isHost(address));
      const many = changes.filter((change) => !isSingle(change));
      const textsOf = (verb: Change['verb']) =>
        many.filter((change) => change.verb === verb).map(({ address }) => address.text);
      const [blocked, unblocked] = [textsOf('block'), textsOf('unblock')];
      if (blocked.length > 0) deny(file, blocked, entries);
      if (unblocked.length > 0) allow(file, unblocked);
      return oneByOne(changes.filter(isSingle), (change) => apply(change, executor));
    },
    tidy: (executor) =>
      executor.dryRun
        ? []
        : compactMap(
            file,
            { deny: (some) => deny(file, some, entries), allow: (some) => allow(file, some) },
            entries,
          ),
    list() {
      const found = parseMap(readIfThere(file, { followsLinks: true }) ?? '');
      return new Map(found.map((address): [string, InForce] => [address, {}]));
    },
  };
}

function deny(file: string, addresses: readonly string[], entries: () => Iterable<string>): void {
  if (!existsSync(file)) makeFromLedger(file, entries);
  edit(file, constants.O_RDWR | constants.O_APPEND, (fd, text) => {
    if (!isMap(text))
      throw new RiposteError(EX.CONFIG, `${file} is not a RewriteMap; set APACHE_FILE to a file of its own`);
    const lines = withoutLine(text, addresses).map((address) => `${address} deny\n`);
    if (lines.length === 0) return;
    // A line that a full disk cut short must not merge with this one.
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
      // A pipe that is open for reading and writing would wait for itself.
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
 * created and extended. A process that unblocks an address meanwhile finds no file to edit, so this reads the ledger
 * again until file and ledger agree.
 */
function makeFromLedger(file: string, entries: () => Iterable<string>): void {
  const made = [...entries()];
  if (!publish(file, made)) return;
  for (let inFile = new Set(made); ; ) {
    const now = new Set(entries());
    const gone = [...inFile].filter((address) => !now.has(address));
    const back = made.filter((address) => now.has(address) && !inFile.has(address));
    if (gone.length + back.length === 0) return;
    if (gone.length > 0) allow(file, gone);
    if (back.length > 0) deny(file, back, entries);
    inFile = new Set(made.filter((address) => now.has(address)));
  }
}

/** @returns whether this process created the file */
function publish(file: string, entries: readonly string[]): boolean {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeNewFile(temporary, HEADER + entries.map((address) => `${address} deny\n`).join(''), {
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
