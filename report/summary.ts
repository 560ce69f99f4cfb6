import type { Place } from '../base/place.ts';
import type { BlockStatus, Status } from './status/gather.ts';

/** The outcomes of alerts that asked for a block, in the charts' order. */
export const FATES = ['blocked', 'already', 'held', 'failed', 'rehearsed'] as const;
export type Fate = (typeof FATES)[number];

/** The alerts in a period, counted by outcome in the order of FATES. */
export interface Bar {
  /** In milliseconds since 1970, like all times here. */
  readonly start: number;
  readonly counts: readonly number[];
}

/** The number of alerts that named a rule, a request or an address. */
export interface Met {
  readonly name: string;
  readonly alerts: number;
  readonly blocks: number;
  readonly last: number;
}

/** An address or a prefix that alerts named. */
export interface AddressMet extends Met, Place {
  readonly first: number;
  /** The number of its last offence: 1 if it was blocked once. */
  readonly offence: number;
  /** The rule of its last alert; empty if unknown. */
  readonly rule: string;
  readonly network: string;
}

export interface NetworkMet extends Met {
  readonly addresses: number;
}

/** A country, or an autonomous system. */
export type PlaceMet = NetworkMet;

/** The alerts by country and by autonomous system. */
export interface PlacesMet {
  readonly countries: Top<PlaceMet>;
  readonly systems: Top<PlaceMet>;
}

export interface RuleMet extends Met {
  /** The rule's highest level in the journal; undefined if the alerts have no level (OSSEC). */
  readonly level?: number | undefined;
  readonly description: string;
}

export interface RequestMet extends Met {
  /** A request with its query, if any had one; else empty. */
  readonly example: string;
}

/** The rows with the most alerts, and the number of rows left out. */
export interface Top<Row extends Met> {
  readonly rows: readonly Row[];
  /** The number of distinct rows. */
  readonly different: number;
  /** False if `different` is an estimate (within 1 %), because some rows were dropped. */
  readonly isExact: boolean;
  /** A number of alerts may be too small by at most this number, because rows were dropped. */
  readonly short: number;
}

/** The current blocks, by ledger and backends. */
export interface Now {
  readonly blocks: readonly BlockStatus[];
  /** The number of all current blocks; `blocks` holds the newest. */
  readonly total: number;
  readonly strays: number;
  readonly unseen: Status['unseen'];
  /** The packets of blocked addresses that the kernel dropped; undefined if no backend counts them. */
  readonly packets?: number | undefined;
  readonly bytes?: number | undefined;
}

/** The contents of a report: from one pass over the journal, and the state of ledger and backends. */
export interface Summary {
  readonly version: string;
  readonly made: number;
  /** The time zone of all times shown: `Europe/Berlin`. */
  readonly zone: string;
  readonly host: string;
  readonly home: string;
  /** The period that the bars cover. */
  readonly from: number;
  readonly to: number;
  readonly bars: readonly Bar[];
  /** The period of one bar: `3 hours`. */
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
  /** Absent if this host has no database of places. */
  readonly places?: PlacesMet | undefined;
  readonly rules: Top<RuleMet>;
  readonly requests: Top<RequestMet>;
  readonly agents: Top<Met>;
  readonly sources: Top<Met>;
  readonly now: Now;
}
