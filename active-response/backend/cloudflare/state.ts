import { join } from 'node:path';
import { readIfThere, replaceFile } from '../../../base/files.ts';
import type { Home } from '../../home.ts';

/** The state after the last delivery. */
export interface DeliveryState {
  /** The addresses of the ledger whose items are in the list. */
  readonly confirmed: readonly string[];
  /** True while the list may hold items of this home. */
  readonly hasItems: boolean;
  /** Riposte sends no request before this time, in milliseconds since 1970: Cloudflare has asked it to wait. */
  readonly notBefore?: number | undefined;
}

export const EMPTY: DeliveryState = { confirmed: [], hasItems: false };

/** The state to assume when its file cannot be read: the list may hold items. */
const DAMAGED: DeliveryState = { ...EMPTY, hasItems: true };

/** The files of the delivery. `wanted` is touched after each change of the ledger. */
export function deliveryFiles({ data }: Home) {
  const file = (name: string) => join(data, 'cloudflare', name);
  return {
    state: file('state.json'),
    lock: file('lock'),
    announcement: file('starting'),
    wanted: file('wanted'),
  } as const;
}

/**
 * Reads the state. If the file is damaged, no address counts as confirmed, and the next delivery compares ledger and
 * list.
 */
export function readState(home: Home): DeliveryState {
  try {
    const text = readIfThere(deliveryFiles(home).state);
    if (text === undefined) return EMPTY;
    const state = JSON.parse(text) as Partial<DeliveryState> | null;
    return Array.isArray(state?.confirmed) ? (state as DeliveryState) : DAMAGED;
  } catch {
    return DAMAGED;
  }
}

export const writeState = (home: Home, state: DeliveryState): void =>
  replaceFile(deliveryFiles(home).state, `${JSON.stringify(state)}\n`);
