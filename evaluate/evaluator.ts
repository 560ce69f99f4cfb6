import { Engine } from '../engine/engine.ts';
import type { Event } from '../engine/event/event.ts';
import type { Ruleset } from '../engine/ruleset/ruleset.ts';
import type { Exceptions } from '../judgement/exceptions/exceptions.ts';
import { RequestJudge } from '../judgement/request-judge.ts';
import type { RobotProof } from '../judgement/sources/robots.ts';
import type { SharedSources } from '../judgement/sources/shared-sources.ts';
import { asManagersSee, type Line } from '../logs/files/lines.ts';
import { Hearsay, type Waiting } from '../logs/hearsay.ts';
import type { AccessRecord, ErrorRecord } from '../logs/readers/reading.ts';
import type { EvaluatedLog } from './evaluated-log.ts';
import { isExcepted, type JudgedEvent, joinVerdict, needlessRules } from './join-verdict.ts';
import { accessEvent, errorEvent } from './read-events.ts';
import type { Timing } from './timing.ts';

/** The settings of an Evaluator, and the state that it shares with other evaluators. */
export interface EvaluatorOptions {
  /** TRUST_ERROR_LOG: error records keep their source even if no access log confirms them. */
  readonly trustsErrorLog: boolean;
  /** True if one of the logs is an error log. Without an error log, requests need not be remembered. */
  readonly hasErrorLog: boolean;
  /** SITES: the hosts of this server's own sites. */
  readonly sites?: readonly string[] | undefined;
  /** IPV6_PREFIX: the length of the IPv6 prefix that counts as one source; absent: each address by itself. */
  readonly ipv6Prefix?: number | undefined;
  /** The sources that many clients share, if the caller keeps this record for its own use, too. */
  readonly shared?: SharedSources | undefined;
  /** The requests that rules neither count nor answer. */
  readonly exceptions?: Exceptions | undefined;
  /** Tells which robots have proved their identity. */
  readonly robotProof?: RobotProof | undefined;
  /** ANSWER_RULES: rules that are answered at any level, including rules that RequestJudge replaces. */
  readonly answerRules?: ReadonlySet<number> | undefined;
  /** The requests seen so far, if several evaluators share them. */
  readonly hearsay?: Hearsay | undefined;
}

/** The stock decoders of error logs. */
const ERROR_LOGS: ReadonlySet<string> = new Set(['apache-errorlog', 'nginx-errorlog']);

/**
 * Joins readers, engine and RequestJudge: makes an event from a log line, and applies the rules to it. RequestJudge
 * also judges the requests that a reader has parsed, and its verdict becomes the event's rule.
 */
export class Evaluator {
  /** Records without a time that were not read as they arrived, and so were not judged. */
  withoutTime = 0;
  /** Error records that no request of an access log confirmed: they block no address. */
  unconfirmed = 0;
  /** Requests and error records that no rule judges, because an exception matches them. */
  excepted = 0;
  /** Events of records that waited and have now been judged. The caller of `judge` or `expire` removes them. */
  readonly due: Event[] = [];
  readonly #hearsay: Hearsay;
  #exceptions: Exceptions | undefined;
  #engine: Engine;
  #requests: RequestJudge;

  constructor(
    private ruleset: Ruleset,
    private options: EvaluatorOptions,
  ) {
    this.#engine = newEngine(ruleset, options);
    this.#requests = newJudge(options);
    this.#hearsay = options.hearsay ?? new Hearsay();
    this.except(options.exceptions);
  }

  /** Switches to other exceptions. Keeps the counts. */
  except(exceptions: Exceptions | undefined): void {
    this.#exceptions = exceptions && exceptions.size > 0 ? exceptions : undefined;
  }

  /** Switches to another ruleset, and drops the earlier counts. */
  use(ruleset = this.ruleset): void {
    this.ruleset = ruleset;
    this.#engine = newEngine(ruleset, this.options);
    this.#requests = newJudge(this.options);
  }

  /** Remembers requests from now on, because one of the logs is an error log. */
  expectErrorLog(): void {
    if (!this.options.hasErrorLog) this.options = { ...this.options, hasErrorLog: true };
  }

