import { existsSync } from 'node:fs';
import { RiposteError } from '../base/errors.ts';
import type { Ruleset } from '../engine/ruleset/ruleset.ts';
import { type EvaluatedLog, isErrorLog } from '../evaluate/evaluated-log.ts';
import { exceptionsFile } from '../evaluate/own-files.ts';
import { proxyWarning, sharedWarning } from '../evaluate/proxy-remark.ts';
import { headOf } from '../logs/files/position.ts';
import { DirectoryWatch } from '../logs/follow/directory-watch.ts';
import type { KnownFormats } from '../logs/formats/known-formats.ts';
import { problemOfStreams } from '../logs/journal/unit-journal.ts';
import { cdnOf } from '../logs/proxies/trusted-proxies.ts';
import { RAW } from '../logs/readers/formats.ts';
import type { SourceLog } from '../logs/sources/find-logs.ts';
import { PatternWatch } from '../logs/sources/pattern-watch.ts';
import { ConditionLog } from './condition-log.ts';
import { DetectionHandler } from './detection-handler.ts';
import { FileWatch } from './file-watch.ts';
import { listenForHook } from './hook-reports.ts';
import { LineEvaluator } from './line-evaluator.ts';
import { listenForScrapes } from './metrics/metrics-service.ts';
import type { Service } from './service.ts';
import { newCounters } from './socket/listen-options.ts';
import { readKnownPositions, type ServerState, saveFormats, savePositions, writeState } from './state.ts';
import { WatchedLog } from './watched-log.ts';

/** The time between two checks of the logs if the kernel reports no change, in milliseconds. */
const LOOK = 250;
/** The time between two saves of the state, in milliseconds. */
const SAVE = 1000;

/** The time to wait before an unreadable new log is tried again, in milliseconds. */
const RETRY = 60_000;

/** The name under which the condition log keeps problems with the patterns in LOGS. */
const PATTERNS = 'patterns of LOGS';

/** Reads logs as they grow, evaluates their lines, and blocks the sources of detections. */
export class Server {
  readonly #lineEvaluator: LineEvaluator;
  #logs: readonly WatchedLog[];
  readonly #patterns: PatternWatch;
  readonly #watch: DirectoryWatch;
  readonly #handler: DetectionHandler;
  readonly #conditions: ConditionLog;
  /** New logs that could not be read, each with the time of the next try, in milliseconds. */
  readonly #refused = new Map<string, { readonly log: SourceLog; readonly retryAt: number }>();
  readonly #since = new Date();
  readonly #reports = newCounters();
  #hook: { close(): Promise<void> } | undefined;
  #metrics: { close(): Promise<void> } | undefined;
  #feed: { close(): Promise<void> } | undefined;
  #timers: NodeJS.Timeout[] = [];
  #next: NodeJS.Immediate | undefined;
  #saving: Promise<void> = Promise.resolve();
  #isClosed = false;
  #formats: KnownFormats;
  #ruleset: Ruleset;
  readonly #exceptions: FileWatch;
  readonly #rules: FileWatch;

