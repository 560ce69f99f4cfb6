/** A rate limit: the average per second, and the maximum at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** The limits for clients of the report socket. */
export interface Limits {
  /** Reports of all clients together. */
  readonly reports: Rate;
  /** Messages of one connection. If a client sends more, its connection is dropped. */
  readonly messages: Rate;
  /** Bytes of one message, its newline included. */
  readonly messageLength: number;
  /** Connections at a time. A further connection replaces the oldest, which is dropped. */
  readonly connections: number;
  /** The time limit for a client's message, in milliseconds since the client connected or sent its last message. */
  readonly messageTime: number;
}

export const LIMITS: Limits = {
  reports: { perSecond: 100, burst: 200 },
  messages: { perSecond: 10, burst: 20 },
  messageLength: 4096,
  connections: 64,
  messageTime: 5000,
};
