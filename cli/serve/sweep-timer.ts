import { RiposteError } from '../../active-response/errors.ts';
import type { Home } from '../../active-response/home.ts';
import { type Block, readLedger } from '../../active-response/ledger.ts';
import { responseNamed } from '../../active-response/response/responses.ts';
import { loadSettings } from '../../active-response/settings/load.ts';
import { sendSoon } from '../notify/tell-of.ts';
import { sweepAndSay } from '../scan/sweep-and-say.ts';

/** After how long at the latest is swept again, in milliseconds: the clock may have been set, the host suspended. */
const LONGEST = 60_000;
/** And the soonest. */
const SHORTEST = 100;

/** Sweeps when a block ends, and each minute. What it says of settings it says once. */
export class SweepTimer {
  readonly #said = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #due = Number.POSITIVE_INFINITY;

  constructor(
    private readonly home: Home,
    private readonly response: string,
    private readonly env: NodeJS.ProcessEnv,
    private readonly say: (text: string) => void,
  ) {}

  /** Sweeps now. */
  sweep(): void {
    try {
      // A wrong line of riposte.conf keeps nobody from being unblocked.
      const ignore = (message: string) => this.#sayOnce(`${message}: ignored`);
      const settings = loadSettings(this.home.settings, new Map(), ignore);
      const response = responseNamed(this.response);
      sweepAndSay({ response, home: this.home, settings, env: this.env, dryRun: undefined }, this.say);
      sendSoon(this.home, this.env);
      this.#due = Number.POSITIVE_INFINITY;
      this.#schedule(LONGEST);
      for (const block of readLedger(this.home, this.response).blocks) this.expect(block);
    } catch (error) {
      if (!(error instanceof RiposteError)) throw error;
      this.#sayOnce(error.message);
      this.#schedule(LONGEST);
    }
  }

  /** A block that is to end on time. */
  expect({ until }: Block): void {
    if (until === null) return;
    const wait = Math.max(SHORTEST, Date.parse(until) - Date.now());
    if (performance.now() + wait < this.#due) this.#schedule(wait);
  }

  #schedule(wait: number): void {
    clearTimeout(this.#timer);
    this.#due = performance.now() + wait;
    this.#timer = setTimeout(() => this.sweep(), wait);
  }

  #sayOnce(text: string): void {
    if (!this.#said.has(text)) this.say(text);
    this.#said.add(text);
  }
}
