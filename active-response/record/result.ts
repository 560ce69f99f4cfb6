import { addressesIn, parseTarget } from '../../base/address.ts';
import { EX, type ExitCode, RiposteError } from '../../base/errors.ts';
import type { Request } from '../protocol/request.ts';
import type { Entry } from './active-responses-log.ts';
import { type Outcome, outcomeOf } from './outcome.ts';

/** The result of one request, or of one repair by a sweep. */
export interface Result extends Entry {
  /** OK, or the code of the failure. */
  readonly exitCode: ExitCode;
  /** True for a failure that the log already contains in the same words: it is not written again. */
  readonly isKnown?: boolean | undefined;
}

/** A result after recording. */
export interface RecordedResult extends Result {
  /** The errors of writing log or journal; empty when both succeeded. */
  readonly unwritten: readonly RiposteError[];
}

/** The result of a successful request. */
export const success = (request: Partial<Request>, outcome: Outcome): Result => ({
  request,
  outcome,
  exitCode: EX.OK,
});

/** The result of a failed request. @throws any error that is not a RiposteError */
export function failure(request: Partial<Request>, error: unknown): Result {
  if (!(error instanceof RiposteError)) throw error;
  const address = addressesIn(request.address, parseTarget)[0]?.text;
  return { request, outcome: outcomeOf(error, address), exitCode: error.exitCode };
}
