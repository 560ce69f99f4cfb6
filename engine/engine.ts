import { hostname } from 'node:os';
import { decode } from './decoder/decode.ts';
import type { Event } from './event/event.ts';
import { predecode } from './event/predecode.ts';
import { Accumulator } from './history/accumulator.ts';
import { Diffs } from './history/diffs.ts';
import { FirstSeen } from './history/first-seen.ts';
import { Ignored } from './history/ignored.ts';
import { KeyedHistory } from './history/keyed-history.ts';
import { SharedHistory } from './history/shared-history.ts';
import type { Memory } from './memory.ts';
import { matchRoots, type Trace } from './rule/match-rule.ts';
import type { Rule } from './rule/rule.ts';
import type { Ruleset } from './ruleset/ruleset.ts';

export interface EngineOptions {
  /** `shared`: as OSSEC counts, where one source hides others. `keyed`: each source by itself. */
  counting: 'shared' | 'keyed';
  /** The host's name for lines without one; this host's by default. */
  host?: string;
  /** Keeps what decoders found, in their order, in `event.found`. */
  keepsFound?: boolean;
}

/** Judges log lines by decoders and rules, one after the other, as analysisd does. */
export class Engine {
  /** Told of every rule that is tried. */
  trace: Trace | undefined = undefined;
  private readonly memory: Memory;
  private readonly host: string;

  constructor(
    private readonly ruleset: Ruleset,
    private readonly options: EngineOptions,
  ) {
    this.memory = newMemory(ruleset, options);
    this.host = options.host ?? hostname().split('.', 1)[0] ?? 'localhost';
  }

  /**
   * Judges a line: `rule` of the answer is its final rule, `isAlert` says whether that is reported.
   *
   * @param line the line's bytes as latin1, without the newline
   * @param time seconds since 1970: when it came in, or what it says itself in a replay
   * @param location the file it is from
   */
  judge(line: string, time: number, location = 'stdin'): Event {
    const event = this.decode(line, time, location);
    this.applyRules(event);
    return event;
  }

  /** The first two phases alone: what the line is, without asking any rule. */
  decode(line: string, time: number, location = 'stdin'): Event {
    const event = predecode(line, time, location, this.host, this.ruleset.dialect);
    if (this.options.keepsFound) event.found = [];
    decode(event, this.ruleset.decoders);
    if (event.decoder?.accumulates) this.memory.accumulator.accumulate(event);
    return event;
  }

  /** The third phase, for an event of decode(). */
  applyRules(event: Event): void {
    const { rules } = this.ruleset;
    const rule =
      event.category === 'ossec-alert'
        ? rules.byId.get(Number(event.forwardedRule))
        : matchRoots(rules.roots, event, this.memory, this.trace);
    event.rule = rule;
    if (rule && this.isReported(rule, event)) {
      event.isAlert = rule.isLogged;
      this.memory.history.add(rule, event);
    }
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
