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

/** A damaged file counts as none: the next delivery compares ledger and list anyway. */
export function readState(home: Home): DeliveryState {
  try {
    const state = JSON.parse(readIfThere(deliveryFiles(home).state) ?? 'null') as DeliveryState | null;
    return Array.isArray(state?.confirmed) ? (state as DeliveryState) : EMPTY;
  } catch {
    return { ...EMPTY, hasItems: true };
  }
}

export const writeState = (home: Home, state: DeliveryState): void =>
  replaceFile(deliveryFiles(home).state, `${JSON.stringify(state)}\n`);
