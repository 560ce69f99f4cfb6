import { existsSync, readdirSync, renameSync, rmSync, type Stats, statSync } from 'node:fs';
import { uptime } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { attempt, EX, RiposteError } from '../base/errors.ts';
import {
  appendLine,
  fileError,
  holdsLine,
  isMissing,
  makeDirectory,
  readIfThere,
  replaceFile,
} from '../base/files.ts';
import { jsonIn } from '../base/json.ts';
import { type ListDirectory, namesIn } from '../base/names-in.ts';
import { printable } from '../base/printable.ts';
import { type NewFile, replaceFiles, type Taking, type TakingOf } from '../base/replace-files.ts';
import { replaceIf } from '../base/replace-if.ts';
import type { Home } from './home.ts';
import { keepInMemory, keptInMemory } from './unrecorded.ts';

/** One address that should be blocked. Times are ISO 8601 in UTC. */
export interface Block {
  readonly address: string;
  readonly response: string;
  /** The backend that blocks the address; the same backend must unblock it. */
  readonly backend: string;
  readonly since: string;
  /** The time at which the block ends by itself; null: only a delete ends it. */
  readonly until: string | null;
  /** 1 for the first block of this address by this response. */
  readonly offence: number;
  /** True when the time was set because of a severe alert. */
  readonly severe?: boolean | undefined;
  readonly rule?: string | undefined;
  readonly level?: number | undefined;
  readonly alert?: string | undefined;
  readonly location?: string | undefined;
  /** An operator's reason. */
  readonly note?: string | undefined;
  /** True when an operator has made the block with `riposte block`: managers neither shorten nor end it. */
  readonly isOwn?: boolean | undefined;
  /** The end that `riposte serve` or `scan` decided: managers do not end the block before this time. */
  readonly serverUntil?: string | null | undefined;
  /** The lists that name the address, and the end of the block for each: see lists.ts. */
  readonly origins?: Readonly<Record<string, string | null>> | undefined;
  /** With `origins`: the end of the block that was decided here; absent: only lists ask for it. */
  readonly ownUntil?: string | null | undefined;
  /** The reason why the entry cannot be read: then `backend` is ANY, and the rest is unknown. */
  readonly damaged?: string | undefined;
  /** The reason why the backend failed to block the address. Absent after a success and before the first attempt. */
  readonly failed?: string | undefined;
}

/** The backend of a damaged entry. The entry does not say which backend holds the address, so it may be any. */
export const ANY = '?';

/**
 * Reads the entry of an address from the ledger, which has one file name for each address that should be blocked. The
 * ledger needs no lock, so adding an entry takes the same time when there are 100,000 other entries. Commands that read
 * the whole ledger use ledger-index.ts.
 *
 * The entries of a batch share files, one line for each: the names of their addresses are hard links to these files. A
 * reader takes from each name only the line of its own address. So if a block is renewed, its name becomes a link to
 * another file, and its old line in the shared file has no effect.
 *
 * `endBlock` moves the name of an ended block to `ended`, so that the next offence gets the next number.
 *
 * @returns undefined if the ledger has no entry for the address
 * @throws RiposteError (IOERR, NOPERM), also for a damaged entry
 */
export const readBlock = (home: Home, response: string, address: string): Block | undefined =>
  readBlockIn(home, keptInMemory(home), response, address);

/** Reads the entries of a response. Use a reader only for a short time. */
export interface BlockReader {
  /** The entry of an address, as readBlock() returns it. */
  read(address: string): Block | undefined;
  /** True if the file of an entry holds exactly the text of this block. This costs less than reading the entry. */
  holds(block: Block): boolean;
  /** True if the entry of an address is still this block; for undefined, true if the address still has no entry. */
  isStill(address: string, block: Block | undefined): boolean;
  /** True if entries are kept in memory. */
  readonly hasMemory: boolean;
}

