import { readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { uptime } from 'node:os';
import { attempt, RiposteError } from '../base/errors.ts';
import { readIfThere } from '../base/files.ts';
import { listedNames } from '../base/listed-names.ts';
import type { ListDirectory } from '../base/names-in.ts';
import { writeCopy } from '../base/write-copy.ts';
import { type CompactBlocks, compacted, expanded } from './compact-blocks.ts';
import { protectorOfMany } from './guard/protector-of-many.ts';
import type { Home } from './home.ts';
import { type Block, indexFile, type Ledger, readLedger } from './ledger.ts';
import { listedEntries } from './listed-entries.ts';
import { type ReconcileContext, reconcileContext } from './reconcile-context.ts';
import type { ResponseContext } from './request-context.ts';
import { keptInMemory } from './unrecorded.ts';

/** A ledger with fewer entries gets no index. */
const FEWEST = 1_000;
/** If a reader has taken more than this share of the entries from their files, it writes a new index. */
const STALE = 1 / 20;
/** The longest time between the note about a change and the change itself, in seconds. */
const LATEST = 60;
/** If the file of notes is longer than this, in bytes, begin a new file. */
const LONG = 1 << 20;

/** All entries of one response in one file. */
interface Index {
  /**
   * The kernel's id of the boot in which the index was made. A reader ignores an index of an earlier boot, because a
   * power failure may have lost notes about changes.
   */
  readonly boot: string;
  /** The time just before the entries were read, in seconds since that boot. */
  readonly at: number;
  readonly blocks: readonly Block[];
}

/** The index as its file holds it. */
interface Written extends Pick<Index, 'boot' | 'at'> {
  readonly compact: CompactBlocks;
}

/**
 * Reads the whole ledger of a response, as `readLedger` does. The entries' files are the truth; an index holds copies,
 * because reading 100,000 small files takes two seconds. While the directory of the entries is unchanged, also takes
 * its names from a copy.
 *
 * Takes an entry from the index if its name still exists and no process has noted a change of this entry since shortly
 * before the index was made: a process notes the address before it writes an entry. Ignores an index that is missing,
 * damaged or of another boot, so anyone may remove it at any time. A killed process leaves at most a temporary file.
 *
 * @throws RiposteError (IOERR, NOPERM)
 */
export function readIndexedLedger(home: Home, response: string): Ledger {
  const at = uptime();
  // Entries in memory override the files. Such entries are rare, and exist for a short time.
  const boot = keptInMemory(home) ? undefined : bootId();
  const known = boot === undefined ? () => undefined : knownBlocks(home, response, boot);
  let read = 0;
  const knownOf = (address: string) => {
    const block = known(address);
    if (block === undefined) read++;
    return block;
  };
  const ledger = readLedger(home, response, knownOf, listed(home, response), listedEntries());
  const { blocks } = ledger;
  const isLong = sizeOf(indexFile(home, response, 'changed')) > LONG;
  if (boot === undefined || blocks.length < FEWEST) {
    if (isLong) dropIndex(home, response);
    return ledger;
  }
  if (isLong || read > blocks.length * STALE) writeIndex(home, response, { boot, at, blocks });
  return ledger;
}

/** Lists the directory of a response's entries. While the directory is unchanged, uses a copy of its names. */
export const listed =
  (home: Home, response: string): ListDirectory =>
  (directory) =>
    listedNames(directory, indexFile(home, response, 'names'));

/** The context for reading all of a response's ledger and backends. */
export const indexedContext = (context: ResponseContext): ReconcileContext => ({
  ...reconcileContext(context),
  readLedger: readIndexedLedger,
  protectorOfMany,
});

/** Returns the entry of an address if the index holds the entry and the entry has not changed since. */
type KnownBlock = (address: string) => Block | undefined;

/** The entries of the index that have not changed since. */
function knownBlocks(home: Home, response: string, boot: string): KnownBlock {
  const index = readIndex(indexFile(home, response, 'json'));
  const none = () => undefined;
  // A container restarts without a new boot id, but its clock begins anew.
  if (index?.boot !== boot || index.at > uptime()) return none;
  const changed = new Set<string>();
  const file = indexFile(home, response, 'changed');
  for (const name of [`${file}.old`, file]) {
    const changes = attempt(() => readIfThere(name) ?? '');
    // Without its notes the index may be out of date.
    if (changes instanceof RiposteError) return none;
    for (const line of changes.split('\n')) {
      const [time, address = ''] = line.split(' ');
      if (Number(time) >= index.at - LATEST) changed.add(address);
    }
  }
  const find = finder(index.blocks);
  return (address) => (changed.has(address) ? undefined : find(address));
}

/**
 * Returns a function that finds the block of an address. Callers nearly always ask for addresses in the order of the
 * blocks, so the function compares the next block first. It makes a map of very many blocks only when an address is out
 * of order.
 */
function finder(blocks: readonly Block[]): KnownBlock {
  let places: Map<string, number> | undefined;
  let next = 0;
  return (address) => {
    if (blocks[next]?.address !== address) {
      places ??= new Map(blocks.map((block, index) => [block.address, index]));
      const place = places.get(address);
      if (place === undefined) return undefined;
      next = place;
    }
    return blocks[next++];
  };
}

function readIndex(file: string): Index | undefined {
  try {
    const { boot, at, compact } = JSON.parse(readFileSync(file, 'utf8')) as Written;
    return Number.isFinite(at) ? { boot, at, blocks: expanded(compact) } : undefined;
  } catch {
    return undefined;
  }
}

/** Writes the index, which is valid until the next boot. */
function writeIndex(home: Home, response: string, { boot, at, blocks }: Index): void {
  const written: Written = { boot, at, compact: compacted(blocks) };
  if (!writeCopy(indexFile(home, response, 'json'), JSON.stringify(written))) return;
  try {
    setAside(indexFile(home, response, 'changed'), at);
  } catch {
    // The notes stay in one long file.
  }
}

/**
 * Begins a new file of notes when the present one is long. A writer may still add to the old file, so readers read both
 * files.
 */
function setAside(file: string, at: number): void {
  if (sizeOf(file) <= LONG) return;
  const lastOld = (readIfThere(`${file}.old`) ?? '').trimEnd().split('\n').at(-1) ?? '';
  if (Number(lastOld.split(' ')[0]) < at - 2 * LATEST) renameSync(file, `${file}.old`);
}

/** Removes the index, the long file of notes, and the copy of the names. */
function dropIndex(home: Home, response: string): void {
  try {
    rmSync(indexFile(home, response, 'json'), { force: true });
    rmSync(indexFile(home, response, 'changed'), { force: true });
    rmSync(indexFile(home, response, 'names'), { force: true });
  } catch {
    // This user may not remove them. The file of notes only takes space.
  }
}

/** The size of a file in bytes; 0 if the file is missing or this user may not see it. */
function sizeOf(file: string): number {
  try {
    return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  } catch {
    return 0;
  }
}

/** The kernel's id of this boot; undefined if the kernel has none. Then no index is used. */
function bootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return undefined;
  }
}
