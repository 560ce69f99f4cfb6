import { keepNewest } from '../../base/keep-newest.ts';

/** RFC 5424 requires every receiver to accept messages of this length, so shorter messages are never cut. */
const SHORTEST = 480;
/** The lengths of a line's pieces may differ by this much, because spaces at their ends are lost. */
const SLACK = 16;
const MOST_SENDERS = 1000;

/**
 * Recognizes the rest of a line that was cut on its way: the rest begins with an attacker's bytes. logger(1) cuts at
 * 1,024 bytes and rsyslog, with `oversizemsg.input.mode="split"`, at 8,192: the rest is a message of its own, with a
 * header like any other. The rules:
 * - a message of at least 480 bytes that ends inside a quoted text, or cannot be read, may have been cut
 * - then the sender's next messages count as the rest of this message, up to and including the first shorter message
 * - a message with a sender that was never seen before also counts as the rest of the cut message right before it,
 *   because rsyslog takes the first word of the rest for the program
 *
 * If these rules refuse a genuine line, Riposte only fails to judge this line.
 */
export class CutLines {
  /** By sender: the length of a message that may have been cut. */
  readonly #suspects = new Map<string, number>();
  readonly #known = new Set<string>();
  #isAfterSuspect = false;
  #sender = '';
  #length = 0;

  /** @param sender host, program and process @returns true if the message may be the rest of the message before */
  isRest(sender: string, message: string): boolean {
    this.#sender = sender;
    this.#length = message.length;
    const cutAt = this.#suspects.get(sender);
    const isNew = !this.#known.has(sender);
    if (cutAt !== undefined) {
      if (message.length < cutAt - SLACK) this.#suspects.delete(sender);
      return true;
    }
    const isRest = this.#isAfterSuspect && isNew;
    this.#isAfterSuspect = isRest && message.length >= SHORTEST;
    if (isNew && !isRest && this.#known.size < MOST_SENDERS) this.#known.add(sender);
    return isRest;
  }

  /** Notes that the message of the last call may have been cut. */
  suspect(): void {
    if (this.#length < SHORTEST) return;
    this.#isAfterSuspect = true;
    this.#suspects.set(this.#sender, this.#length);
    keepNewest(this.#suspects, MOST_SENDERS);
  }
}

export const REST = 'may be the rest of a line that was cut';