/** Returns a reader for a short time: only this call checks whether entries are kept in memory. */
export function blockReader(home: Home, response: string): BlockReader {
  const memory = keptInMemory(home);
  const fileOf = (address: string) => blockFile(home.blocks, response, address);
  const read = (address: string) => readBlockIn(home, memory, response, address);
  const holds = (block: Block) => memory === undefined && holdsLine(fileOf(block.address), textOf(block));
  const isStill = (address: string, block: Block | undefined) => {
    if (block === undefined && memory === undefined) return !existsSync(fileOf(address));
    if (block !== undefined && holds(block)) return true;
    const now = attempt(() => read(address));
    if (now instanceof RiposteError) return block?.damaged !== undefined;
    return JSON.stringify(now) === JSON.stringify(block);
  };
  return { read, holds, isStill, hasMemory: memory !== undefined };
}

function readBlockIn(
  home: Home,
  memory: Home | undefined,
  response: string,
  address: string,
  readOnDisk: EntryReader = readEntry,
): Block | undefined {
  const kept = memory && readEntry(blockFile(memory.blocks, response, address));
  if (kept || (memory && existsSync(blockFile(memory.ended, response, address)))) return kept;
  return readOnDisk(blockFile(home.blocks, response, address));
}

/** The last ended block of this address, or undefined. */
export const readEnded = (home: Home, response: string, address: string): Block | undefined =>
  readEndedIn(home, keptInMemory(home), response, address);

function readEndedIn(
  home: Home,
  memory: Home | undefined,
  response: string,
  address: string,
): Block | undefined {
  const kept = memory && readEntry(blockFile(memory.ended, response, address));
  return kept ?? readEntry(blockFile(home.ended, response, address));
}

/**
 * Returns a function that tells whether an address was blocked before, without reading an entry. Use that function only
 * for a short time: only this call looks for the directories of ended entries.
 */
export function endedBefore(home: Home, response: string): (address: string) => boolean {
  const places = [home, keptInMemory(home)].flatMap((each) =>
    each && existsSync(join(each.ended, response)) ? each.ended : [],
  );
  return (address) => places.some((ended) => existsSync(blockFile(ended, response, address)));
}

/** The ledger's entries for one address. */
export interface LedgerEntries {
  /** The block that should be in force. */
  readonly current: Block | undefined;
  /** The same block, or else the last ended block. */
  readonly last: Block | undefined;
}

/** Returns the ledger's entries for an address, as they were a short time ago; undefined if they must be read. */
export type KnownEntries = (address: string) => LedgerEntries | undefined;

/**
 * The entries of an address. A damaged entry does not prevent a block or a release: it stands for a block by any
 * backend.
 */
export function readEntries(home: Home, response: string, address: string): LedgerEntries {
  const memory = keptInMemory(home);
  const current = undamaged(() => readBlockIn(home, memory, response, address));
  if (current instanceof RiposteError) {
    const { message } = current;
    const unknown = { backend: ANY, since: '?', until: null, offence: 1, damaged: message };
    return { current: { address, response, ...unknown }, last: undefined };
  }
  const last = current ?? undamaged(() => readEndedIn(home, memory, response, address));
  return { current, last: last instanceof RiposteError ? undefined : last };
}

/**
 * Returns a function that takes the entries of an address from a ledger that was just read. Use that function only for
 * a short time. It returns undefined for an address whose files must be read.
 */
export function knownEntries(home: Home, response: string, { blocks, damaged }: Ledger): KnownEntries {
  const present = new Map(blocks.map((block) => [block.address, block]));
  const unread = new Set(damaged.map(({ address }) => address));
  const places = [home, keptInMemory(home)];
  const ended = new Set(places.flatMap((each) => (each && entriesIn(each.ended, response)) ?? []));
  return (address) => {
    const current = present.get(address);
    if (current) return { current, last: current };
    return unread.has(address) || ended.has(address) ? undefined : NO_ENTRIES;
  };
}

