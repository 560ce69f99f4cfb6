import type { BlockStatus, Status } from '../status/gather.ts';

/** What became of the alerts that asked for a block, as the charts show it. */
export const FATES = ['blocked', 'already', 'held', 'failed', 'rehearsed'] as const;
export type Fate = (typeof FATES)[number];

/** Alerts of a stretch of time: how many ended how, in the order of FATES. */
export interface Bar {
  /** In milliseconds since 1970, as all times here. */
  readonly start: number;
  readonly counts: readonly number[];
}

/** How often something was met. */
export interface Met {
  readonly name: string;
  readonly alerts: number;
  readonly blocks: number;
  readonly last: number;
}

/** An address or a prefix that alerts were about. */
export interface AddressMet extends Met {
  readonly first: number;
  /** The number of its last offence: 1 for one that was blocked once. */
  readonly offence: number;
  /** The rule of its last alert; empty where none is known. */
  readonly rule: string;
  readonly network: string;
}

export interface NetworkMet extends Met {
  readonly addresses: number;
}

export interface RuleMet extends Met {
  /** The highest level told; undefined where none is told (OSSEC). */
  readonly level?: number | undefined;
  readonly description: string;
}

export interface RequestMet extends Met {
  /** The last request, with its query, where it had one; else empty. */
  readonly example: string;
}

/** The rows that were met most, and what was left out. */
export interface Top<Row extends Met> {
  readonly rows: readonly Row[];
  /** How many different ones there were. */
  readonly different: number;
  /** False when `different` is an estimate (within 1 %), as some were forgotten on the way. */
  readonly isExact: boolean;
  /** By how much a number of alerts may be too small at the most, because of that. */
  readonly short: number;
}

/** What is blocked now: the ledger, and what the backends say of it. */
export interface Now {
  readonly blocks: readonly BlockStatus[];
  /** All of them; `blocks` are those that began last. */
  readonly total: number;
  readonly strays: number;
  readonly unseen: Status['unseen'];
  /** What the kernel has dropped of them; undefined where nothing counts. */
  readonly packets?: number | undefined;
  readonly bytes?: number | undefined;
}

/** All that a report tells, made of one reading of the journal and one look at ledger and backends. */
export interface Summary {
  readonly version: string;
  readonly made: number;
  /** The time zone of all that is shown: `Europe/Berlin`. */
  readonly zone: string;
  readonly host: string;
  readonly home: string;
  /** What the bars stand for, first to last. */
  readonly from: number;
  readonly to: number;
  readonly bars: readonly Bar[];
  /** How long a bar is: `3 hours`. */
  readonly step: string;
  readonly events: number;
  /** Lines of the journal that hold no event. */
  readonly damaged: number;
  readonly alerts: number;
  readonly fates: Readonly<Record<Fate, number>>;
  readonly unblocked: number;
  readonly restored: number;
  readonly repeatOffenders: number;
  readonly offenders: readonly AddressMet[];
  readonly addresses: Top<AddressMet>;
  readonly networks: Top<NetworkMet>;
  readonly rules: Top<RuleMet>;
  readonly requests: Top<RequestMet>;
  readonly agents: Top<Met>;
  readonly sources: Top<Met>;
  readonly now: Now;
}
