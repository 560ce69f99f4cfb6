import { type Address, isHost, overlaps, parseAddress } from '../../active-response/address.ts';
import type { Place } from '../../active-response/circumstances.ts';
import { RiposteError } from '../../active-response/errors.ts';
import { type Inspection, inspect, stateOf, straysIn } from '../../active-response/inspect.ts';
import type { Block } from '../../active-response/ledger.ts';
import { settlingOf } from '../../active-response/respond.ts';

/** One entry of the ledger, and how it is. Of a damaged one nothing is known but its address. */
export interface BlockStatus extends Partial<Omit<Block, 'address' | 'response'>> {
  readonly address: string;
  readonly response: string;
  readonly inForce: 'yes' | 'NO' | 'over' | 'damaged' | 'unknown';
  readonly packets?: number | undefined;
  readonly bytes?: number | undefined;
  /** Of a damaged entry: what is wrong with its file. */
  readonly why?: string | undefined;
}

/** Who is blocked, and where ledger and backends disagree. */
export interface Status {
  readonly blocks: readonly BlockStatus[];
  /** Blocked, and not in the ledger as being blocked there. */
  readonly strays: readonly {
    readonly address: string;
    readonly response: string;
    readonly backend: string;
  }[];
  /** What could not be looked at; `backend` is absent when it was the ledger. */
  readonly unseen: readonly {
    readonly response: string;
    readonly backend?: string | undefined;
    readonly why: string;
    readonly exitCode: number;
  }[];
}

/** Looks at the ledger and the backends of every place. Blocks are in the order in which they came. */
export function gather(places: readonly Place[]): Status {
  const parts = places.map(lookAt);
  const blocks = parts.flatMap((part) => part.blocks);
  blocks.sort((a, b) => compareTexts(a.since ?? '', b.since ?? ''));
  return {
    blocks,
    strays: parts.flatMap(({ strays }) => strays),
    unseen: parts.flatMap(({ unseen }) => unseen),
  };
}

/** What of it is about one address, or a prefix with it inside. */
export function only({ blocks, strays, unseen }: Status, wanted: Address): Status {
  const isMeant = ({ address }: { address: string }) => {
    if (address === wanted.text) return true;
    if (isHost(wanted) && !address.includes('/')) return false;
    try {
      return overlaps(parseAddress(address), wanted);
    } catch {
      return false; // the name of a damaged file
    }
  };
  return { blocks: blocks.filter(isMeant), strays: strays.filter(isMeant), unseen };
}

function lookAt(place: Place): Status {
  const response = place.response.name;
  try {
    return statusOf(response, inspect(place, settlingOf(place)));
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    return { blocks: [], strays: [], unseen: [{ response, why: error.message, exitCode: error.exitCode }] };
  }
}

function statusOf(response: string, inspection: Inspection): Status & { blocks: BlockStatus[] } {
  const { ledger, held, unseen } = inspection;
  const now = Date.now();
  const blocks = ledger.blocks.map((block): BlockStatus => {
    const counted = held.get(block.backend)?.get(block.address);
    return { ...block, response, inForce: stateOf(block, inspection, now), ...counted };
  });
  const damaged = ledger.damaged.map(
    ({ address, error }): BlockStatus => ({ address, response, inForce: 'damaged', why: error.message }),
  );
  return {
    blocks: [...blocks, ...damaged],
    strays: straysIn(inspection).map(({ address, backend }) => ({ address, response, backend })),
    unseen: [...unseen].map(([backend, { message, exitCode }]) => ({
      response,
      backend,
      why: message,
      exitCode,
    })),
  };
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
