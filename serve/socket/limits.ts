/** A rate limit: the average per second, and the most at once. */
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
  /** Connections at a time. If one more comes, the oldest is dropped. */
  readonly connections: number;
  /** The time limit for a client's message, from its connection or its last message, in milliseconds. */
  readonly messageTime: number;
}

export const LIMITS: Limits = {
  reports: { perSecond: 100, burst: 200 },
  messages: { perSecond: 10, burst: 20 },
  messageLength: 4096,
  connections: 64,
  messageTime: 5000,
};
