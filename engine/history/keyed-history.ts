import type { Event } from '../event/event.ts';
import type { Composite, Rule } from '../rule/rule.ts';
import type { History } from './history.ts';
import { areDifferent, hashesOf, keyOf } from './key.ts';
import { KeyIndex } from './key-index.ts';

/** The state of a counted event: one object for all rules that count it, so that all of them see a mark. */
interface Trail {
  time: number;
  matched: number;
}

/** A chain of the events of one key, the latest first. It takes a third of an array's memory. */
interface Link {
  trail: Trail;
  /** Hashes of the fields in which counted events must differ, in the rule's order; mostly none. */
  hashes: number[] | undefined;
  before: Link | undefined;
  /** The number of links from here on. */
  length: number;
}

/** The events of one kind that composite rules with the same key count. */
interface Track {
  composite: Composite;
  category: Rule['category'];
  /** The latest event of each key. */
  index: KeyIndex<Track, Link>;
  /** The number of events of a key that are kept. */
  depth: number;
  /** True after the first event of this track. Before that event, no key has to be looked up. */
  isUsed: boolean;
}

/**
 * The depth if the counted events must differ in a field: many events of a key may be alike. OSSEC keeps the same
 * number.
 */
const DEPTH_WHEN_DIFFERENT = 128;

/**
 * A history that counts every key (mostly a source address) by itself. No source hides another. The cost of an event
 * does not grow with the number of earlier events: a rule reads only the latest few events of its key.
 */
export class KeyedHistory implements History {
  private readonly tracks = new Map<Rule, Track>();
  private readonly shared = new Map<string, Track>();
  private readonly indexes = new Map<string, KeyIndex<Track, Link>>();
  /** The tracks that take the events of a rule: by the set of rules that may count them, then by the counted rule. */
  private readonly feeds = new Map<ReadonlySet<Rule> | undefined, Map<Rule, Track[]>>();

  constructor(rules: Iterable<Rule>) {
    for (const rule of rules) if (rule.composite) this.tracks.set(rule, this.trackFor(rule, rule.composite));
  }

  search(rule: Rule, event: Event): boolean {
    const track = this.tracks.get(rule);
    const { composite } = rule;
    if (!track?.isUsed || !composite) return false;
    const key = keyOf(composite, event);
    const latest = key === undefined ? undefined : track.index.get(key, track);
    if (!latest) return false;
    const hashes = hashesOf(composite, event);
    let count = 0;
    let first: Trail | undefined;
    for (let link: Link | undefined = latest; link; link = link.before) {
      const earlier = link.trail;
      if (event.time - earlier.time > composite.timeframe || earlier.matched >= rule.level) return false;
      if (hashes && !areDifferent(hashes, link.hashes)) continue;
      if (++count < composite.earlier) {
        first ??= earlier;
        continue;
      }
      event.matched = rule.level;
      if (composite.marks === 'ossec') earlier.matched = latest.trail.matched = rule.level;
      else if (first) first.matched = rule.level;
      return true;
    }
    return false;
  }

  add(rule: Rule, event: Event, counters?: ReadonlySet<Rule>): void {
    const tracks = this.feedsOf(rule, counters);
    let trail: Trail | undefined;
    for (let i = 0; i < tracks.length; i++) {
      const track = tracks[i] as Track;
      const { composite, depth, index } = track;
      if ('log' in composite.source) {
        if (event.category !== track.category || !composite.source.log.test(event.log, event.logLower))
          continue;
      }
      const key = keyOf(composite, event);
      if (key === undefined) continue;
      trail ??= { time: event.time, matched: event.matched };
      const latest = index.get(key, track);
      const isFresh = latest !== undefined && event.time - latest.trail.time <= composite.timeframe;
      const hashes = hashesOf(composite, event);
      const link: Link = { trail, hashes, before: undefined, length: 1 };
      if (isFresh) {
        link.before = latest;
        link.length = latest.length + 1;
      }
      if (link.length > 2 * depth) shorten(link, depth);
      index.set(key, track, event.time, link);
      track.isUsed = true;
    }
  }

  private feedsOf(rule: Rule, counters: ReadonlySet<Rule> | undefined): Track[] {
    const feeds = this.feeds.get(counters) ?? new Map<Rule, Track[]>();
    this.feeds.set(counters, feeds);
    let tracks = feeds.get(rule);
    if (tracks) return tracks;
    tracks = [];
    for (const [counter, track] of this.tracks) {
      if (counters && !counters.has(counter)) continue;
      const { source } = counter.composite as Composite;
      const times =
        'sid' in source
          ? Number(rule.isCountedBySid && source.sid === rule.id)
          : 'log' in source
            ? 1
            : rule.isCountedBySid
              ? 0
              : rule.countedByGroup.filter((candidate) => candidate === counter).length;
      const known = tracks.filter((fed) => fed === track).length;
      for (let i = known; i < times; i++) tracks.push(track);
    }
    feeds.set(rule, tracks);
    return tracks;
  }

  /** Shares a track among rules that count the same events by the same key over the same time. */
  private trackFor(rule: Rule, composite: Composite): Track {
    const { same, different, earlier, timeframe } = composite;
    const name = [countedBy(rule, composite), ...same, '!', ...different, timeframe].join(' ');
    const depth = different.length > 0 ? Math.max(DEPTH_WHEN_DIFFERENT, earlier) : earlier;
    const known = this.shared.get(name);
    if (known) {
      known.depth = Math.max(known.depth, depth);
      return known;
    }
    const track = {
      composite,
      category: rule.category,
      index: this.indexFor(same, timeframe),
      depth,
      isUsed: false,
    };
    this.shared.set(name, track);
    return track;
  }

  /** Keys live as long as their tracks count, so each timeframe has its own index. */
  private indexFor(same: string[], timeframe: number): KeyIndex<Track, Link> {
    const name = [...same, timeframe].join(' ');
    const index = this.indexes.get(name) ?? new KeyIndex<Track, Link>(timeframe);
    this.indexes.set(name, index);
    return index;
  }
}

function countedBy({ category }: Rule, { source }: Composite): string {
  if ('sid' in source) return `sid ${source.sid}`;
  return 'group' in source ? `group ${source.group.source}` : `log ${category} ${source.log.source}`;
}

/** Cuts off the events that no rule reads any more. */
function shorten(latest: Link, depth: number): void {
  let link = latest;
  for (let kept = 1; kept < depth && link.before; kept++) link = link.before;
  link.before = undefined;
  latest.length = depth;
}
