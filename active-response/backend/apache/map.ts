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
import { isHost } from '../../address.ts';
import { EX, RiposteError } from '../../errors.ts';
import { fileError, isMissing, readIfThere, writeNewFile } from '../../files.ts';
import { oneByOne } from '../apply-many.ts';
import type { Backend, Change, InForce } from '../backend.ts';
import type { Executor } from '../execute.ts';
import { compactMap } from './compact-map.ts';
import { isMap, linesOf, linesOfAll, parseMap, withoutLine } from './map-lines.ts';
import { markChanged } from './mark-changed.ts';

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
  const apply = ({ verb, address }: Change, executor: Executor) => {
    if (!isHost(address) && verb === 'block') {
      throw new RiposteError(
        EX.CONFIG,
        `${address.text}: a RewriteMap holds no prefixes (APACHE_DENY=apache24 does, with a file of its own)`,
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
      const found = parseMap(readIfThere(file) ?? '');
      return new Map(found.map((address): [string, InForce] => [address, {}]));
    },
  };
}

function deny(file: string, addresses: readonly string[], entries: () => Iterable<string>): void {
  if (!existsSync(file)) makeFromLedger(file, entries);
  edit(file, constants.O_RDWR | constants.O_APPEND, (fd, text) => {
    if (!isMap(text))
      throw new RiposteError(EX.CONFIG, `${file} is no RewriteMap; set APACHE_FILE to a file of its own`);
    const lines = withoutLine(text, addresses).map((address) => `${address} deny\n`);
    if (lines.length === 0) return;
    // A line that a full disk has cut short must not swallow this one.
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

/**
 * Makes the file that is missing. A link, unlike a rename, never takes the place of a file that another process has
 * just made and added to. Who is unblocked meanwhile finds no file to take the address out of, so the ledger is
 * looked at again until it says what the file does.
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

/** @returns whether it was this process that made the file */
function publish(file: string, entries: readonly string[]): boolean {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeNewFile(temporary, HEADER + entries.map((address) => `${address} deny\n`).join(''), {
      mode: READABLE,
      directoryMode: 0o755,
    });
    chmodSync(temporary, READABLE); // whatever the umask
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
