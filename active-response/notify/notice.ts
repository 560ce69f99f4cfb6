import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { addressesIn, parseTarget } from '../address.ts';
import { printable } from '../printable.ts';
import { LONGEST_DESCRIPTION, LONGEST_LOG, shown } from '../protocol/fields.ts';
import type { Protocol, Request } from '../protocol/request.ts';
import type { LoggedAlert } from './alerts-log.ts';

/** One alert that somebody is to be told of. All texts are printable, on one line; what is not known is absent. */
export interface Notice {
  readonly id: string;
  /** When it came here, ISO 8601 in UTC. */
  readonly time: string;
  /** The host that tells of it. */
  readonly host: string;
  readonly protocol: Protocol;
  /** In its one way to be written when it is an address, else as it was given. */
  readonly address?: string | undefined;
  readonly user?: string | undefined;
  readonly ruleId?: string | undefined;
  readonly ruleLevel?: number | undefined;
  readonly alertId?: string | undefined;
  readonly location?: string | undefined;
  readonly description?: string | undefined;
  /** The lines of the log that the rule fired on. */
  readonly log: readonly string[];
}

/** The most lines of a log that are told of one alert. */
export const MOST_LINES = 20;

/** What a request says, and what the manager's own log says of the same alert. */
export function noticeOf(request: Request, logged?: Partial<LoggedAlert>, now = new Date()): Notice {
  const { protocol, user, ruleId, ruleLevel, alertId, location, description, log } = request;
  return readNotice(
    {
      time: now.toISOString(),
      host: hostname(),
      protocol,
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

/** An id that sorts by time: `1795166136160-0f1e2d3c4b5a`. */
export const newId = (now = new Date()): string =>
  `${String(now.getTime()).padStart(13, '0')}-${randomBytes(6).toString('hex')}`;

/**
 * A notice from JSON that others may have written: texts are cut and made printable, and what is of a wrong type
 * is as good as none.
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
    protocol: protocol === 'wazuh4' || protocol === 'wazuh5' ? protocol : 'ossec',
    address: addressesIn(address, parseTarget)[0]?.text ?? address,
    user: text('user'),
    ruleId: text('ruleId', 20),
    ruleLevel: Number.isInteger(ruleLevel) ? (ruleLevel as number) : undefined,
    alertId: text('alertId', 80),
    location: text('location'),
    description: text('description', LONGEST_DESCRIPTION),
    log: lines(from.log),
  };
}

const isTime = (time: unknown): time is string => typeof time === 'string' && !Number.isNaN(Date.parse(time));

function lines(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  const texts = value.filter((line) => typeof line === 'string').flatMap((line: string) => line.split('\n'));
  return texts
    .filter((line) => line.trim() !== '')
    .slice(0, MOST_LINES)
    .map((line) => printable(line, LONGEST_LOG));
}
