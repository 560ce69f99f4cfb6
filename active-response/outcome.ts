import { EX, type RiposteError } from './errors.ts';
import type { Block } from './ledger.ts';
import { printable } from './printable.ts';

/**
 * How a request ended.
 * - blocked, unblocked: as was asked.
 * - restored: a block that should be in force and was not is so again.
 * - already: it was so before.
 * - kept: a delete came, but BLOCK_FOR keeps the block.
 * - held: an address that is never blocked, on purpose.
 * - refused: the request is wrong; nothing was done.
 * - failed: it could not be done.
 * - spooled: a message is on the disk, and will be sent.
 * - sent: a server has taken a message.
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
  /** In its one way to be written, once it was known to be an address. */
  readonly address?: string | undefined;
  readonly block?: Block | undefined;
  /** What the manager answered in the handshake, where that was not to go on. */
  readonly answer?: 'abort' | 'silence' | undefined;
}

/** An outcome on one line, for a person. */
export function describeOutcome(response: string, { address, word, reason }: Outcome): string {
  const whom = address === undefined ? [] : [printable(address)];
  return [response, ...whom, word, printable(reason, 500)].join(': ');
}

/** What a dry run makes of an outcome. @param lines what would have been run */
export function rehearsal(
  { word, reason, address, answer }: Outcome,
  lines: readonly string[] = [],
): Outcome {
  const told = lines.length === 0 ? `would be ${word}: ${reason}` : lines.join('; ');
  return { word: 'rehearsed', reason: `dry run: ${told}`, address, answer };
}

/** The outcome of an error: the request was wrong, or it could not be done. */
export function outcomeOf(error: RiposteError, address?: string): Outcome {
  const wrong = error.exitCode === EX.DATAERR || error.exitCode === EX.USAGE;
  return { word: wrong ? 'refused' : 'failed', reason: error.message, address };
}
