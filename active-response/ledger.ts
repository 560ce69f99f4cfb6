import { readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { EX, RiposteError } from './errors.ts';
import { fileError, isMissing, makeDirectory, readIfThere, replaceFile } from './files.ts';
import type { Home } from './home.ts';

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
  return parse(blockFile(home.blocks, response, address));
}

/** The last block of this address that has ended, or undefined. */
export function readEnded(home: Home, response: string, address: string): Block | undefined {
  return parse(blockFile(home.ended, response, address));
}

/** Says that an address should be blocked. On the disk when it returns. @throws RiposteError (IOERR, NOPERM) */
export function writeBlock(home: Home, block: Block): void {
  replaceFile(blockFile(home.blocks, block.response, block.address), `${JSON.stringify(block)}\n`);
}

/** Says that an address should not be blocked any more. True when it was to be. @throws RiposteError (IOERR, NOPERM) */
export function endBlock(home: Home, response: string, address: string): boolean {
  const from = blockFile(home.blocks, response, address);
  const to = blockFile(home.ended, response, address);
  makeEndedDirectory(join(home.ended, response), to);
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw fileError('write', to, error);
  }
}

function makeEndedDirectory(directory: string, file: string): void {
  try {
    makeDirectory(directory, 0o750);
  } catch (error) {
    throw fileError('write', file, error);
  }
}

/** Takes a block back that never came about. */
export function dropBlock(home: Home, { response, address }: Block): void {
  rmSync(blockFile(home.blocks, response, address), { force: true });
}

/** The addresses that a response should block, without reading the files. */
export function blockedAddresses(home: Home, response: string): string[] {
  try {
    const names = readdirSync(join(home.blocks, response)).filter(
      (name) => !name.startsWith('.') && name.endsWith('.json'),
    );
    return names.map((name) => name.slice(0, -'.json'.length).replace('_', '/'));
  } catch (error) {
    if (isMissing(error)) return [];
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

function parse(file: string): Block | undefined {
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  const block = parseJson(text);
  if (isBlock(block)) return block;
  throw new RiposteError(
    EX.IOERR,
    `${file} is damaged: it holds no block; remove it and block the address again`,
  );
}

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
