import type { Place } from '../../active-response/circumstances.ts';
import { RiposteError } from '../../active-response/errors.ts';
import type { Home } from '../../active-response/home.ts';
import type { Ruleset } from '../../engine/ruleset/ruleset.ts';
import { Answering } from './answering.ts';
import { DirectoryWatch } from './directory-watch.ts';
import { listenForHook } from './hook-reports.ts';
import { type Found, Judge } from './judge.ts';
import { listenForScrapes, type MetricsService } from './metrics-service.ts';
import { newCounters } from './report-socket.ts';
import type { Answer, Responder } from './responder.ts';
import { readKnownPositions, type State, savePositions, writeState } from './state.ts';
import { Troubles } from './troubles.ts';
import { WatchedLog } from './watched-log.ts';

/** What a server goes by. */
export interface Service {
  readonly home: Home;
  readonly logs: readonly string[];
  /** Alerts of this level and higher are answered. */
  readonly level: number;
  /** Seconds that a first block lasts: an alert that was read late, and is older, is not answered. */
  readonly shortestBlock: number;
  /** The name of the response that blocks. */
  readonly response: string;
  /** Blocks; undefined: nobody is blocked. */
  readonly responder: ((onAnswer: OnAnswer) => Responder) | undefined;
  /** Where alerts are written for a manager to read. */
  readonly alertsFile: string | undefined;
  /** Where ModSecurity's hook reports; undefined: nowhere. */
  readonly hook: Place | undefined;
  /** Where metrics are to be had, as METRICS_LISTEN says, and the thread that collects them; undefined: nowhere. */
  readonly metrics: MetricsService | undefined;
  /** Says something in the server's own log. */
  readonly say: (text: string) => void;
  /** @throws RiposteError when the rules cannot be read */
  readonly loadRules: () => Ruleset;
}

export type OnAnswer = (found: Found, answer: Answer, triesAgain: boolean) => void;

/** How often logs are looked at when the kernel tells of no change, and the state is written, in milliseconds. */
const LOOK = 250;
const SAVE = 1000;

/** Reads logs as they grow, judges their lines, and has blocked whom the rules find. */
export class Server {
  readonly #judge: Judge;
  readonly #logs: readonly WatchedLog[];
  readonly #watch: DirectoryWatch;
  readonly #answering: Answering;
  readonly #troubles: Troubles;
  readonly #since = new Date();
  readonly #reports = newCounters();
  #hook: { close(): Promise<void> } | undefined;
  #metrics: { close(): Promise<void> } | undefined;
  #timers: NodeJS.Timeout[] = [];
  #next: NodeJS.Immediate | undefined;
  #saving: Promise<void> = Promise.resolve();
  #isClosed = false;
  #rules: number;

  /** @throws RiposteError when the rules cannot be read */
  constructor(private readonly service: Service) {
    const { level, say, loadRules } = service;
    const ruleset = loadRules();
    this.#rules = ruleset.rules.byId.size;
    this.#judge = new Judge(ruleset, level);
    this.#troubles = new Troubles(say);
    this.#answering = new Answering(service, this.#troubles);
    const logs = [...new Set(service.logs)];
    this.#logs = logs.map(
      (path) => new WatchedLog(path, this.#judge, (...found) => this.#answering.found(...found)),
    );
    this.#watch = new DirectoryWatch(
      logs,
      () => this.#pumpSoon(),
      (directory, message) => this.#troubles.begin(directory, `cannot watch ${directory}: ${message}`),
    );
  }

  /** Reads what was missed, and then follows the logs until `close`. @throws RiposteError for a log that cannot be read */
  async start(): Promise<void> {
    const { home, hook, say } = this.service;
    if (hook) this.#hook = await listenForHook(hook, this.#reports, (found) => this.#answering.found(found));
    const state = () => this.state;
    this.#metrics = await listenForScrapes(this.service.metrics, state, this.#troubles, say);
    const positions = readKnownPositions(home, say);
    for (const log of this.#logs) {
      if (this.#isClosed) return;
      const last = positions[log.path];
      if (last) say(`reads what ${log.path} has got since ${last.time}`);
      const { isLost } = await log.catchUp(last);
      if (this.#isClosed) return;
      if (isLost) say(`${log.path} was rotated, and what it was when it was last read is gone`);
      if (!log.isThere) say(`there is no ${log.path} yet`);
    }
    // At once: a server that is killed before it has saved would begin at the end once more.
    await this.#save();
    this.#timers = [setInterval(() => this.#look(), LOOK), setInterval(() => this.#save(), SAVE)];
    this.#look();
  }

  /** Judges by the rules as they are now; when they cannot be read, by those of before. */
  reload(): void {
    try {
      const ruleset = this.service.loadRules();
      this.#judge.use(ruleset);
      this.#rules = ruleset.rules.byId.size;
      this.service.say(`rules read again: ${this.#rules}; what was counted so far is forgotten`);
    } catch (error) {
      if (!(error instanceof RiposteError)) throw error;
      this.service.say(`rules stay as they were: ${error.message}`);
    }
  }

  /**
   * Reads what is left, waits a little for blocks that are being made, and remembers how far it has read. What
   * `start` has not caught up with yet is left to the next server.
   *
   * @param patience milliseconds for each of both
   */
  async close(patience = 5000): Promise<void> {
    this.#isClosed = true;
    for (const log of this.#logs) log.stop();
    for (const timer of this.#timers) clearInterval(timer);
    this.#watch.close();
    await this.#hook?.close();
    clearImmediate(this.#next);
    const end = performance.now() + patience;
    while (this.#readAll() && performance.now() < end);
    await this.#answering.close(patience);
    await this.#save();
    await this.#metrics?.close();
    for (const log of this.#logs) log.close();
  }

  get state(): State {
    const { blocked, failed, pending } = this.#answering;
    return {
      pid: process.pid,
      since: this.#since.toISOString(),
      now: new Date().toISOString(),
      logs: this.#logs.map(({ path, isThere, lag }) => ({ path, isThere, lag })),
      lines: this.#judge.lines,
      alerts: this.#judge.alerts,
      blocked,
      failed,
      pending,
      reports: this.#reports,
      rules: this.#rules,
      memory: process.memoryUsage.rss(),
    };
  }

  #look(): void {
    this.#watch.look();
    this.#answering.flush();
    this.#pumpSoon();
  }

  /** Reads until nothing is new, and lets others have their turn between. */
  #pumpSoon(): void {
    this.#next ??= setImmediate(() => {
      this.#next = undefined;
      if (this.#readAll()) this.#pumpSoon();
    });
  }

  /** Reads some of each log. @returns whether there is more to read at once */
  #readAll(): boolean {
    return this.#logs.map((log) => this.#readSome(log)).includes(true);
  }

  #readSome(log: WatchedLog): boolean {
    try {
      const isMore = log.read();
      this.#troubles.end(log.path);
      return isMore;
    } catch (error) {
      this.#troubles.begin(log.path, error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  #save(): Promise<void> {
    const { home } = this.service;
    this.#saving = this.#saving
      .then(async () => {
        await savePositions(home, this.#logs);
        await writeState(home, this.state);
        this.#troubles.end('its state');
      })
      .catch((error) => this.#troubles.begin('its state', `cannot write its state: ${error.message}`));
    return this.#saving;
  }
}