  /** @throws RiposteError when the rules cannot be read */
  constructor(private readonly service: Service) {
    const { level, say, loadRules } = service;
    this.#formats = service.formats;
    this.#rules = new FileWatch(service.rulesFile);
    const ruleset = loadRules();
    this.#ruleset = ruleset;
    this.#exceptions = new FileWatch(exceptionsFile(service.home));
    const opened = service.openLogs(service.found.logs, service.formats);
    this.#lineEvaluator = new LineEvaluator(ruleset, level, {
      trustsErrorLog: service.trustsErrorLog,
      sites: service.sites,
      shared: service.guard.shared,
      exceptions: service.loadExceptions(ruleset),
      robotProof: (client, userAgent) => service.guard.robots.standing(client, userAgent),
      ipv6Prefix: service.guard.ipv6Prefix,
      answerRules: service.answerRules,
      hasErrorLog: opened.some(isErrorLog),
    });
    this.#conditions = new ConditionLog(say);
    this.#handler = new DetectionHandler(service, this.#conditions);
    this.#logs = opened.map((log) => this.#watched(log));
    this.#patterns = new PatternWatch(service.sources, service.found.logs);
    this.#watch = new DirectoryWatch(
      () => this.#logs.map(({ path }) => path),
      () => this.#pumpSoon(),
      (directory, message) => this.#conditions.begin(directory, `cannot watch ${directory}: ${message}`),
    );
  }

  /** Reads the lines written since the last run, and then follows the logs until `close`. @throws RiposteError for a log that cannot be read */
  async start(): Promise<void> {
    const { home, hook, say, found } = this.service;
    for (const pattern of found.unmatched) say(`no file matches ${pattern} yet`);
    this.#say(PATTERNS, found.problems.join('; '));
    if (hook)
      this.#hook = await listenForHook(hook, this.#reports, (detection) => this.#handler.handle(detection));
    const state = () => this.state;
    this.#metrics = await listenForScrapes(this.service.metrics, state, this.#conditions, say);
    this.#feed = this.service.startFeed?.();
    const positions = readKnownPositions(home, say);
    for (const log of this.#logs) {
      if (this.#isClosed) return;
      const last = positions[log.path];
      if (last) say(`reads the lines of ${log.path} since ${last.time}`);
      this.#warnOf(log);
      const { isLost } = await log.catchUp(last);
      if (this.#isClosed) return;
      if (isLost) say(`${log.path} was rotated since the last read; its unread part is lost`);
      if (!log.isThere) say(`there is no ${log.path} yet`);
    }
    // Save at once. If the server is killed before its first save, the next server begins at the end of the logs, and
    // misses the lines in between.
    await this.#save();
    this.#timers = [setInterval(() => this.#look(), LOOK), setInterval(() => this.#save(), SAVE)];
    this.#look();
  }

  /** Reads the rules again. If the rules cannot be read, the server keeps the old rules. */
  reload(): void {
    try {
      const ruleset = this.service.loadRules();
      this.#lineEvaluator.use(ruleset);
      this.#ruleset = ruleset;
      this.service.say(`rules read again: ${this.#ruleCount}; their counters begin at zero`);
    } catch (error) {
      if (!(error instanceof RiposteError)) throw error;
      this.service.say(`rules stay as they were: ${error.message}`);
    }
    this.#readExceptions();
  }

  /** Reads changed exceptions. If an exception cannot be read, the server keeps all old exceptions. */
  #readExceptions(): void {
    try {
      const exceptions = this.service.loadExceptions(this.#ruleset);
      this.#lineEvaluator.except(exceptions);
      this.service.say(`exceptions read again: ${exceptions.size}`);
    } catch (error) {
      if (!(error instanceof RiposteError)) throw error;
      this.service.say(`exceptions stay as they were: ${error.message}`);
    }
  }

  get #ruleCount(): number {
    return this.#ruleset.rules.byId.size;
  }

  /**
   * Reads the rest of the logs, waits for pending blocks, and saves the positions. If `start` has not caught up yet, the next
   * server reads the remaining lines.
   *
   * @param patience the time limit for reading, and also for the wait for blocks, in milliseconds
   */
  async close(patience = 5000): Promise<void> {
    this.#isClosed = true;
    for (const log of this.#logs) log.stop();
    for (const timer of this.#timers) clearInterval(timer);
    this.#watch.close();
    await this.#hook?.close();
    await this.#feed?.close();
    clearImmediate(this.#next);
    const end = performance.now() + patience;
    while (this.#readAll() && performance.now() < end);
    await this.#handler.close(patience);
    await this.#save();
    await this.#metrics?.close();
    for (const log of this.#logs) log.close();
  }

  get state(): ServerState {
    const { blocked, failed, pending, capped } = this.#handler;
    return {
      pid: process.pid,
      since: this.#since.toISOString(),
      now: new Date().toISOString(),
      logs: this.#logs.map(logState),
      lines: this.#lineEvaluator.lines,
      alerts: this.#lineEvaluator.alerts,
      unconfirmed: this.#lineEvaluator.evaluator.unconfirmed,
      withoutTime: this.#lineEvaluator.evaluator.withoutTime,
      blocked,
      failed,
      pending,
      endedEarly: capped?.ended ?? 0,
      reports: this.#reports,
      rules: this.#ruleCount,
      memory: process.memoryUsage.rss(),
    };
  }

  #look(): void {
    if (this.#rules.isChanged()) this.reload();
    if (this.#exceptions.isChanged()) this.#readExceptions();
    this.#takeNewLogs();
    this.#watch.look();
    this.#handler.flush();
    this.#lineEvaluator.expire();
    this.#complain();
    this.#warnOfShared();
    this.#pumpSoon();
  }

  #watched(log: EvaluatedLog): WatchedLog {
    return new WatchedLog(log, this.#lineEvaluator, (detection, ...where) => {
      this.#warnOfProxy(detection.address);
      this.#handler.handle(detection, ...where);
    });
  }

  /** Warns once for each CDN whose proxies a log records as clients. */
  #warnOfProxy(client: string | undefined): void {
    const cdn = client === undefined ? undefined : cdnOf(client);
    if (cdn !== undefined) this.#conditions.begin(`proxies of ${cdn}`, proxyWarning(cdn));
  }

  /** Opens new logs that match a pattern, reads them from their first line, and drops logs that are gone. */
  #takeNewLogs(): void {
    const { added, gone, problems } = this.#patterns.look();
    const { say } = this.service;
    this.#say(PATTERNS, problems.join('; '));
    for (const { name } of gone) {
      this.#refused.delete(name);
      say(
        `no longer reads ${name}: ${existsSync(name) ? 'no process has written to it for a long time' : 'it is gone'}`,
      );
      for (const log of this.#logs) if (log.path === name) log.close();
      this.#logs = this.#logs.filter(({ path }) => path !== name);
    }
    const due = [...this.#refused.values()].filter(({ retryAt }) => performance.now() >= retryAt);
    for (const each of [...added, ...due.map(({ log }) => log)]) this.#open(each);
  }

  /** Opens a new log. If that fails, the server still reads the other logs. */
  #open(log: SourceLog): void {
    this.#refused.delete(log.name);
    try {
      const opened = this.service.openLogs([log], this.#formats);
      if (opened.some(isErrorLog)) this.#lineEvaluator.evaluator.expectErrorLog();
      for (const each of opened) void this.#takeUp(this.#watched(each), log);
    } catch (error) {
      if (!(error instanceof RiposteError)) throw error;
      this.#cannotRead(log, error);
    }
  }

  #warnOf({ log }: WatchedLog): void {
    if (log.unit === undefined) return;
    const problem = this.service.problemOfJournal(log.unit, log);
    if (problem) this.service.say(`${problem.seen}; ${problem.fix}`);
  }

  #cannotRead(log: SourceLog, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#conditions.begin(log.name, `${log.name} is not read: ${message}`);
    this.#refused.set(log.name, { log, retryAt: performance.now() + RETRY });
  }

  /** Reads a new log from its first line or from its last position, and then follows it. */
  async #takeUp(log: WatchedLog, source: SourceLog): Promise<void> {
    const { home, say } = this.service;
    const first = { offset: 0, head: headOf(Buffer.alloc(0)), time: this.#since.toISOString() };
    try {
      await log.catchUp(readKnownPositions(home, () => {})[log.path] ?? first);
    } catch (error) {
      log.close();
      return this.#cannotRead(source, error);
    }
    if (this.#isClosed) return log.close();
    say(`now also reads the new log ${log.path}`);
    this.#logs = [...this.#logs, log];
    this.#pumpSoon();
  }

  /** Reports a problem once while it lasts. An empty text means that the problem is over. */
  #say(what: string, problem: string): void {
    if (problem === '') this.#conditions.end(what);
    else this.#conditions.begin(what, problem);
  }

  /** Warns of sources that many clients share. */
  #warnOfShared(): void {
    for (const source of this.service.guard.shared.takeFound())
      this.#conditions.begin(`clients of ${source}`, sharedWarning(source));
  }

  /** Reports unreadable lines of a log at once, because Riposte sees no attack in them. */
  #complain(): void {
    for (const { log, path } of this.#logs) {
      const complaint = log.reader?.complaint;
      this.#say(`lines of ${path}`, complaint === undefined ? '' : `${path}: ${complaint}`);
      const remark = log.reader?.longLineRemark;
      if (remark !== undefined) this.#say(`long lines of ${path}`, `${path}: ${remark}`);
      const problem = problemOfStreams(path, log.reader?.format);
      this.#warnOfProxy(log.reader?.takeSomeClient());
      if (problem) this.#conditions.begin(`streams of ${path}`, `${problem.seen}; ${problem.fix}`);
    }
  }

  /** Reads until there are no new lines, and lets other work run in between. */
  #pumpSoon(): void {
    this.#next ??= setImmediate(() => {
      this.#next = undefined;
      if (this.#readAll()) this.#pumpSoon();
    });
  }

  /** Reads some of each log. @returns true if more can be read at once */
  #readAll(): boolean {
    return this.#logs.map((log) => this.#readSome(log)).includes(true);
  }

  #readSome(log: WatchedLog): boolean {
    try {
      const isMore = log.read();
      this.#conditions.end(log.path);
      return isMore;
    } catch (error) {
      this.#conditions.begin(log.path, error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  #save(): Promise<void> {
    const { home } = this.service;
    this.#saving = this.#saving
      .then(async () => {
        await savePositions(home, this.#logs);
        this.#formats = await saveFormats(
          home,
          this.#formats,
          this.#logs.map(({ log }) => log),
        );
        await writeState(home, this.state);
        this.#conditions.end('the state of the server');
      })
      .catch((error) =>
        this.#conditions.begin(
          'the state of the server',
          `cannot write the state of the server: ${error.message}`,
        ),
      );
    return this.#saving;
  }
}

function logState({ path, isThere, lag, log }: WatchedLog): ServerState['logs'][number] {
  const { reader } = log;
  return {
    path,
    isThere,
    lag,
    format: reader ? (reader.state.format ?? null) : RAW,
    counts: reader ? { ...reader.counts } : null,
  };
}
