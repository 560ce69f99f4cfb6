import { EX, type RiposteError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import type { Block } from '../ledger.ts';

/**
 * The outcome of a request.
 * - blocked, unblocked: as requested.
 * - restored: a block that had disappeared from its backend is in force again.
 * - already: nothing had to change, or a block that is in force was renewed.
 * - kept: a delete came, but the block stays.
 * - held: nothing was done, because the address is never blocked.
 * - refused: the request is wrong; nothing was done.
 * - failed: the request could not be carried out.
 * - spooled: a message, or a change for a service, is on the disk, and will be sent.
 * - sent: a server has accepted a message.
 * - rehearsed: a dry run for a manager; nothing was done.
 */
export interface Outcome {
  readonly word:
    | 'blocked'
    | 'unblocked'
    | 'restored'
    | 'already'
    | 'kept'
    | 'held'
    | 'refused'
    | 'failed'
    | 'spooled'
    | 'sent'
    | 'rehearsed';
  readonly reason: string;
  /** In canonical form if it is a valid address. */
  readonly address?: string | undefined;
  readonly block?: Block | undefined;
  /** The manager's answer in the handshake; undefined if the answer was to continue. */
  readonly answer?: 'abort' | 'silence' | undefined;
}

/** True for the outcome of a block that was made, or that is queued on the disk and will be tried. */
export const isBlock = ({ word }: { readonly word: string }): boolean =>
  word === 'blocked' || word === 'spooled';

/** Formats an outcome in one line, for a person. */
export function describeOutcome(response: string, { address, word, reason }: Outcome): string {
  const whom = address === undefined ? [] : [printable(address)];
  return [response, ...whom, word, printable(reason, 500)].join(': ');
}

/** Says what a request would do, for a dry run. */
export const wouldBe = (word: string): string =>
  word === 'already' ? 'nothing would change' : `would be ${word}`;

/** The outcome of a dry run. @param lines the commands that it would have run */
export function rehearsal(
  { word, reason, address, answer }: Outcome,
  lines: readonly string[] = [],
): Outcome {
  const told = lines.length === 0 ? `${wouldBe(word)}: ${reason}` : lines.join('; ');
  return { word: 'rehearsed', reason: `dry run: ${told}`, address, answer };
}

/** The outcome of an error: the request was wrong, or could not be carried out. */
export function outcomeOf(error: RiposteError, address?: string): Outcome {
  const wrong = error.exitCode === EX.DATAERR || error.exitCode === EX.USAGE;
  return { word: wrong ? 'refused' : 'failed', reason: error.message, address };
}
