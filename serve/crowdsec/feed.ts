import { setTimeout as sleep } from 'node:timers/promises';
import { type FeedState, writeFeedState } from '../../active-response/operator/feed-state.ts';
import type { ResponseContext } from '../../active-response/request-context.ts';
import type { CrowdsecSettings } from '../../active-response/settings/crowdsec-settings.ts';
import { asRiposteError, RiposteError } from '../../base/errors.ts';
import { ConditionLog } from '../condition-log.ts';
import type { CarriedOut } from './carry-out.ts';
import { Lapi } from './lapi.ts';
import { Puller } from './puller.ts';
import { Reporter } from './reporter.ts';

/** The time between two checks of the journal for blocks to report, in milliseconds. */
const LOOK = 1_000;

/** The settings of a feed. */
export interface FeedOptions {
  readonly context: ResponseContext;
  readonly settings: CrowdsecSettings;
  /** MAX_IMPORTED. */
  readonly most: number;
  /** True to accept an empty list from a LAPI. */
  readonly mayBeEmpty: boolean;
  readonly say: (text: string) => void;
}

/** Carries out the decisions of a LAPI, and reports this host's blocks to it. */
export class Feed {
  readonly #lapi: Lapi;
  readonly #puller: Puller;
  readonly #reporter: Reporter | undefined;
  readonly #conditions: ConditionLog;
  #pulled: string | undefined;
  #problem: string | undefined;
  #reportProblem: string | undefined;
  #written = '';

  constructor(private readonly options: FeedOptions) {
    const { context, settings, say } = options;
    this.#lapi = new Lapi(context.home, settings);
    this.#puller = new Puller(this.#lapi, options);
    this.#reporter = settings.crowdsecMachine === '' ? undefined : new Reporter(this.#lapi, say);
    this.#conditions = new ConditionLog(say);
  }

  /** Pulls and reports until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { crowdsecPoll } = this.options.settings;
    let nextPull = 0;
    let nextReport = 0;
    while (!signal.aborted) {
      // Report first, so that the LAPI does not return a block that was ended here.
      if (performance.now() >= nextReport) {
        await this.#report();
        nextReport = performance.now() + (this.#reportProblem === undefined ? LOOK : crowdsecPoll * 1000);
      }
      if (performance.now() >= nextPull) {
        nextPull = performance.now() + crowdsecPoll * 1000;
        await this.#pull();
      }
      this.#writeState();
      await sleep(LOOK, undefined, { signal }).catch(() => {});
    }
  }

  async #pull(): Promise<void> {
    const what = "CrowdSec's decisions";
    try {
      this.#tell(await this.#puller.pull());
      this.#pulled = new Date().toISOString();
      this.#problem = undefined;
      this.#conditions.end(what);
    } catch (error) {
      this.#problem = messageOf(error);
      this.#conditions.begin(
        what,
        `${this.#problem}; blocks of earlier decisions stay until the end of their time`,
      );
    }
  }

  async #report(): Promise<void> {
    const what = 'reports to CrowdSec';
    try {
      await this.#reporter?.report();
      this.#reportProblem = undefined;
      this.#conditions.end(what);
    } catch (error) {
      this.#reportProblem = messageOf(error);
      this.#conditions.begin(what, `${this.#reportProblem}; Riposte will report this host's blocks later`);
    }
  }

  #tell({ blocked, released, remarks }: CarriedOut): void {
    if (blocked + released > 0) this.options.say(`CrowdSec: ${blocked} blocked, ${released} released`);
    for (const remark of remarks) this.#conditions.begin(`remark ${remark.replace(/\d+/g, '')}`, remark);
  }

  get #state(): FeedState {
    return {
      pid: process.pid,
      from: this.#lapi.origin,
      pulled: this.#pulled,
      decisions: this.#puller.size,
      problem: this.#problem,
      machine: this.options.settings.crowdsecMachine || undefined,
      reported: this.#reporter?.reported ?? 0,
      unreported: this.#reporter?.unread ?? 0,
      reportProblem: this.#reportProblem,
    };
  }

  /** Only logs an error, because a full disk must not end the feed. */
  #writeState(): void {
    const state = this.#state;
    const text = JSON.stringify(state);
    if (text === this.#written) return;
    try {
      writeFeedState(this.options.context.home, state);
      this.#written = text;
    } catch (error) {
      this.#conditions.begin('state of the feed', messageOf(error));
    }
  }
}

/** @throws any error that is a defect */
function messageOf(error: unknown): string {
  if (error instanceof RiposteError) return error.message;
  throw asRiposteError(error);
}
