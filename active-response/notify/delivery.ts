import type { Message } from './message.ts';
import type { ChannelName, Letter } from './spool.ts';

/** How a try to deliver one letter ended, for each of whom it was for. */
export interface Delivery {
  readonly accepted: readonly string[];
  /** Who will never get it, and why. */
  readonly refused: Readonly<Record<string, string>>;
  /** Who may get it at a later try, and why not now. */
  readonly deferred: Readonly<Record<string, string>>;
  /** What the server said. */
  readonly said: string;
}

/** A way to tell somebody, as it is set up. */
export interface Channel {
  readonly name: ChannelName;
  /** Whom it tells: mail addresses, or the host of the webhook. */
  readonly recipients: readonly string[];
  /** What takes the messages, for a person: without passwords. */
  readonly server: string;
  /** @throws Unreachable, RiposteError (CONFIG) */
  deliver(
    letter: Pick<Letter, 'messageId' | 'notices'>,
    message: Message,
    to: readonly string[],
  ): Promise<Delivery>;
  /** Connects, and logs in where that is set up, without sending anything. @throws Unreachable */
  check(): Promise<string>;
}

/** The server cannot be used now: no other letter need be tried. */
export class Unreachable extends Error {
  /** @param isOpen the letter was on its way, so that the server may have taken it */
  constructor(
    message: string,
    readonly isOpen = false,
  ) {
    super(message);
  }
}
