import { RiposteError } from '../../base/errors.ts';
import type { InForce } from '../backend/in-force.ts';
import { type Block, hasEnded, type Ledger, readLedger } from '../ledger.ts';
import type { ReconcileContext } from '../reconcile-context.ts';
import type { ResponseContext } from '../request-context.ts';

/** One response's ledger, and the blocks in its backends. */
export interface Inspection {
  /**
   * The time at which the backends were listed. The backends are listed before the ledger is read, because a change is
   * made first in the ledger and then in the backend.
   */
  readonly at: number;
  readonly ledger: Ledger;
  /** The addresses in force, by backend; only backends that could be listed. */
  readonly held: ReadonlyMap<string, ReadonlyMap<string, InForce>>;
  /** The errors of listing, by backend; only backends that the ledger names. */
  readonly unseen: ReadonlyMap<string, RiposteError>;
}

/** A blocked address that should not be blocked, according to the ledger. */
export interface Stray {
  readonly address: string;
  readonly backend: string;
  /** The ledger's block of this address, by another backend. */
  readonly block?: Block | undefined;
}

/**
 * Reads the ledger of one response and lists every backend that may hold its blocks.
 *
 * @throws RiposteError (IOERR, NOPERM) when the ledger cannot be read
 */
export function inspect(
  { home, response }: Pick<ResponseContext, 'home' | 'response'>,
  context: ReconcileContext,
): Inspection {
  const read = context.readLedger ?? readLedger;
  const held = new Map<string, ReadonlyMap<string, InForce>>();
  const errors = new Map<string, RiposteError>();
  const list = (names: Iterable<string>) => {
    for (const name of names) {
      try {
        held.set(name, context.backendOf(name).list(context.executor, context.kept?.(name)));
      } catch (error) {
        if (!(error instanceof RiposteError)) throw error;
        errors.set(name, error);
      }
    }
  };
  const at = context.at ?? Date.now();
  list(context.present());
  let ledger = read(home, response.name);
  const others = backendsIn(ledger).filter((name) => !held.has(name) && !errors.has(name));
  if (others.length > 0) {
    list(others);
    ledger = read(home, response.name);
  }
  // Ignore errors of backends that the ledger does not name.
  const used = new Set(backendsIn(ledger));
  const unseen = new Map([...errors].filter(([name]) => used.has(name)));
  return { at, ledger, held, unseen };
}

const backendsIn = ({ blocks }: Ledger): string[] => [...new Set(blocks.map(({ backend }) => backend))];

/** The state of a block: in force or not, over, or unknown because its backend cannot be listed. */
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

/** The addresses in force that the ledger does not hold, or holds for another backend. Empty without a ledger. */
export function straysIn({ ledger, held }: Pick<Inspection, 'ledger' | 'held'>): Stray[] {
  if (!ledger.isThere || isAllInLedger({ ledger, held })) return [];
  const blocks = new Map(ledger.blocks.map((block) => [block.address, block]));
  const damaged = new Set(ledger.damaged.map(({ address }) => address));
  return [...held].flatMap(([backend, addresses]) =>
    [...addresses.keys()]
      .filter((address) => blocks.get(address)?.backend !== backend && !damaged.has(address))
      .map((address) => ({ address, backend, block: blocks.get(address) })),
  );
}

/** True in the usual state: every address in force is in the ledger, with the same backend. */
function isAllInLedger({ ledger, held }: Pick<Inspection, 'ledger' | 'held'>): boolean {
  let left = 0;
  for (const { size } of held.values()) left += size;
  for (const { backend, address } of ledger.blocks) if (held.get(backend)?.has(address)) left--;
  return left === 0;
}
