import type { Limits } from './limits.ts';
import type { HookReport } from './report.ts';

/**
 * The verdict on a report: `accepted`; `allowed` if its address is never blocked; `limited` if it is over the limit.
 */
export type Verdict = 'accepted' | 'allowed' | 'limited';

export interface ListenOptions {
  /** The directory of the socket `report.sock`; made when missing. Only this account may change it. */
  readonly directory: string;
  /** The group, by name or number, that may report besides root; undefined for root only. */
  readonly group: string | number | undefined;
  readonly limits: Limits;
  readonly onReport: (report: HookReport) => Verdict;
  /** Counters of messages and connections, which the server increments. */
  readonly counters: Counters;
}

/** Counters of messages and connections by their result, for metrics. */
export type Counters = Record<Verdict | 'pings' | Drop, number>;

/** The reason why a connection was dropped. */
export type Drop = 'malformed' | 'oversized' | 'stalled' | 'hurried' | 'crowded' | 'unread';

export const newCounters = (): Counters => ({
  accepted: 0,
  allowed: 0,
  limited: 0,
  pings: 0,
  malformed: 0,
  oversized: 0,
  stalled: 0,
  hurried: 0,
  crowded: 0,
  unread: 0,
});
