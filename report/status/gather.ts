import type { InForce } from '../../active-response/backend/in-force.ts';
import { arConfTimeouts } from '../../active-response/duration.ts';
import type { Block } from '../../active-response/ledger.ts';
import { indexedContext } from '../../active-response/ledger-index.ts';
import type { ResponseContext } from '../../active-response/request-context.ts';
import { type Inspection, inspect, stateOf, straysIn } from '../../active-response/sweep/inspect.ts';
import { type Address, isHost, overlaps, parseAddress } from '../../base/address.ts';
import { attempt, RiposteError } from '../../base/errors.ts';
import { readIfThere } from '../../base/files.ts';
import type { Place } from '../../base/place.ts';

/** A ledger entry and its state. A damaged entry has only its address. */
export interface BlockStatus extends Partial<Omit<Block, 'address' | 'response'>>, Place {
  readonly address: string;
  readonly response: string;
  readonly inForce: 'yes' | 'NO' | 'over' | 'damaged' | 'unknown';
  readonly packets?: number | undefined;
  readonly bytes?: number | undefined;
  /** True when the manager ends the block; then `until` is only the latest possible end. */
  readonly byManager?: boolean | undefined;
  /** For a damaged entry: the error in its file. */
  readonly why?: string | undefined;
}

/** The current blocks, and the differences between ledger and backends. */
export interface Status {
  readonly blocks: readonly BlockStatus[];
  /** Addresses that a backend blocks without a ledger entry for that backend. */
  readonly strays: readonly {
    readonly address: string;
    readonly response: string;
    readonly backend: string;
  }[];
  /** Ledgers and backends that could not be read; `backend` is absent for a ledger. */
  readonly unseen: readonly {
    readonly response: string;
    readonly backend?: string | undefined;
    readonly why: string;
    readonly exitCode: number;
  }[];
}

/** Reads the ledger and the backends of each response. The oldest block comes first. */
export function gather(contexts: readonly ResponseContext[]): Status {
  const parts = contexts.map(statusIn);
  const blocks = parts.flatMap((part) => part.blocks);
  blocks.sort((a, b) => compareTexts(a.since ?? '', b.since ?? ''));
  return {
    blocks,
    strays: parts.flatMap(({ strays }) => strays),
    unseen: parts.flatMap(({ unseen }) => unseen),
  };
}

/** The part of a status about one address, and about prefixes that overlap it. */
export function only({ blocks, strays, unseen }: Status, wanted: Address): Status {
  const isWanted = ({ address }: { address: string }) => {
    if (address === wanted.text) return true;
    if (isHost(wanted) && !address.includes('/')) return false;
    try {
      return overlaps(parseAddress(address), wanted);
    } catch {
      return false; // a damaged file's name is not an address
    }
  };
  return { blocks: blocks.filter(isWanted), strays: strays.filter(isWanted), unseen };
}

function statusIn(context: ResponseContext): Status {
  const response = context.response.name;
  try {
    return statusOf(context, inspect(context, indexedContext(context)));
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    return { blocks: [], strays: [], unseen: [{ response, why: error.message, exitCode: error.exitCode }] };
  }
}

function statusOf(context: ResponseContext, inspection: Inspection): Status & { blocks: BlockStatus[] } {
  const response = context.response.name;
  const isTimed = timesOfManager(context);
  const { ledger, held, unseen } = inspection;
  const now = Date.now();
  const blocks = ledger.blocks.map((block): BlockStatus => {
    const counted = held.get(block.backend)?.get(block.address);
    return withState(
      block,
      response,
      stateOf(block, inspection, now),
      counted,
      isEndedByManager(block, isTimed),
    );
  });
  const damaged = ledger.damaged.map(
    ({ address, error }): BlockStatus => ({ address, response, inForce: 'damaged', why: error.message }),
  );
  return {
    blocks: [...blocks, ...damaged],
    strays: straysIn(inspection)
      .map(({ address, backend }) => ({ address, response, backend }))
      .sort((a, b) => compareTexts(a.address, b.address)),
    unseen: [...unseen].map(([backend, { message, exitCode }]) => ({
      response,
      backend,
      why: message,
      exitCode,
    })),
  };
}

/** Copies each field by its name, because spread syntax takes three quarters of a second for 100,000 entries. */
const withState = (
  block: Block,
  response: string,
  inForce: BlockStatus['inForce'],
  counted: InForce | undefined,
  byManager: boolean,
): BlockStatus => ({
  address: block.address,
  response,
  backend: block.backend,
  since: block.since,
  until: block.until,
  offence: block.offence,
  severe: block.severe,
  rule: block.rule,
  level: block.level,
  alert: block.alert,
  location: block.location,
  note: block.note,
  isOwn: block.isOwn,
  origins: block.origins,
  ownUntil: block.ownUntil,
  failed: block.failed,
  inForce,
  packets: counted?.packets,
  bytes: counted?.bytes,
  byManager: byManager || undefined,
});

/**
 * True when a manager's timeouts end the blocks of this response. False with BLOCK_FOR, which overrides the timeouts.
 */
function timesOfManager({ response, home, settings }: ResponseContext): boolean {
  if (settings.blockFor.length > 0) return false;
  const arConf = attempt(() => readIfThere(home.arConf));
  return (
    !(arConf instanceof RiposteError) &&
    arConfTimeouts(arConf, `${response.name}.js`).some((each) => each > 0)
  );
}

/** True when the manager ends this block. A block with an alert's id was requested by a manager. */
const isEndedByManager = ({ alert, isOwn, until, serverUntil }: Block, isTimed: boolean): boolean =>
  isTimed && alert !== undefined && isOwn !== true && serverUntil === undefined && until !== null;

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
