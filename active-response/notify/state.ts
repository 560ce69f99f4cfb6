import { join } from 'node:path';
import { makeDirectory, readIfThere, replaceFile } from '../files.ts';
import type { Home } from '../home.ts';
import type { Allowance } from './rate.ts';
import { type ChannelName, spoolOf } from './spool.ts';

/** What senders remember of a channel. */
export interface ChannelState {
  readonly allowance?: Allowance | undefined;
  /** Why nothing could be sent at the last try; absent when it could. */
  readonly trouble?: string | undefined;
  /** Since when, and when it was last tried (ISO 8601). */
  readonly since?: string | undefined;
  readonly tried?: string | undefined;
}

export type State = Readonly<Partial<Record<ChannelName, ChannelState>>>;

const fileOf = (home: Home): string => join(spoolOf(home), 'state');

/** A state that cannot be read is as good as none: the worst is a message too many. */
export function readState(home: Home): State {
  try {
    const value = JSON.parse(readIfThere(fileOf(home)) ?? '{}');
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** @throws RiposteError (IOERR, NOPERM) */
export function writeState(home: Home, state: State): void {
  makeDirectory(spoolOf(home), 0o755);
  replaceFile(fileOf(home), `${JSON.stringify(state)}\n`, 0o600);
}
