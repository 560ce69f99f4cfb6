import type { InForce } from './backend/backend.ts';
import type { Place } from './circumstances.ts';
import { RiposteError } from './errors.ts';
import { type Block, hasEnded, type Ledger, readLedger } from './ledger.ts';
import type { Settling } from './settle.ts';

/** What one response's ledger says, and what its backends do. */
export interface Inspection {
  /** When the backends were asked: before the ledger was read, as every change goes the other way round. */
  readonly at: number;
  readonly ledger: Ledger;
  /** By backend, what it has in force; only those that could be listed. */
  readonly held: ReadonlyMap<string, ReadonlyMap<string, InForce>>;
  /** By backend, why it could not be listed; only those that the ledger names. */
  readonly unseen: ReadonlyMap<string, RiposteError>;
}

/** Something that is blocked and should not be, as far as the ledger knows. */
export interface Stray {
  readonly address: string;
  readonly backend: string;
  /** What the ledger says of this address: that another backend blocks it. */
  readonly block?: Block | undefined;
}

/**
 * Looks at the ledger of one response and at every backend that may hold something of its.
 *
 * @throws RiposteError (IOERR, NOPERM) when the ledger cannot be read
 */
export function inspect({ home, response, settings, env }: Place, settling: Settling): Inspection {
  const held = new Map<string, ReadonlyMap<string, InForce>>();
  const errors = new Map<string, RiposteError>();
  const list = (names: Iterable<string>) => {
    for (const name of names) {
      try {
        held.set(name, settling.backendOf(name).list(settling.executor));
      } catch (error) {
        if (!(error instanceof RiposteError)) throw error;
        errors.set(name, error);
      }
    }
  };
  const at = Date.now();
  list(response.present?.(settings, env) ?? Object.keys(response.backends));
  let ledger = readLedger(home, response.name);
  const others = backendsIn(ledger).filter((name) => !held.has(name) && !errors.has(name));
  if (others.length > 0) {
    list(others);
    ledger = readLedger(home, response.name);
  }
  // What cannot be listed and is not used has nothing to tell.
  const used = new Set(backendsIn(ledger));
  const unseen = new Map([...errors].filter(([name]) => used.has(name)));
  return { at, ledger, held, unseen };
}

const backendsIn = ({ blocks }: Ledger): string[] => [...new Set(blocks.map(({ backend }) => backend))];

/** How a block is: in force or not, over, or unknown because its backend cannot be listed. */
export function stateOf(
  block: Block,
  { held }: Pick<Inspection, 'held'>,
  now: number,
): 'yes' | 'NO' | 'over' | 'unknown' {
  if (hasEnded(block, now)) return 'over';
  const inForce = held.get(block.backend);
  if (inForce === undefined) return 'unknown';
  return inForce.has(block.address) ? 'yes' : 'NO';
}

/** What the backends hold and the ledger does not, or says of another backend. None where there is no ledger. */
export function straysIn({ ledger, held }: Pick<Inspection, 'ledger' | 'held'>): Stray[] {
  if (!ledger.isThere) return [];
  const blocks = new Map(ledger.blocks.map((block) => [block.address, block]));
  const damaged = new Set(ledger.damaged.map(({ address }) => address));
  return [...held].flatMap(([backend, addresses]) =>
    [...addresses.keys()]
      .filter((address) => blocks.get(address)?.backend !== backend && !damaged.has(address))
      .map((address) => ({ address, backend, block: blocks.get(address) })),
  );
}
