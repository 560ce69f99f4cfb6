import type { Swept } from '../carry-out.ts';
import { EX, type ExitCode, type RiposteError } from '../errors.ts';
import type { Outcome } from '../outcome.ts';
import type { Request } from '../protocol/request.ts';
import type { Notice } from './notice.ts';
import type { Letter } from './spool.ts';

/** How it ended with a letter, as something that a sweep tells. */
export function posted(
  { notices }: Pick<Letter, 'notices'>,
  word: Outcome['word'],
  reason: string,
  exitCode: ExitCode,
  isKnown = false,
): Swept {
  const [only, ...others] = notices;
  const isDigest = others.length > 0;
  const request: Partial<Request> =
    isDigest || only === undefined ? ({ protocol: 'ossec', command: 'add' } as const) : requestOf(only);
  const told = isDigest ? `a digest of ${notices.length} alerts ${reason}` : reason;
  return { request, outcome: { word, reason: told, address: request.address }, exitCode, isKnown };
}

/** Something about all letters, or none. */
export function failure({ exitCode, message }: RiposteError): Swept {
  return {
    request: { protocol: 'ossec' },
    outcome: { word: 'failed', reason: message },
    exitCode,
    isKnown: false,
  };
}

/** The same failure that the journal and the log have already. */
export const waiting = (reason: string, isKnown: boolean): Swept => ({
  request: { protocol: 'ossec', command: 'add' },
  outcome: { word: 'spooled', reason },
  exitCode: EX.TEMPFAIL,
  isKnown,
});

function requestOf({ protocol, address, ruleId, ruleLevel, alertId, location }: Notice) {
  return { protocol, command: 'add', address, ruleId, ruleLevel, alertId, location } as const;
}
