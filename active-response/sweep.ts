import { parseTarget } from './address.ts';
import type { Place } from './circumstances.ts';
import { EX, type ExitCode, RiposteError } from './errors.ts';
import { blockedAddresses, hasEnded, readBlock, writeBlock } from './ledger.ts';
import type { Outcome } from './outcome.ts';
import type { Report } from './report.ts';
import { endAndSettle, settlingOf } from './respond.ts';
import { type Settling, settle } from './settle.ts';

/**
 * Ends the blocks of one response whose time is over, and tries again those that failed. For a timer: routes,
 * Apache's files and firewalld's sets do not end by themselves. Each outcome gets its line; nothing to do,
 * nothing said.
 *
 * @returns the exit code of the last failure, or OK
 */
export function sweep(place: Place, report: Report): ExitCode {
  const settling = settlingOf(place);
  let code: ExitCode = EX.OK;
  for (const address of blockedAddresses(place.home, place.response.name)) {
    report.request = { protocol: 'ossec', address };
    try {
      const outcome = sweepOne(address, settling, report);
      if (outcome) report.outcome(outcome);
    } catch (error) {
      if (!(error instanceof RiposteError)) throw error;
      code = report.failure(error);
    }
  }
  return code;
}

function sweepOne(text: string, settling: Settling, report: Report): Outcome | undefined {
  const address = parseTarget(text);
  const block = readBlock(settling.home, settling.response, text);
  if (block && hasEnded(block, Date.now())) {
    report.request = { ...report.request, command: 'delete' };
    endAndSettle(address, block, settling);
    return { word: 'unblocked', reason: `its time is over, since ${block.since}`, address: text, block };
  }
  if (block?.failed === undefined || settling.executor.dryRun) return undefined;
  report.request = { ...report.request, command: 'add' };
  const { failed, ...wanted } = block;
  settle(address, undefined, settling);
  writeBlock(settling.home, wanted);
  return { word: 'blocked', reason: `made good what had failed (${failed})`, address: text, block: wanted };
}