const NO_ENTRIES: LedgerEntries = { current: undefined, last: undefined };

function undamaged<T>(read: () => T): T | RiposteError {
  const entry = attempt(read);
  if (entry instanceof RiposteError && entry.exitCode !== EX.IOERR) throw entry;
  return entry;
}

/**
 * Records that an address should be blocked. The entry is on the disk when this returns.
 *
 * @param check is called just before the present entry is replaced; throws a RiposteError if that entry must stay
 * @returns the reason why the entry is only kept in memory, if it could not be written to the disk
 * @throws RiposteError (IOERR, NOPERM) when the entry could be kept neither on the disk nor in memory
 */
export function writeBlock(home: Home, block: Block, check?: () => void): RiposteError | undefined {
  const { response, address } = block;
  noteChange(home, [block]);
  try {
    putEntry(home.blocks, block, check);
    forgetKept(home, response, address);
    return undefined;
  } catch (error) {
    return keepInMemory(error, home, (memory) => {
      putEntry(memory.blocks, block);
      rmSync(blockFile(memory.ended, response, address), { force: true });
    });
  }
}

function putEntry(directory: string, block: Block, check?: () => void): void {
  replaceFile(blockFile(directory, block.response, block.address), textOf(block), undefined, check);
}

const textOf = (block: Block): string => `${JSON.stringify(block)}\n`;

/** Removes an address's entries from memory: the disk has newer ones. */
const forgetKept = (home: Home, response: string, address: string): void =>
  forgetKeptIn(keptInMemory(home), response, address);

function forgetKeptIn(
  memory: Home | undefined,
  response: string,
  address: string,
  mayForget: (kept: Stats) => boolean = () => true,
): void {
  for (const directory of memory ? [memory.blocks, memory.ended] : [])
    replaceIf(blockFile(directory, response, address), undefined, mayForget);
}

/** The entries that `writeBlocks` has not written to the disk. */
export interface NotWritten {
  /** The errors, by address; an entry with an error may be kept in memory. */
  readonly failed: Map<string, RiposteError>;
  /** The addresses whose present entries must stay, as `nowTaking` has decided. */
  readonly left: ReadonlySet<string>;
}

/**
 * Records many blocks of one response at once. The entries are on the disk when the promise resolves, except those that
 * the result names.
 *
 * @param nowTaking is called when the disk has some of the entries, and again before a retry: another process may have
 * written a new entry while the disk was working. The result is used at once
 */