  /** Judges a line. @returns undefined if it holds no event, has to wait for its request, or cannot be judged */
  judge(log: EvaluatedLog, { text, cut }: Line, timing: Timing): JudgedEvent | undefined {
    const { reader, location } = log;
    if (!reader) return this.#judgeRaw(asManagersSee({ text, cut }).text, timing, location);
    const reading = cut > 0 ? reader.readCut(text) : reader.read(text);
    if (reading.kind === 'unreadable' || reading.kind === 'nothing') return undefined;
    const time = timing.ofRecord(reading.time);
    if (time === undefined) {
      this.withoutTime++;
      return undefined;
    }
    return reading.kind === 'access'
      ? this.#judgeAccess(reading, text, time, location)
      : this.#judgeError(reading, text, time, location, timing.isLive);
  }

  /**
   * Judges a line without a reader. In an error log, the source that a decoder finds is not reliable, and no request
   * can confirm it, so the event loses its source.
   */
  #judgeRaw(text: string, timing: Timing, location: string): Event | undefined {
    const event = this.#engine.decode(text, timing.ofText(text), location);
    const isHearsay = event.decoder !== undefined && ERROR_LOGS.has(event.decoder.name);
    if (isHearsay && !this.options.trustsErrorLog && event.srcip !== undefined) {
      event.srcip = undefined;
      this.unconfirmed++;
    }
    const excepted = this.#exceptions?.of({ target: event.url, user: event.srcuser, status: event.id });
    if (excepted === 'all') return this.#passOver();
    if (excepted) this.#engine.applyRulesExcept(event, excepted);
    else this.#engine.applyRules(event);
    return event;
  }

  #passOver(): undefined {
    this.excepted++;
    return undefined;
  }

  /** Judges the error records whose requests are overdue, as unconfirmed. @param now seconds since 1970 */
  expire(now: number): void {
    for (const waiting of this.#hearsay.expired(now)) this.#addDue(this.#unconfirmed(waiting));
  }

  #addDue(event: Event | undefined): void {
    if (event) this.due.push(event);
  }

  #judgeAccess(record: AccessRecord, text: string, time: number, location: string): Event | undefined {
    if (this.options.hasErrorLog) {
      this.#hearsay.saw(record, time);
      for (const waiting of this.#hearsay.borneOut(record, time)) this.#addDue(this.#confirmed(waiting));
    }
    const excepted = this.#exceptions?.of(record);
    if (excepted === 'all') return this.#passOver();
    const event = this.#engine.judgeRead(accessEvent(record, time), text, time, location, excepted);
    const verdict = isExcepted(event) ? undefined : this.#requests.judge(record, time, excepted);
    joinVerdict(event, verdict, this.options.answerRules);
    return event;
  }

  #judgeError(
    record: ErrorRecord,
    line: string,
    time: number,
    location: string,
    isLive: boolean,
  ): Event | undefined {
    this.expectErrorLog();
    const waiting: Waiting = { record, line, time, location };
    const isTrusted = !record.isHearsay || this.options.trustsErrorLog || record.client === undefined;
    if (isTrusted || this.#hearsay.confirms(record, time)) return this.#confirmed(waiting);
    if (!isLive) return this.#unconfirmed(waiting);
    this.#hearsay.wait(record, time, line, location);
    return undefined;
  }

  #confirmed({ record, line, time, location }: Waiting): Event | undefined {
    const excepted = this.#exceptions?.of({ target: record.target });
    if (excepted === 'all') return this.#passOver();
    return this.#engine.judgeRead(errorEvent(record), line, time, location, excepted);
  }

  /** Judges a record without its source, so that it is counted and shown but blocks no address. */
  #unconfirmed(waiting: Waiting): Event | undefined {
    this.unconfirmed++;
    return this.#confirmed({ ...waiting, record: { ...waiting.record, client: undefined } });
  }
}

const newEngine = (ruleset: Ruleset, { answerRules }: EvaluatorOptions): Engine =>
  new Engine(ruleset, { counting: 'keyed', leavesOut: needlessRules(ruleset, answerRules) });

const newJudge = ({ sites, shared, robotProof, ipv6Prefix }: EvaluatorOptions): RequestJudge =>
  new RequestJudge({ sites, shared, robotProof, ipv6Prefix });
