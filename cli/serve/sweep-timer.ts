import { RiposteError } from '../../active-response/errors.ts';
import type { Home } from '../../active-response/home.ts';
import { type Block, readLedger } from '../../active-response/ledger.ts';
import { responseNamed } from '../../active-response/response/responses.ts';
import { loadSettings } from '../../active-response/settings/load.ts';
import { sendSoon } from '../notify/tell-of.ts';
import { sweepAndSay } from '../scan/sweep-and-say.ts';

/** After how long at the latest is swept again, in milliseconds. */
const LONGEST = 60_000;
/** How often the clock is looked at: nobody tells of one that is set, or that the host was suspended. */
const LOOK = 250;

/** Sweeps when a block ends, and each minute. What it says of settings it says once. */
export class SweepTimer {
  readonly #said = new Set<string>();
  /** When the next block ends, in milliseconds since 1970. */
  #end = Number.POSITIVE_INFINITY;
  /** When was last swept, by a clock that nobody sets. */
  #swept = 0;

  constructor(
    private readonly home: Home,
    private readonly response: string,
    private readonly env: NodeJS.ProcessEnv,
    private readonly say: (text: string) => void,
  ) {}

  /** Sweeps now, and from now on when it is time. */
  start(): void {
    this.#sweep();
    setInterval(() => this.#isDue() && this.#sweep(), LOOK);
  }

  /** A block that is to end on time. */
  expect({ until }: Block): void {
    if (until !== null) this.#end = Math.min(this.#end, Date.parse(until));
  }

  #isDue(): boolean {
    return Date.now() >= this.#end || performance.now() - this.#swept >= LONGEST;
  }

  #sweep(): void {
    const now = Date.now();
    this.#end = Number.POSITIVE_INFINITY;
    try {
      // A wrong line of riposte.conf keeps nobody from being unblocked.
      const ignore = (message: string) => this.#sayOnce(`${message}: ignored`);
      const settings = loadSettings(this.home.settings, new Map(), ignore);
      const response = responseNamed(this.response);
      sweepAndSay({ response, home: this.home, settings, env: this.env, dryRun: undefined }, this.say);
      sendSoon(this.home, this.env);
      // What was over and is still there could not be ended: once a minute is enough for that.
      for (const block of readLedger(this.home, this.response).blocks)
        if (Date.parse(block.until ?? '') > now) this.expect(block);
    } catch (error) {
      if (!(error instanceof RiposteError)) throw error;
      this.#sayOnce(error.message);
    }
    this.#swept = performance.now();
  }

  #sayOnce(text: string): void {
    if (!this.#said.has(text)) this.say(text);
    this.#said.add(text);
  }
}
