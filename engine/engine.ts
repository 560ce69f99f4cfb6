import { hostname } from 'node:os';
import { decode } from './decoder/decode.ts';
import type { Event } from './event/event.ts';
import { predecode } from './event/predecode.ts';
import { eventOf, type ReadEvent } from './event/read-event.ts';
import { Accumulator } from './history/accumulator.ts';
import { Diffs } from './history/diffs.ts';
import { FirstSeen } from './history/first-seen.ts';
import { Ignored } from './history/ignored.ts';
import { KeyedHistory } from './history/keyed-history.ts';
import { SharedHistory } from './history/shared-history.ts';
import type { Memory } from './memory.ts';
import { matchRoots, type Trace } from './rule/match-rule.ts';
import type { Rule, RuleNode } from './rule/rule.ts';
import { rulesIn, withoutRules } from './rule/without-rules.ts';
import type { Ruleset } from './ruleset/ruleset.ts';

export interface EngineOptions {
  /** `shared`: the engine counts as OSSEC does, and one source hides others. `keyed`: it counts each source by itself. */
  counting: 'shared' | 'keyed';
  /** The host name for lines without one; this host's by default. */
  host?: string;
  /** Keeps the fields that decoders found, in order, in `event.found`. */
  keepsFound?: boolean;
  /** Rules that are not tried on requests that a reader has read, unless other rules are below them. */
  leavesOut?: ReadonlySet<number>;
}

/** Evaluates log lines by decoders and rules, in order, as analysisd does. */
export class Engine {
  /** Called with each rule that is tried. */
  trace: Trace | undefined = undefined;
  private readonly memory: Memory;
  private readonly host: string;
  /** The roots for requests that a reader has read. */
  private readonly rootsOfRequests: RuleNode[];
  /** The rules below these roots; undefined if no rule is left out. */
  private readonly rulesOfRequests: ReadonlySet<Rule> | undefined;
  private readonly rootsWithout = new WeakMap<ReadonlySet<number>, Map<RuleNode[], RuleNode[]>>();

  constructor(
    private readonly ruleset: Ruleset,
    private readonly options: EngineOptions,
  ) {
    this.memory = newMemory(ruleset, options);
    const { roots } = ruleset.rules;
    this.rootsOfRequests = options.leavesOut ? withoutRules(roots, options.leavesOut) : roots;
    this.rulesOfRequests = options.leavesOut && new Set(rulesIn(this.rootsOfRequests));
    this.host = options.host ?? hostname().split('.', 1)[0] ?? 'localhost';
  }

  /**
   * Evaluates a line. The event's `rule` is the final rule; `isAlert` says whether it raises an alert.
   *
   * @param line the line's bytes as latin1, without the newline
   * @param time seconds since 1970: the time of arrival, or the line's own time in a replay
   * @param location the file that the line is from
   */
  judge(line: string, time: number, location = 'stdin'): Event {
    const event = this.decode(line, time, location);
    this.applyRules(event);
    return event;
  }

  /**
   * Evaluates an event that a reader has parsed, without decoders.
   *
   * @param line as in the log @param time seconds since 1970
   * @param excepted ids of the rules that neither count nor answer this event
   */
  judgeRead(
    read: ReadEvent,
    line: string,
    time: number,
    location: string,
    excepted?: ReadonlySet<number>,
  ): Event {
    const event = eventOf(read, line, time, location, this.host);
    const isRequest = read.category === 'web-log';
    const roots = isRequest ? this.rootsOfRequests : this.ruleset.rules.roots;
    const counters = isRequest ? this.rulesOfRequests : undefined;
    if (excepted) this.applyRulesExcept(event, excepted, roots, counters);
    else this.apply(event, roots, counters);
    return event;
  }

  /** Runs only the first two phases: decodes the line, and tries no rule. */
  decode(line: string, time: number, location = 'stdin'): Event {
    const event = predecode(line, time, location, this.host, this.ruleset.dialect);
    if (this.options.keepsFound) event.found = [];
    decode(event, this.ruleset.decoders);
    if (event.decoder?.accumulates) this.memory.accumulator.accumulate(event);
    return event;
  }

  /** Runs the third phase on an event of decode(). */
  applyRules(event: Event): void {
    this.apply(event, this.ruleset.rules.roots);
  }

  private apply(
    event: Event,
    roots: RuleNode[],
    counters?: ReadonlySet<Rule>,
    excepted?: ReadonlySet<number>,
  ): void {
    const { rules } = this.ruleset;
    const rule =
      event.category === 'ossec-alert'
        ? rules.byId.get(Number(event.forwardedRule))
        : matchRoots(roots, event, this.memory, this.trace);
    // A rule stays in the tree if other rules extend it.
    if (rule && excepted?.has(rule.id)) return;
    event.rule = rule;
    if (rule && this.isReported(rule, event)) {
      event.isAlert = rule.isLogged;
      this.memory.history.add(rule, event, counters);
    }
  }

  /** Runs the third phase without some rules. @param excepted their ids; for speed, pass the same object each time */
  applyRulesExcept(
    event: Event,
    excepted: ReadonlySet<number>,
    roots = this.ruleset.rules.roots,
    counters?: ReadonlySet<Rule>,
  ): void {
    const known = this.rootsWithout.get(excepted) ?? new Map<RuleNode[], RuleNode[]>();
    this.rootsWithout.set(excepted, known);
    const left = known.get(roots) ?? withoutRules(roots, excepted);
    known.set(roots, left);
    this.apply(event, left, counters, excepted);
  }

  private isReported(rule: Rule, event: Event): boolean {
    const { ignored } = this.memory;
    if (rule.level === 0) return false;
    if (rule.ignoreTime > 0 && ignored.isSilent(rule, event)) return false;
    if (ignored.isIgnored(rule, event)) return false;
    ignored.remember(rule, event);
    return true;
  }
}

function newMemory({ rules }: Ruleset, { counting }: EngineOptions): Memory {
  return {
    history: counting === 'shared' ? new SharedHistory() : new KeyedHistory(rules.byId.values()),
    firstSeen: new FirstSeen(),
    diffs: new Diffs(),
    ignored: new Ignored(counting === 'keyed'),
    accumulator: new Accumulator(),
  };
}
