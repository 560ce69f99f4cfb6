import { readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { EX, RiposteError } from './errors.ts';
import { fileError, isMissing, makeDirectory, readIfThere, replaceFile } from './files.ts';
import type { Home } from './home.ts';
import { printable } from './printable.ts';
import { replaceFiles } from './replace-files.ts';

/** One address that should be blocked. Times are ISO 8601 in UTC. */
export interface Block {
  readonly address: string;
  readonly response: string;
  /** The backend that blocks it, so that the same one unblocks it. */
  readonly backend: string;
  readonly since: string;
  /** When the block ends by itself; null: when somebody says so. */
  readonly until: string | null;
  /** 1 for the first block of this address by this response. */
  readonly offence: number;
  /** True when a severe alert has set the time. */
  readonly severe?: boolean | undefined;
  readonly rule?: string | undefined;
  readonly level?: number | undefined;
  readonly alert?: string | undefined;
  readonly location?: string | undefined;
  /** Why a person has asked for it. */
  readonly note?: string | undefined;
  /** True when a person has asked for it by `riposte block`: managers neither shorten nor end it. */
  readonly isOwn?: boolean | undefined;
  /** Why the backend could not do it. Absent when it did, or is about to. */
  readonly failed?: string | undefined;
}

/**
 * The ledger: one small file for each address that should be blocked. No lock and no index, so adding one
 * costs the same beside 100,000 others.
 *
 * A block that has ended is kept in `ended`, under the same name, for the number of its offence.
 */
export function readBlock(home: Home, response: string, address: string): Block | undefined {
  return readEntry(blockFile(home.blocks, response, address));
}

/** The last block of this address that has ended, or undefined. */
export function readEnded(home: Home, response: string, address: string): Block | undefined {
  return readEntry(blockFile(home.ended, response, address));
}

/** Says that an address should be blocked. On the disk when it returns. @throws RiposteError (IOERR, NOPERM) */
export function writeBlock(home: Home, block: Block): void {
  replaceFile(blockFile(home.blocks, block.response, block.address), `${JSON.stringify(block)}\n`);
}

/** The same for many at once. @returns what failed, by address */
export async function writeBlocks(home: Home, blocks: readonly Block[]): Promise<Map<string, RiposteError>> {
  const files = new Map(
    blocks.map((block) => [blockFile(home.blocks, block.response, block.address), block] as const),
  );
  const texts = new Map([...files].map(([file, block]) => [file, `${JSON.stringify(block)}\n`]));
  const failed = await replaceFiles(texts);
  return new Map([...failed].map(([file, error]) => [files.get(file)?.address ?? '', error]));
}

/** Says that an address should not be blocked any more. True when it was to be. @throws RiposteError (IOERR, NOPERM) */
export function endBlock(home: Home, response: string, address: string): boolean {
  const from = blockFile(home.blocks, response, address);
  const to = blockFile(home.ended, response, address);
  makeDirectory(join(home.ended, response), 0o750);
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw fileError('write', to, error);
  }
}

/** Takes a block back that never came about. */
export function dropBlock(home: Home, { response, address }: Block): void {
  rmSync(blockFile(home.blocks, response, address), { force: true });
}

/** Makes an entry say something else, unless somebody has changed it meanwhile. @throws RiposteError (IOERR, NOPERM) */
export function amendBlock(home: Home, before: Block, after: Block): void {
  const now = readBlock(home, before.response, before.address);
  if (JSON.stringify(now) === JSON.stringify(before)) writeBlock(home, after);
}

/** What the ledger holds for one response. */
export interface Ledger {
  /** False when this response has never blocked anybody from this home: then it speaks for nobody. */
  readonly isThere: boolean;
  readonly blocks: readonly Block[];
  /** Entries that cannot be read: somebody was to be blocked. */
  readonly damaged: readonly { readonly address: string; readonly error: RiposteError }[];
}

/** Reads the whole ledger of a response: 10,000 small files in a fifth of a second. @throws RiposteError (IOERR, NOPERM) */
export function readLedger(home: Home, response: string): Ledger {
  const addresses = addressesIn(home, response);
  const blocks: Block[] = [];
  const damaged: { address: string; error: RiposteError }[] = [];
  for (const address of addresses ?? []) {
    const file = blockFile(home.blocks, response, address);
    try {
      const block = parse(file, readFileSync(file, 'utf8'));
      if (block.address === address) blocks.push(block);
      else damaged.push({ address, error: damage(file, `it is about ${printable(block.address, 80)}`) });
    } catch (error) {
      if (isMissing(error)) continue; // ended meanwhile
      damaged.push({ address, error: fileError('read', file, error) });
    }
  }
  return { isThere: addresses !== undefined, blocks, damaged };
}

/** The addresses that a response should block, without reading the files. */
export const blockedAddresses = (home: Home, response: string): string[] => addressesIn(home, response) ?? [];

/** The same; undefined when there is no ledger. */
function addressesIn(home: Home, response: string): string[] | undefined {
  try {
    const names = readdirSync(join(home.blocks, response)).filter(
      (name) => !name.startsWith('.') && name.endsWith('.json'),
    );
    return names.map((name) => name.slice(0, -'.json'.length).replace('_', '/'));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileError('read', join(home.blocks, response), error);
  }
}

/** True when the block has an end and that has passed: the kernel has ended it, or a sweep will. */
export function hasEnded({ until }: Block, now: number): boolean {
  return until !== null && Date.parse(until) <= now;
}

/** A prefix's slash cannot stand in a file name. */
const blockFile = (directory: string, response: string, address: string) =>
  join(directory, response, `${address.replace('/', '_')}.json`);

function readEntry(file: string): Block | undefined {
  const text = readIfThere(file);
  return text === undefined ? undefined : parse(file, text);
}

function parse(file: string, text: string): Block {
  const block = parseJson(text);
  if (isBlock(block)) return block;
  throw damage(file, 'it holds no block');
}

const damage = (file: string, why: string): RiposteError =>
  new RiposteError(EX.IOERR, `${file} is damaged: ${why}; remove it and block the address again`);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isBlock(value: unknown): value is Block {
  const { address, backend, since, until, offence } = (value ?? {}) as Partial<Block>;
  const texts = [address, backend, since].every((each) => typeof each === 'string');
  return texts && Number.isInteger(offence) && (until === null || !Number.isNaN(Date.parse(String(until))));
}
