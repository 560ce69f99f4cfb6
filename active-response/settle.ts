import type { Address } from './address.ts';
import type { Backend } from './backend/backend.ts';
import type { Executor } from './backend/execute.ts';
import type { Home } from './home.ts';
import { type Block, readBlock } from './ledger.ts';

/** What it takes to bring one response's backends in line with its ledger. */
export interface Settling {
  readonly home: Home;
  readonly response: string;
  /** The backend of a name that the ledger holds. */
  readonly backendOf: (name: string) => Backend;
  readonly executor: Executor;
}

/** What must be known of a block to take it away: who blocks. */
export type Known = Pick<Block, 'backend'>;

/**
 * Makes the backend agree with what the ledger says of one address now. Another process may change the ledger
 * meanwhile and reach the backend first, so it looks again until nothing has changed: whichever of them comes
 * last leaves both alike.
 *
 * @param before what the ledger said before the change that asks for this, or undefined
 * @throws RiposteError when the backend cannot do it
 */
export function settle(address: Address, before: Known | undefined, settling: Settling): void {
  let known = before;
  for (;;) {
    const wanted = readBlock(settling.home, settling.response, address.text);
    applyDifference(address, known, wanted, settling);
    const now = readBlock(settling.home, settling.response, address.text);
    if (JSON.stringify(now) === JSON.stringify(wanted)) return;
    known = wanted ?? known;
  }
}

/** Has the backends change from the one block to the other, once. Either may be none. */
export function applyDifference(
  address: Address,
  known: Known | undefined,
  wanted: Block | undefined,
  { backendOf, executor }: Settling,
): void {
  // First the new one: the program of the old may be gone, and nobody is to slip through between them.
  if (wanted) {
    const seconds = secondsLeft(wanted);
    backendOf(wanted.backend).apply(
      { verb: 'block', address, seconds, known: known !== undefined },
      executor,
    );
  }
  if (known && known.backend !== wanted?.backend) {
    backendOf(known.backend).apply({ verb: 'unblock', address, known: true }, executor);
  }
}

/** Whole seconds until a block ends by itself, at least 1; undefined when it does not. */
export function secondsLeft({ until }: Pick<Block, 'until'>, now = Date.now()): number | undefined {
  return until === null ? undefined : Math.max(1, Math.ceil((Date.parse(until) - now) / 1000));
}