export async function writeBlocks(
  home: Home,
  blocks: readonly Block[],
  nowTaking: () => TakingOf<Block> = () => () => 'replace',
): Promise<NotWritten> {
  noteChange(home, blocks);
  const files = new Map(
    blocks.map((block) => [blockFile(home.blocks, block.response, block.address), block] as const),
  );
  const takingOf = () => {
    const now = nowTaking();
    return (name: string) => now(files.get(name) as Block);
  };
  const { failed, left } = await replaceFiles(sharedFiles(files), takingOf);
  const memory = keptInMemory(home);
  const errors = new Map<string, RiposteError>();
  for (const [file, block] of files) {
    if (failed.has(file) && !mayTake(file, nowTaking()(block))) left.add(file);
    if (left.has(file)) continue;
    const { response, address } = block;
    // Another process may have kept a newer entry after the file took this name, while the disk wrote other files.
    const isOlder = ({ mtimeMs }: Stats) =>
      mtimeMs < (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    const error = failed.has(file)
      ? attempt(() => writeBlock(home, block))
      : forgetKeptIn(memory, response, address, isOlder);
    if (error) errors.set(address, error);
  }
  return { failed: errors, left: new Set([...left].map((file) => (files.get(file) as Block).address)) };
}

const mayTake = (name: string, taking: Taking): boolean =>
  taking === 'replace' || (taking === 'create' && !existsSync(name));

/**
 * The maximum size of a shared file, in bytes. A file of one entry takes as much space on most file systems. So a copy
 * by a program that does not keep hard links takes no more space than a file for each entry.
 */
const SHARED = 4096;

/** Puts entries into shared files, in their order. An entry longer than SHARED gets its own file. */
function sharedFiles(entries: ReadonlyMap<string, Block>): NewFile[] {
  const files: { names: string[]; text: string }[] = [];
  let room = 0;
  for (const [name, block] of entries) {
    const line = textOf(block);
    const length = Buffer.byteLength(line);
    const last = files.at(-1);
    if (last && length <= room) {
      last.names.push(name);
      last.text += line;
      room -= length;
    } else {
      files.push({ names: [name], text: line });
      room = SHARED - length;
    }
  }
  return files;
}

/** The file of an index, of the notes about later changes, or of the entries' names: see ledger-index.ts. */
export const indexFile = (home: Home, response: string, ending: 'json' | 'changed' | 'names'): string =>
  join(home.data, 'index', `${response}.${ending}`);

/**
 * Notes the addresses whose entries this process is about to write. If that fails, removes the index: a block must not
 * depend on the note. The end of a block needs no note: readers use the index only for names that still exist.
 */
function noteChange(home: Home, blocks: readonly Block[]): void {
  const [{ response } = { response: '' }] = blocks;
  const now = uptime(); // each call reads a file
  const lines = blocks.map(({ address }) => `${now} ${address}`).join('\n');
  if (attempt(() => appendLine(indexFile(home, response, 'changed'), lines)))
    attempt(() => rmSync(indexFile(home, response, 'json'), { force: true }));
}

/**
 * Records that an address should no longer be blocked. Returns false if it was not blocked. Sets a damaged entry aside.
 *
 * @param onKept is called with the reason when the disk accepts no change, and only memory records the end
 * @throws RiposteError (IOERR, NOPERM) when neither the disk nor memory could record the end
 */
export function endBlock(
  home: Home,
  response: string,
  address: string,
  onKept: (why: RiposteError) => void = () => {},
): boolean {
  const memory = keptInMemory(home);
  const wasKept = memory !== undefined && moveEntry(memory, response, address);
  try {
    return moveEntry(home, response, address) || wasKept;
  } catch (error) {
    const { current } = readEntries(home, response, address);
    const why = keepInMemory(error, home, ({ ended }) => current && putEntry(ended, current));
    onKept(why);
    return true;
  }
}

/**
 * Ends a block as `endBlock` does, if `mayEnd` is true for the present entry: a manager or an operator may just have
 * renewed it.
 *
 * @param mayEnd is called again with the ended entry. If another process wrote that entry at the last moment and
 * `mayEnd` is now false, the entry is put back
 * @returns true if the block has ended; otherwise the entry that was put back, if there is one
 * @throws RiposteError (IOERR, NOPERM)
 */
export function endBlockIf(
  home: Home,
  response: string,
  address: string,
  mayEnd: (block: Block) => boolean,
): { readonly hasEnded: boolean; readonly putBack?: Block | undefined } {
  const now = readBlock(home, response, address);
  if (!now || !mayEnd(now) || !endBlock(home, response, address)) return { hasEnded: false };
  const ended = readEnded(home, response, address);
  if (!ended || mayEnd(ended)) return { hasEnded: true };
  putBack(home, ended);
  return { hasEnded: false, putBack: ended };
}

/** Makes an ended block the present one again, unless another process has written a newer one meanwhile. */
export function putBack(home: Home, block: Block): void {
  const { response, address } = block;
  noteChange(home, [block]);
  const isRecorded = attempt(() =>
    replaceIf(blockFile(home.blocks, response, address), textOf(block), () => false),
  );
  if (isRecorded instanceof RiposteError) writeBlock(home, block);
  else if (isRecorded) forgetKept(home, response, address);
}

/** @returns true if there was an entry */
function moveEntry(home: Home, response: string, address: string): boolean {
  const from = blockFile(home.blocks, response, address);
  const isDamaged = attempt(() => readEntry(from)) instanceof RiposteError;
  const to = isDamaged
    ? join(damagedIn(home), response, `${basename(from)}.${Date.now()}`)
    : blockFile(home.ended, response, address);
  makeDirectory(dirname(to), 0o750);
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw fileError('write', to, error);
  }
}

