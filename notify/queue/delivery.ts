import type { Message } from '../message/message-title.ts';
import type { ChannelName, QueuedMessage } from './spool.ts';

/** The result of one try to deliver a message, for each recipient. */
export interface Delivery {
  readonly accepted: readonly string[];
  /** Permanently refused recipients, each with the reason. */
  readonly refused: Readonly<Record<string, string>>;
  /** Recipients to try again later, each with the reason. */
  readonly deferred: Readonly<Record<string, string>>;
  /** The server's answer. */
  readonly said: string;
}

/** A configured way to send messages. */
export interface Channel {
  readonly name: ChannelName;
  /** Mail addresses, or the host of the webhook. */
  readonly recipients: readonly string[];
  /** The server or program, for display: without passwords. */
  readonly server: string;
  /** @throws Unreachable, RiposteError (CONFIG) */
  deliver(
    queued: Pick<QueuedMessage, 'messageId' | 'notices'>,
    message: Message,
    to: readonly string[],
  ): Promise<Delivery>;
  /** Connects, and logs in if a login is configured, but sends nothing. @throws Unreachable */
  check(): Promise<string>;
}

/** The server cannot be used now: the caller stops trying messages. */
export class Unreachable extends Error {
  /** @param isOpen true if the transfer had begun, so that the server may have accepted the message */
  constructor(
    message: string,
    readonly isOpen = false,
  ) {
    super(message);
  }
}
