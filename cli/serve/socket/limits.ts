/** So many a second in the long run, and so many at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** What clients of the report socket may do. */
export interface Limits {
  /** Reports of all clients together. */
  readonly reports: Rate;
  /** Messages of one connection; who sends more is dropped. */
  readonly messages: Rate;
  /** Bytes of one message, its newline included. */
  readonly messageLength: number;
  /** Connections at a time; one more, and the oldest is dropped. */
  readonly connections: number;
  /** Milliseconds until a whole message must have come, from the connection or the message before it. */
  readonly messageTime: number;
}

export const LIMITS: Limits = {
  reports: { perSecond: 100, burst: 200 },
  messages: { perSecond: 10, burst: 20 },
  messageLength: 4096,
  connections: 64,
  messageTime: 5000,
};
