import { counted } from '../../base/counted.ts';
import { ownCopy } from '../../base/own-copy.ts';
import { printable } from '../../base/printable.ts';
import type { Event } from '../../engine/event/event.ts';
import type { Detection } from '../../evaluate/detection.ts';
import { withoutQuery } from '../../logs/request-path.ts';

/** The maximum number of sources and paths to remember; the oldest are forgotten first. */
const MOST_SOURCES = 200_000;
const MOST_PATHS = 50_000;
/** The maximum number of user agents and paths to remember for one source. */
const MOST_OF_SOURCE = 8;
const SHOWN = 3;
const LONGEST = 120;

interface Visits {
  served: number;
  alerts: number;
  readonly agents: Set<string>;
  readonly paths: Set<string>;
}

/** A source that would have been blocked, and that got more pages than it raised alerts: perhaps a visitor. */
export interface Visitor {
  readonly address: string;
  readonly rule: number;
  /** Requests that were answered 2xx or 3xx. */
  readonly served: number;
  readonly alerts: number;
  readonly agents: readonly string[];
  /** A few of the paths that this source got. The paths that the most sources got come first. */
  readonly paths: readonly string[];
}

/** Counts the answers that each source got, for `riposte replay --as-user`. */
export class Visitors {
  readonly #sources = new Map<string, Visits>();
  /** The number of sources that got a path. */
  readonly #paths = new Map<string, number>();

  /** @param source as detections name it */
  note(event: Event, source: string): void {
    const visits = this.#visitsOf(source);
    if (event.isAlert) visits.alerts++;
    if (event.url === undefined || !/^[23]\d\d$/.test(event.id ?? '')) return;
    visits.served++;
    const agent = /"([^"]*)"$/.exec(event.log)?.[1] ?? '-';
    if (visits.agents.size < MOST_OF_SOURCE) visits.agents.add(ownCopy(agent.slice(0, LONGEST)));
    if (visits.paths.size < MOST_OF_SOURCE) this.#notePath(visits, withoutQuery(event.url).slice(0, LONGEST));
  }

  #visitsOf(source: string): Visits {
    const known = this.#sources.get(source);
    if (known) return known;
    dropOldest(this.#sources, MOST_SOURCES);
    const visits = { served: 0, alerts: 0, agents: new Set<string>(), paths: new Set<string>() };
    this.#sources.set(ownCopy(source), visits);
    return visits;
  }

  #notePath(visits: Visits, written: string): void {
    if (visits.paths.has(written)) return;
    const path = ownCopy(written);
    visits.paths.add(path);
    const count = this.#paths.get(path);
    if (count === undefined) dropOldest(this.#paths, MOST_PATHS);
    this.#paths.set(path, (count ?? 0) + 1);
  }

  /** The sources to check first: they got the most pages for each alert. */
  amongBlocked(blocks: ReadonlyMap<string, Detection>): Visitor[] {
    const found = [...blocks].flatMap(([source, { address, rule }]): Visitor[] => {
      const visits = this.#sources.get(source);
      if (!visits || visits.served <= visits.alerts) return [];
      const { served, alerts, agents, paths } = visits;
      const known = [...paths].sort((a, b) => this.#popularity(b) - this.#popularity(a));
      return [
        { address, rule, served, alerts, agents: [...agents].slice(0, SHOWN), paths: known.slice(0, SHOWN) },
      ];
    });
    return found.sort((a, b) => b.served / (b.alerts + 1) - a.served / (a.alerts + 1));
  }

  #popularity(path: string): number {
    return this.#paths.get(path) ?? 0;
  }
}

function dropOldest(map: Map<string, unknown>, most: number): void {
  if (map.size < most) return;
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}

/** The lines for a person. */
export function visitorsText(visitors: readonly Visitor[]): string[] {
  if (visitors.length === 0) return ['check first: no blocked source got more pages than it raised alerts'];
  return [
    'check first: these sources would have been blocked, and got more pages than they raised alerts',
    ...visitors.flatMap(({ address, rule, served, alerts, agents, paths }) => [
      `  ${address}  rule ${rule}  ${served} answered 2xx or 3xx, ${counted(alerts, 'alert')}`,
      ...agents.map((agent) => `    agent ${printable(agent)}`),
      ...paths.map((path) => `    path ${printable(path)}`),
    ]),
  ];
}
