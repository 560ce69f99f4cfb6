import { parseTarget } from '../../active-response/address.ts';
import { readBlock } from '../../active-response/ledger.ts';
import { utf8 } from '../bytes.ts';
import { AlertsFile } from './alerts-file.ts';
import { Answered } from './answered.ts';
import type { Found } from './judge.ts';
import type { Answer, Responder } from './responder.ts';
import type { Service } from './server.ts';
import type { Troubles } from './troubles.ts';
import type { WatchedLog } from './watched-log.ts';

/** What is done about whom the rules found: a block, a line for the manager, or only a word. */
export class Answering {
  blocked = 0;
  failed = 0;
  readonly #responder: Responder | undefined;
  readonly #alertsFile: AlertsFile | undefined;
  readonly #answered = new Answered((address) => this.#isInLedger(address));
  /** The log that waits for an answer, by what was found in it. */
  readonly #logOf = new Map<Found, WatchedLog>();

  constructor(
    private readonly service: Service,
    troubles: Troubles,
  ) {
    const { alertsFile, responder } = service;
    this.#responder = responder?.((...answer) => this.#onAnswer(...answer));
    if (alertsFile !== undefined)
      this.#alertsFile = new AlertsFile(alertsFile, troubles, (found) => this.#onWritten(found));
  }

  /** How many blocks are asked for and not yet in place. */
  get pending(): number {
    return this.#responder?.pending ?? 0;
  }

  /** @param log where its line stands, if in a log @param isLate the line was written while nobody read */
  found(found: Found, log?: WatchedLog, isLate = false): void {
    if (log) this.#logOf.set(found, log);
    const { address, level, time } = found;
    const who = whoIs(found);
    if (isLate && Date.now() / 1000 - time > this.service.shortestBlock) {
      this.service.say(`${who}: read late, and its block would be over by now`);
      this.#settle(found);
    } else if (!this.#answered.isNew(address, level)) this.#settle(found);
    else this.#answer(found, who);
  }

  /** Writes alerts that could not be written so far. To be called now and then. */
  flush(): void {
    this.#alertsFile?.flush();
  }

  /** Waits so many milliseconds at the most for blocks that are being made. */
  async close(patience: number): Promise<void> {
    this.flush();
    for (let waited = 0; waited < patience && this.pending > 0; waited += 50)
      await new Promise((resolve) => setTimeout(resolve, 50));
    await this.#responder?.close();
  }

  #answer(found: Found, who: string): void {
    const { say } = this.service;
    if (!this.#responder && !this.#alertsFile) {
      say(`${who}: would be blocked`);
      this.#settle(found);
    }
    this.#responder?.block(found);
    this.#alertsFile?.write(found);
  }

  #onWritten(found: Found): void {
    if (this.#responder) return;
    this.service.say(`${whoIs(found)}: told the manager`);
    this.#settle(found);
  }

  #onAnswer(found: Found, { word, reason }: Answer, triesAgain: boolean): void {
    const { address, rule, level, location } = found;
    const again = triesAgain ? '; will be tried again' : '';
    const why = `rule ${rule} (level ${level}) in ${location}`;
    this.service.say(`${utf8(address)}: ${word}: ${reason}${again}; ${why}`);
    if (word === 'blocked') {
      this.blocked++;
      this.#answered.blocked(address);
    }
    if (word === 'failed') this.failed++;
    if (triesAgain) return;
    if (word === 'failed') this.#answered.forget(address);
    this.#settle(found);
  }

  /** Its line need not be read again after a crash. */
  #settle(found: Found): void {
    this.#logOf.get(found)?.answered(found);
    this.#logOf.delete(found);
  }

  #isInLedger(address: string): boolean {
    const { home, response } = this.service;
    try {
      return readBlock(home, response, parseTarget(utf8(address)).text) !== undefined;
    } catch {
      return true; // no address, or an entry that cannot be read: to ask again changes nothing
    }
  }
}

const whoIs = ({ address, rule, level, location }: Found): string =>
  `${utf8(address)}: rule ${rule} (level ${level}) in ${location}`;
