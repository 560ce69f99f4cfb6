import type { Request } from '../../active-response/protocol/request.ts';
import type { Outcome } from '../../active-response/record/outcome.ts';
import type { Result } from '../../active-response/record/result.ts';
import { EX, type ExitCode, type RiposteError } from '../../base/errors.ts';
import type { Notice } from '../message/notice.ts';
import type { QueuedMessage } from './spool.ts';

/** Describes the outcome of a queued message for sweep, log and journal. */
export function deliveryOutcome(
  { notices }: Pick<QueuedMessage, 'notices'>,
  word: Outcome['word'],
  reason: string,
  exitCode: ExitCode,
  isKnown = false,
): Result {
  const [only, ...others] = notices;
  const isDigest = others.length > 0;
  const request: Partial<Request> =
    isDigest || only === undefined ? ({ source: 'sweep', command: 'add' } as const) : requestOf(only);
  const told = isDigest ? `a digest of ${notices.length} alerts ${reason}` : reason;
  return { request, outcome: { word, reason: told, address: request.address }, exitCode, isKnown };
}

/** A failure that does not belong to a single message. */
export function failure({ exitCode, message }: RiposteError): Result {
  return {
    request: { source: 'sweep' },
    outcome: { word: 'failed', reason: message },
    exitCode,
    isKnown: false,
  };
}

/** A failure to reach the server. @param isKnown true if journal and log already have this failure */
export const waiting = (reason: string, isKnown: boolean): Result => ({
  request: { source: 'sweep', command: 'add' },
  outcome: { word: 'spooled', reason },
  exitCode: EX.TEMPFAIL,
  isKnown,
});

function requestOf({ protocol, address, ruleId, ruleLevel, alertId, location }: Notice) {
  return { source: protocol, command: 'add', address, ruleId, ruleLevel, alertId, location } as const;
}
