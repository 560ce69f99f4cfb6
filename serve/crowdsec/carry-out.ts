import { readIndexedLedger } from '../../active-response/ledger-index.ts';
import { isListedBy } from '../../active-response/lists.ts';
import { CROWDSEC } from '../../active-response/operator/feed-state.ts';
import { type Imported, importList } from '../../active-response/operator/list/import-list.ts';
import type { ListEntry } from '../../active-response/operator/list/read-list.ts';
import { releaseOrigin } from '../../active-response/operator/list/release-origin.ts';
import type { ResponseContext } from '../../active-response/request-context.ts';
import { addressesIn, overlaps } from '../../base/address.ts';
import { counted } from '../../base/counted.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import type { Changes } from './decisions.ts';

/** The context for carrying out the decisions in a part of a feed. */
export interface CarryingOut {
  readonly context: ResponseContext;
  /** MAX_IMPORTED. */
  readonly most: number;
  /** True to accept a whole list without any address. */
  readonly mayBeEmpty: boolean;
  /** The addresses of the LAPI. No decision of the LAPI blocks them. */
  readonly peers: ReadonlySet<string>;
}

/** The numbers of changes, and remarks about decisions that were not carried out. */
export interface CarriedOut {
  readonly blocked: number;
  readonly released: number;
  readonly remarks: readonly string[];
}

/**
 * Blocks and releases the addresses in a part of a feed, with the code that imports lists.
 *
 * @param isWhole true when the changes contain all addresses of the feed; then addresses that were blocked for the feed
 * before, and are not in the changes, are released
 * @throws RiposteError (IOERR, NOPERM, CONFIG, UNAVAILABLE)
 */
export async function carryOut(changes: Changes, isWhole: boolean, how: CarryingOut): Promise<CarriedOut> {
  const { context, most, peers } = how;
  const lapi = [...peers].flatMap((peer) => addressesIn(peer));
  const isLapis = ({ address }: ListEntry) => lapi.some((each) => overlaps(each, address));
  const entries = changes.entries.filter((entry) => !isLapis(entry));
  const own = changes.entries.length - entries.length;
  const list = { entries, wrong: [], skipped: changes.skipped };
  const mayBeEmpty = how.mayBeEmpty || !isWhole || changes.ours > 0;
  const release = () =>
    changes.released.size > 0 ? releaseOrigin(CROWDSEC, context, changes.released) : Promise.resolve([]);
  // Release first, so that new decisions find room below MAX_IMPORTED.
  const endedFirst = isWhole ? [] : await release();
  const imported =
    entries.length > 0 || isWhole
      ? await unlessEmpty(() =>
          importList(list, context, { origin: CROWDSEC, isWhole, mayBeEmpty, most, at: changes.at }),
        )
      : undefined;
  const isDoubted = isWhole && imported === undefined;
  const ended = isDoubted ? await release() : endedFirst;
  const left = isDoubted ? listedNow(context) : 0;
  const released = ended.filter(({ outcome: { word } }) => word === 'unblocked' || word === 'kept').length;
  return {
    blocked: imported?.blocked ?? 0,
    released: released + (imported?.released ?? 0),
    remarks: [
      ...remarksOn(changes, imported),
      ...(own > 0 ? [`${own} decisions name the LAPI's own address, which Riposte never blocks`] : []),
      ...(left > 0
        ? [
            `the LAPI lists no decision; ${counted(left, 'block')} of earlier decisions will stay until the end of their time (--allow-empty ends them)`,
          ]
        : []),
      ...ended
        .flatMap(({ exitCode, outcome: { reason } }) => (exitCode === EX.OK ? [] : [reason]))
        .slice(0, 1),
    ],
  };
}

/** @returns undefined for a list that is not accepted, because it names no address */
async function unlessEmpty(work: () => Promise<Imported>): Promise<Imported | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RiposteError && error.exitCode === EX.DATAERR) return undefined;
    throw error;
  }
}

/** The number of blocks that decisions of CrowdSec ask for. */
const listedNow = ({ home, response }: ResponseContext): number =>
  readIndexedLedger(home, response.name).blocks.filter((block) => isListedBy(CROWDSEC, block)).length;

/** Remarks about decisions that were not carried out. For each kind, the number of decisions and the first message. */
function remarksOn({ wrong }: Changes, imported: Imported | undefined): string[] {
  const { held = [], failed = [], beyond = 0, unwritten = [] } = imported ?? {};
  const some = (what: string, texts: readonly string[]) =>
    texts.length === 0 ? [] : [`${what} ${counted(texts.length, 'decision')}, such as: ${texts[0]}`];
  return [
    ...some(
      'Riposte cannot read',
      wrong.map(({ message }) => message),
    ),
    ...some(
      'Riposte never blocks the addresses of',
      held.map(({ text }) => text),
    ),
    ...some(
      'Riposte could not carry out',
      failed.map(({ text }) => text),
    ),
    ...(beyond > 0
      ? [`Riposte does not block ${counted(beyond, 'address', 'addresses')}, because MAX_IMPORTED is reached`]
      : []),
    ...unwritten.map(({ message }) => message),
  ];
}