/** The directory of damaged entries, for a person to look at. */
const damagedIn = ({ data }: Home): string => join(data, 'damaged');

/** Describes the end of a block. */
export const endOf = (home: Home, { backend, since, damaged }: Block): string =>
  damaged === undefined ? `by ${backend}, since ${since}` : `${damaged}; it is in ${damagedIn(home)} now`;

/** Changes or removes an entry, unless another process has changed it. @throws RiposteError (IOERR, NOPERM) */
export function amendBlock(home: Home, before: Block, after: Block | undefined): void {
  const { response, address } = before;
  const now = readBlock(home, response, address);
  if (JSON.stringify(now) !== JSON.stringify(before)) return;
  if (after) writeBlock(home, after);
  else {
    rmSync(blockFile(home.blocks, response, address), { force: true });
    forgetKept(home, response, address);
  }
}

/** All ledger entries of one response. */
export interface Ledger {
  /**
   * False when this response has never blocked an address from this home: then blocks in a backend may belong to
   * another home.
   */
  readonly isThere: boolean;
  readonly blocks: readonly Block[];
  /** Entries that cannot be read. Each stands for a blocked address. */
  readonly damaged: readonly { readonly address: string; readonly error: RiposteError }[];
}

/**
 * Reads the whole ledger of a response: 10,000 small files take a fifth of a second.
 *
 * @param known returns an entry that need not be read
 * @param list lists the directory of the entries
 * @param readOnDisk reads the file of a listed entry
 * @throws RiposteError (IOERR, NOPERM)
 */
export function readLedger(
  home: Home,
  response: string,
  known?: (address: string) => Block | undefined,
  list?: ListDirectory,
  readOnDisk: EntryReader = (file) => readEntry(file, true),
): Ledger {
  const memory = keptInMemory(home);
  const addresses = addressesIn(home, response, memory, list);
  const blocks: Block[] = [];
  const damaged: { address: string; error: RiposteError }[] = [];
  for (const address of addresses ?? []) {
    const block = known?.(address) ?? attempt(() => readBlockIn(home, memory, response, address, readOnDisk));
    if (block instanceof RiposteError) damaged.push({ address, error: block });
    else if (block) blocks.push(block); // otherwise the block has ended meanwhile
  }
  return { isThere: addresses !== undefined, blocks, damaged };
}

/** The addresses that a response should block, without reading the files. */
export const blockedAddresses = (home: Home, response: string): string[] => addressesIn(home, response) ?? [];

/** The same addresses; undefined when there is no ledger. */
function addressesIn(
  home: Home,
  response: string,
  memory = keptInMemory(home),
  list?: ListDirectory,
): string[] | undefined {
  const onDisk = entriesIn(home.blocks, response, list);
  if (memory === undefined) return onDisk;
  const ended = new Set(entriesIn(memory.ended, response));
  const kept = entriesIn(memory.blocks, response) ?? [];
  const left = (onDisk ?? []).filter((address) => !ended.has(address));
  return onDisk === undefined && kept.length === 0 ? undefined : [...new Set([...left, ...kept])];
}

function entriesIn(
  directory: string,
  response: string,
  list: ListDirectory = (path) => readdirSync(path),
): string[] | undefined {
  const entries = join(directory, response);
  try {
    const names = list(entries).filter((name) => !name.startsWith('.') && name.endsWith('.json'));
    return names.map((name) => name.slice(0, -'.json'.length).replace('_', '/'));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileError('read', entries, error);
  }
}

