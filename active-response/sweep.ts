import { carryOut, failure, type Swept, type Work } from './carry-out.ts';
import type { Place } from './circumstances.ts';
import { compare } from './compare.ts';
import { type Inspection, inspect, type Stray, straysIn } from './inspect.ts';
import { type Block, endBlock, hasEnded, readEnded, writeBlock } from './ledger.ts';
import { guarded } from './never-blocked.ts';
import type { Outcome } from './outcome.ts';
import { settlingOf } from './respond.ts';
import type { Settling } from './settle.ts';

/**
 * Makes the backends of one response agree with its ledger: ends what is over, puts back what is gone, tries
 * again what has failed, takes out what the ledger does not hold, and releases who must not be blocked by now.
 * Each kind in one go; what other processes change meanwhile is settled by itself afterwards, so that whoever
 * comes last leaves both alike.
 *
 * In a dry run nothing is changed, and the outcomes are those that would come about.
 */
export function sweep(place: Place): Swept[] {
  const settling = settlingOf(place);
  let inspection: Inspection;
  try {
    inspection = inspect(place, settling);
  } catch (error) {
    return [failure(error)];
  }
  const differences = compare(inspection, Date.now());
  const { over, strays } = differences;
  const lasting = inspection.ledger.blocks.filter((block) => !hasEnded(block, Date.now()));
  const { missing, failed, released } = guarded(lasting, differences, place, settling);
  const swept = [
    ...inspection.ledger.damaged.map(({ address, error }) => failure(error, address)),
    ...[...inspection.unseen.values()].map((error) => failure(error)),
    ...endAll(over, inspection.held, settling),
    ...released,
    ...blockAll([...missing, ...failed], settling),
    ...takeOutAll(strays, settling),
  ];
  if (missing.length === 0 || settling.executor.dryRun) return swept;
  // What lay idle, because no rule looked it up, may be in force again and nobody's.
  return [...swept, ...takeOutAll(compare(inspect(place, settling), Date.now()).strays, settling)];
}

/** Takes out what bears our mark and is not in the ledger. @throws RiposteError (IOERR, NOPERM) when that cannot be read */
export function takeOutStrays(place: Place): Swept[] {
  const settling = settlingOf(place);
  return takeOutAll(straysIn(inspect(place, settling)), settling);
}

function endAll(blocks: readonly Block[], held: Inspection['held'], settling: Settling): Swept[] {
  const { home, response, executor } = settling;
  const works: Work[] = [];
  for (const block of blocks) {
    const { address } = block;
    if (!executor.dryRun) {
      if (!endBlock(home, response, address)) continue;
      const ended = readEnded(home, response, address);
      if (ended && !hasEnded(ended, Date.now())) {
        // An alert has renewed it in the instant between.
        writeBlock(home, ended);
        works.push({ address, known: block, wanted: undefined });
        continue;
      }
    }
    const outcome: Outcome = {
      word: 'unblocked',
      reason: `its time is over, since ${block.since}`,
      address,
      block,
    };
    const isHeld = held.get(block.backend)?.has(address) === true;
    works.push({ address, known: block, wanted: undefined, outcome, change: isHeld ? 'unblock' : undefined });
  }
  return carryOut(works, settling);
}

function blockAll(blocks: readonly Block[], settling: Settling): Swept[] {
  const works = blocks.map((block): Work => {
    const { address, failed, ...rest } = block;
    const wanted = { address, ...rest };
    const end = block.until === null ? 'until deleted' : `until ${block.until}`;
    const outcome: Outcome =
      failed === undefined
        ? {
            word: 'restored',
            reason: `it was not in force any more; ${end}, offence ${block.offence}, by ${block.backend}`,
            address,
            block,
          }
        : { word: 'blocked', reason: `made good what had failed (${failed})`, address, block: wanted };
    return { address, known: block, wanted: block, outcome, change: 'block' };
  });
  return carryOut(works, settling);
}

function takeOutAll(strays: readonly Stray[], settling: Settling): Swept[] {
  const works = strays.map(({ address, backend, block }): Work => {
    const of =
      block === undefined ? 'it is not in the ledger' : `the ledger has it blocked by ${block.backend}`;
    const reason = `by ${backend}; ${of}`;
    const outcome: Outcome = { word: 'unblocked', reason, address };
    return { address, known: { backend }, wanted: block, outcome, change: 'unblock' };
  });
  return carryOut(works, settling);
}
