import { readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { uptime } from 'node:os';
import { attempt, RiposteError } from '../base/errors.ts';
import { readIfThere } from '../base/files.ts';
import { listedNames } from '../base/listed-names.ts';
import type { ListDirectory } from '../base/names-in.ts';
import { writeCopy } from '../base/write-copy.ts';
import { protectorOfMany } from './guard/protector-of-many.ts';
import type { Home } from './home.ts';
import { type Block, indexFile, type Ledger, readLedger } from './ledger.ts';
import { type ReconcileContext, reconcileContext } from './reconcile-context.ts';
import type { ResponseContext } from './request-context.ts';
import { keptInMemory } from './unrecorded.ts';

/** A ledger with fewer entries is read without an index. */
const FEWEST = 1_000;
/** The share of entries read from their files above which a new index is worthwhile. */
const STALE = 1 / 20;
/** Seconds between the note about a change and the change itself, at most. */
const LATEST = 60;
/** The size from which the notes go to a second file, in bytes. */
const LONG = 1 << 20;

/** All entries of one response in one file. */
interface Index {
  /**
   * The kernel's id of the boot in which the index was made: after a power failure notes about changes may be missing.
   */
  readonly boot: string;
  /** Seconds since that boot, before the entries were read. */
  readonly at: number;
  readonly blocks: readonly Block[];
}

/**
 * Reads the whole ledger of a response, as `readLedger` does. The entries' files are the truth; an index holds copies,
 * because reading 100,000 small files takes two seconds. A copy of their names is used while their directory is unchanged.
 *
 * An entry of the index is used if its file still exists and no change was noted since shortly before the index was
 * made: writers note each change before they make it. A missing, damaged or foreign index is ignored, so it may be
 * removed at any time, and a killed process leaves at most a temporary file.
 *
 * @throws RiposteError (IOERR, NOPERM)
 */
export function readIndexedLedger(home: Home, response: string): Ledger {
  const at = uptime();
  // Entries in memory override the files. Such entries are rare, and exist for a short time.
  const boot = keptInMemory(home) ? undefined : bootId();
  const known = boot === undefined ? new Map<string, Block>() : knownBlocks(home, response, boot);
  let read = 0;
  const knownOf = (address: string) => {
    const block = known.get(address);
    if (block === undefined) read++;
    return block;
  };
  const ledger = readLedger(home, response, knownOf, listed(home, response));
  const { blocks } = ledger;
  const isLong = sizeOf(indexFile(home, response, 'changed')) > LONG;
  if (boot === undefined || blocks.length < FEWEST) {
    if (isLong) dropIndex(home, response);
    return ledger;
  }
  if (isLong || read > blocks.length * STALE) writeIndex(home, response, { boot, at, blocks });
  return ledger;
}

/** Lists the directory of a response's entries, from a copy of their names while it is unchanged. */
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

/** The entries of the index that have not changed since, by address. */
function knownBlocks(home: Home, response: string, boot: string): Map<string, Block> {
  const index = readIndex(indexFile(home, response, 'json'));
  // A container restarts without a new boot id, but its clock begins anew.
  if (index?.boot !== boot || index.at > uptime()) return new Map();
  const known = new Map(index.blocks.map((block) => [block.address, block]));
  const file = indexFile(home, response, 'changed');
  for (const name of [`${file}.old`, file]) {
    const changes = attempt(() => readIfThere(name) ?? '');
    // Without its notes the index may be out of date.
    if (changes instanceof RiposteError) return new Map();
    for (const line of changes.split('\n')) {
      const [time, address = ''] = line.split(' ');
      if (Number(time) >= index.at - LATEST) known.delete(address);
    }
  }
  return known;
}

function readIndex(file: string): Index | undefined {
  try {
    const index = JSON.parse(readFileSync(file, 'utf8'));
    return Array.isArray(index.blocks) && Number.isFinite(index.at) ? index : undefined;
  } catch {
    return undefined;
  }
}

/** Writes the index, which a new boot makes useless. */
function writeIndex(home: Home, response: string, index: Index): void {
  if (!writeCopy(indexFile(home, response, 'json'), JSON.stringify(index))) return;
  try {
    setAside(indexFile(home, response, 'changed'), index.at);
  } catch {
    // The notes stay in one long file.
  }
}

/** Begins a new file of notes when the present one is long. A writer may still add to the old one, which is read, too. */
function setAside(file: string, at: number): void {
  if (sizeOf(file) <= LONG) return;
  const lastOld = (readIfThere(`${file}.old`) ?? '').trimEnd().split('\n').at(-1) ?? '';
  if (Number(lastOld.split(' ')[0]) < at - 2 * LATEST) renameSync(file, `${file}.old`);
}

/** Removes the index of a ledger that has become small, and then its long file of notes. */
function dropIndex(home: Home, response: string): void {
  try {
    rmSync(indexFile(home, response, 'json'), { force: true });
    rmSync(indexFile(home, response, 'changed'), { force: true });
    rmSync(indexFile(home, response, 'names'), { force: true });
  } catch {
    // This user may not remove them. The file of notes only takes space.
  }
}

/** 0 also for a file that this user may not see. */
function sizeOf(file: string): number {
  try {
    return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  } catch {
    return 0;
  }
}

/** The kernel's id of this boot; undefined where the kernel has none, and then there is no index. */
function bootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return undefined;
  }
}