/** True when the block's end has passed: the kernel has ended it, or a sweep will. */
export function hasEnded({ until }: Pick<Block, 'until'>, now: number): boolean {
  return until !== null && Date.parse(until) <= now;
}

/** A file name cannot contain a prefix's slash. */
const blockFile = (directory: string, response: string, address: string) =>
  `${directory}/${response}/${address.replace('/', '_')}.json`;

/** The longest file of entries that a reader accepts, in bytes. */
export const LONGEST = 64 * 1024;

/** Returns the entry in a file, or undefined when there is no file. @throws RiposteError (IOERR, NOPERM) */
export type EntryReader = (file: string) => Block | undefined;

function readEntry(file: string, isListed = false): Block | undefined {
  const text = readIfThere(file, { longest: LONGEST, isListed });
  return text === undefined ? undefined : entryIn(file, text);
}

/**
 * Returns the entry of the address that a file's name contains. A damaged line does not damage the others. Parses only
 * the line of this address, if the line is as Riposte writes it: parsing all lines takes five times as long as reading
 * the file. A person may have formatted an entry in many lines.
 *
 * @param text the text of the file
 * @throws RiposteError (IOERR) when the entry is damaged
 */
export function entryIn(file: string, text: string): Block {
  const address = basename(file, '.json').replace('_', '/');
  const at = text.indexOf(`{"address":"${address}"`);
  const lines = at < 0 ? text.split('\n') : text.slice(at).split('\n', 1);
  const entries = lines.map(jsonIn) as (Partial<Block> | undefined)[];
  const block = entries.find((entry) => entry?.address === address) ?? jsonIn(text);
  if (!isBlock(block)) throw damage(file, 'it holds no block');
  if (block.address !== address) throw damage(file, `it names ${printable(block.address, 80)}`);
  return block;
}

const damage = (file: string, why: string): RiposteError =>
  new RiposteError(EX.IOERR, `${file} is damaged: ${why}`);

function isBlock(value: unknown): value is Block {
  const { address, backend, since, until, offence } = (value ?? {}) as Partial<Block>;
  const texts = [address, backend, since].every((each) => typeof each === 'string');
  return texts && Number.isInteger(offence) && (until === null || !Number.isNaN(Date.parse(String(until))));
}

/**
 * Writes the entries that are kept in memory to the disk.
 *
 * @returns their number
 * @throws RiposteError (IOERR, NOPERM)
 */
export function recordKeptEntries(home: Home, memory: Home): number {
  let count = 0;
  for (const kind of ['ended', 'blocks'] as const)
    for (const response of namesIn(memory[kind]))
      for (const address of entriesIn(memory[kind], response) ?? []) {
        recordKeptEntry(home, kind, blockFile(memory[kind], response, address), { response, address });
        count++;
      }
  return count;
}

/** A process may have written a newer entry to the disk without removing the kept entry. Then the newer entry stays. */
function recordKeptEntry(
  home: Home,
  kind: 'ended' | 'blocks',
  file: string,
  { response, address }: Of,
): void {
  const kept = statSync(file, { throwIfNoEntry: false });
  const block = readEntry(file);
  const isOlder = ({ mtimeMs }: Stats) => kept !== undefined && mtimeMs <= kept.mtimeMs;
  const onDisk = attempt(() => readEntry(blockFile(home.blocks, response, address)));
  // moveEntry also sets aside anything else in the entry's place, such as a directory.
  if (block?.damaged || onDisk instanceof RiposteError) moveEntry(home, response, address);
  if (block && !block.damaged) {
    noteChange(home, [block]);
    replaceIf(blockFile(home[kind], response, address), textOf(block), isOlder);
    if (kind === 'ended') replaceIf(blockFile(home.blocks, response, address), undefined, isOlder);
  }
  replaceIf(file, undefined, ({ ino }) => ino === kept?.ino);
}

type Of = Pick<Block, 'response' | 'address'>;
