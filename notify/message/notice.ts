import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { LoggedAlert } from '../../active-response/alerts-log.ts';
import { LONGEST_DESCRIPTION, LONGEST_LOG, shown } from '../../active-response/protocol/fields.ts';
import {
  PROTOCOLS,
  type Protocol,
  protocolOf,
  type Request,
} from '../../active-response/protocol/request.ts';
import { addressesIn, parseTarget } from '../../base/address.ts';
import { printable } from '../../base/printable.ts';

/** One alert to report. All texts are printable, on one line; unknown fields are absent. */
export interface Notice {
  readonly id: string;
  /** The time of its arrival, ISO 8601 in UTC. */
  readonly time: string;
  /** The host that reports it. */
  readonly host: string;
  readonly protocol: Protocol;
  /** In canonical form when it is an address, else as given. */
  readonly address?: string | undefined;
  readonly user?: string | undefined;
  readonly ruleId?: string | undefined;
  readonly ruleLevel?: number | undefined;
  readonly alertId?: string | undefined;
  readonly location?: string | undefined;
  readonly description?: string | undefined;
  /** The log lines that triggered the rule. */
  readonly log: readonly string[];
}

/** The most log lines of one alert. */
export const MOST_LINES = 20;

/** Combines a request with the manager's own log entry of the same alert. */
export function noticeOf(request: Request, logged?: Partial<LoggedAlert>, now = new Date()): Notice {
  const { source, user, ruleId, ruleLevel, alertId, location, description, log } = request;
  return readNotice(
    {
      time: now.toISOString(),
      host: hostname(),
      protocol: protocolOf(source),
      address: request.address || logged?.address,
      user: user ?? logged?.user,
      ruleId: ruleId ?? logged?.ruleId,
      ruleLevel: ruleLevel ?? logged?.ruleLevel,
      alertId,
      location: location ?? logged?.location,
      description: description ?? logged?.description,
      log: log === undefined ? (logged?.log ?? []) : [log],
    },
    newId(now),
  );
}

/** Returns an id that sorts by time: `1795166136160-0f1e2d3c4b5a`. */
export const newId = (now = new Date()): string =>
  `${String(now.getTime()).padStart(13, '0')}-${randomBytes(6).toString('hex')}`;

/**
 * Reads a notice from JSON that another account may have written: cuts texts and makes them printable, and ignores
 * fields of a wrong type.
 */
export function readNotice(value: unknown, id: string): Notice {
  const from = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const text = (name: string, longest = 200) => shown(from[name], longest);
  const { ruleLevel, time, protocol } = from;
  const address = text('address', 80);
  return {
    id,
    time: isTime(time) ? new Date(time).toISOString() : new Date().toISOString(),
    host: text('host', 80) ?? hostname(),
    protocol: PROTOCOLS.find((each) => each === protocol) ?? 'ossec',
    address: addressesIn(address, parseTarget)[0]?.text ?? address,
    user: text('user'),
    ruleId: text('ruleId', LONGEST_RULE),
    ruleLevel: Number.isInteger(ruleLevel) ? (ruleLevel as number) : undefined,
    alertId: text('alertId', 80),
    location: text('location'),
    description: text('description', LONGEST_DESCRIPTION),
    log: lines(from.log),
  };
}

/** A UUID of Wazuh 5 has 36 characters. */
const LONGEST_RULE = 40;

const isTime = (time: unknown): time is string => typeof time === 'string' && !Number.isNaN(Date.parse(time));

function lines(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  const texts = value.filter((line) => typeof line === 'string').flatMap((line: string) => line.split('\n'));
  return texts
    .filter((line) => line.trim() !== '')
    .slice(0, MOST_LINES)
    .map((line) => printable(line, LONGEST_LOG));
}
