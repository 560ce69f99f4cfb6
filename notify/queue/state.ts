import { join } from 'node:path';
import type { Home } from '../../active-response/home.ts';
import { makeDirectory, readIfThere, replaceFile } from '../../base/files.ts';
import type { Allowance } from './rate.ts';
import { type ChannelName, spoolOf } from './spool.ts';

/** A channel's state between runs. */
export interface ChannelState {
  readonly allowance?: Allowance | undefined;
  /** The reason why the last try failed; absent when it succeeded. */
  readonly trouble?: string | undefined;
  /** The time of the first failure, and the time of the last try (ISO 8601). */
  readonly since?: string | undefined;
  readonly tried?: string | undefined;
}

export type DeliveryState = Readonly<Partial<Record<ChannelName, ChannelState>>>;

const fileOf = (home: Home): string => join(spoolOf(home), 'state');

/** Reads the state. Ignores an unreadable file: at worst one message too many is sent. */
export function readState(home: Home): DeliveryState {
  try {
    const value = JSON.parse(readIfThere(fileOf(home)) ?? '{}');
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** @throws RiposteError (IOERR, NOPERM) */
export function writeState(home: Home, state: DeliveryState): void {
  makeDirectory(spoolOf(home), 0o755);
  replaceFile(fileOf(home), `${JSON.stringify(state)}\n`, 0o600);
}
