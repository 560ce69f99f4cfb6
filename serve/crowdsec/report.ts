import { isPrivate } from '../../active-response/guard/guard.ts';
import { isList } from '../../active-response/lists.ts';
import type { JournalEvent } from '../../active-response/record/journal.ts';
import { RESPONSES } from '../../active-response/response/responses.ts';
import { addressesIn, isHost } from '../../base/address.ts';
import { printable } from '../../base/printable.ts';

/** The origin of the decisions that a machine reports. By this name, each host recognizes its own decisions. */
export const originOf = (machine: string): string => `riposte:${machine}`;

/** The reported duration of a block without an end, in seconds. A decision of CrowdSec must have an end. */
const FOREVER = 365 * 86_400;

/** A block or a release in the journal that is reported to the LAPI. */
export interface Reportable {
  readonly address: string;
  /**
   * The end of a block, in milliseconds since 1970; `released` for a block that was ended before its time. The address
   * may then still have another block.
   */
  readonly until: number | 'released';
  readonly event: JournalEvent;
}

/**
 * Returns the report of an event of the journal: a block that this host has decided (serve, a response, an operator or
 * a program), or the early end of such a block. Undefined for all other events, such as blocks from lists and from
 * CrowdSec itself.
 *
 * @param now in milliseconds since 1970
 */
export function reportableIn(event: JournalEvent, now: number): Reportable | undefined {
  const { address, origin, response, until } = event;
  if (address === undefined || (origin !== undefined && isList(origin))) return undefined;
  if (!RESPONSES.some(({ name }) => name === response) || addressesIn(address).some(isPrivate))
    return undefined;
  const time = Date.parse(event.time);
  const end = until ? Date.parse(until) : time + FOREVER * 1000;
  switch (event.event) {
    case 'blocked':
    case 'already':
      // If an add changed no block, its event has no end.
      return until === undefined || end <= now ? undefined : { address, until: end, event };
    case 'unblocked':
    case 'kept':
      // A list may keep a block whose own part has ended. The reporter looks whether an own part is left.
      // If a block has ended at its time, the LAPI has ended its decision, too.
      return end <= Math.max(time, now) ? undefined : { address, until: 'released', event };
    default:
      return undefined;
  }
}

/** The scenario of an event: its rule, else its origin (the program that asked for the block), else the response. */
export function scenarioOf({ rule, origin, response }: JournalEvent): string {
  const name = rule ?? origin?.replace(':', '-') ?? response;
  return `riposte/${name.replace(/[^\w.-]/g, '_').slice(0, 80)}`;
}

/**
 * The alert for a block, with its decision. The LAPI computes the decision's end from `stop_at` and the duration. The
 * alert contains no log line, because a log line may name users.
 */
export function alertOf({ address, until, event }: Reportable, machine: string): object {
  const scope = addressesIn(address).every(isHost) ? 'Ip' : 'Range';
  const scenario = scenarioOf(event);
  const seconds = Math.max(1, Math.round((Number(until) - Date.parse(event.time)) / 1000));
  const decision = {
    duration: `${seconds}s`,
    origin: originOf(machine),
    scenario,
    scope,
    type: 'ban',
    value: address,
  };
  return {
    scenario,
    scenario_hash: '',
    scenario_version: '',
    message: printable(event.description ?? event.note ?? `blocked by ${event.response}`, 200),
    events_count: 1,
    start_at: event.time,
    stop_at: event.time,
    capacity: 0,
    leakspeed: '0',
    simulated: false,
    events: [],
    source: { scope, value: address, ...(scope === 'Ip' ? { ip: address } : { range: address }) },
    decisions: [decision],
  };
}
