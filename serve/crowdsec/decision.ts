import { entryOf, type ListEntry } from '../../active-response/operator/list/read-list.ts';
import type { CrowdsecSettings } from '../../active-response/settings/crowdsec-settings.ts';
import { attempt, EX, RiposteError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';

/** The decisions that block. Scopes are in lower case. */
export interface Wanted {
  readonly types: readonly string[];
  readonly scopes: readonly string[];
  /** Empty for all origins. An origin such as `lists` also stands for `lists:NAME`. */
  readonly origins: readonly string[];
}

/** The decisions that cause blocks under these settings. */
export const wantedBy = ({
  crowdsecTypes,
  crowdsecScopes,
  crowdsecOrigins,
}: Pick<CrowdsecSettings, 'crowdsecTypes' | 'crowdsecScopes' | 'crowdsecOrigins'>): Wanted => ({
  types: crowdsecTypes,
  scopes: crowdsecScopes,
  origins: crowdsecOrigins,
});

/** A decision; undefined if it has ended or the settings ignore it; an error if it cannot be read. */
export type ReadDecision = Decision | RiposteError | undefined;

/** One decision of CrowdSec about an address or a network. */
export interface Decision {
  /** The decision's number at the LAPI; undefined if it has none. */
  readonly id: number | undefined;
  readonly origin: string;
  readonly scenario: string;
  /** The address, the seconds that are left (0 for a deleted decision), and the scenario as note. */
  readonly entry: ListEntry;
}

/**
 * Reads a decision, as a LAPI and crowdsec-custom-bouncer write it: `duration` ("4h0m0s"), `origin`, `scenario`, `scope`,
 * `type`, `value`, `id`, `simulated` (pkg/models/localapi_swagger.yaml of crowdsec).
 *
 * @param isDeleted true for a decision that the LAPI has ended; its duration is ignored
 */
export function readDecision(value: unknown, wanted: Wanted, isDeleted = false): ReadDecision {
  const fields = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const text = (name: string) => (typeof fields[name] === 'string' ? fields[name] : undefined);
  const [target, duration, origin = '', scenario = ''] = ['value', 'duration', 'origin', 'scenario'].map(
    text,
  );
  const [type, scope] = ['type', 'scope'].map((name) => text(name)?.toLowerCase());
  if (target === undefined || type === undefined || scope === undefined || duration === undefined)
    return new RiposteError(
      EX.DATAERR,
      `not a decision of CrowdSec: ${printable(JSON.stringify(value) ?? '', 120)}`,
    );
  const isWanted =
    wanted.types.includes(type) &&
    wanted.scopes.includes(scope) &&
    (wanted.origins.length === 0 || wanted.origins.some((each) => isOrigin(origin, each)));
  if (!isWanted || fields.simulated === true) return undefined;
  const row = { value: target, scope, reason: scenario, duration: isDeleted ? '' : duration };
  const entry = attempt(() => entryOf(row, 0));
  if (entry === undefined || entry instanceof RiposteError) return entry;
  return {
    id: typeof fields.id === 'number' ? fields.id : undefined,
    origin,
    scenario,
    entry: isDeleted ? { ...entry, seconds: 0 } : entry,
  };
}

const isOrigin = (origin: string, wanted: string): boolean =>
  origin === wanted || origin.startsWith(`${wanted}:`);
