import { writeSync } from 'node:fs';
import { basename } from 'node:path';
import { writeLog } from './active-responses-log.ts';
import { addressesIn, parseTarget } from './address.ts';
import { EX, type ExitCode, RiposteError } from './errors.ts';
import type { Home } from './home.ts';
import { writeEvent } from './journal.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { printable } from './printable.ts';
import type { Request } from './protocol/request.ts';

/**
 * Says what happened: a line in active-responses.log, an event in the journal, and a line for a person where
 * one may look. Knows of the request what has been read of it so far.
 */
export class Report {
  request: Partial<Request> = {};
  /** True when nobody has asked for a block: then nothing that happens is for the log. */
  onlyLooks = false;
  /** True when nothing may be written but what a manager's log needs. */
  dryRun = false;
  readonly #rehearsed: string[] = [];

  constructor(
    private readonly response: string,
    readonly script: string,
    readonly home: Home,
  ) {}

  /** Text that was asked for. */
  print(text: string): ExitCode {
    write(1, text);
    return EX.OK;
  }

  /** Takes a line of a dry run. A person sees it at once; a manager's log gets all of them in one line. */
  rehearse(line: string): void {
    this.#rehearsed.push(line.trim());
    if (this.#isManual) write(1, line);
  }

  outcome(outcome: Outcome): ExitCode {
    const told = this.dryRun ? rehearsal(outcome, this.#rehearsed) : outcome;
    if (this.#isManual) write(1, `${this.response}: ${told.address}: ${told.word}: ${told.reason}`);
    if (this.dryRun && this.#isManual) return EX.OK;
    return this.#record(told) ? EX.OK : EX.IOERR;
  }

  /** Something that a person should know of, and that stops nothing. */
  warn(message: string): void {
    write(2, `${this.response}: ${message}`);
  }

  failure(error: RiposteError): ExitCode {
    write(2, `${this.response}: ${error.message}`);
    if (!this.onlyLooks)
      this.#record(outcomeOf(error, addressesIn(this.request.address, parseTarget)[0]?.text));
    return error.exitCode;
  }

  /** True when stdout is not the manager's: OSSEC's execd does not read it, and a person does. */
  get #isManual(): boolean {
    return this.request.protocol === 'ossec';
  }

  #record(outcome: Outcome): boolean {
    const now = new Date();
    const writer = { script: this.script, name: basename(this.script) };
    const logged = this.#attempt(() => writeLog(this.home, writer, this.request, outcome, now));
    // What is refused leaves nothing but its line in the log: whoever sends nonsense shall not fill the journal.
    if (outcome.word === 'refused') return logged;
    return this.#attempt(() => writeEvent(this.home, this.#event(outcome, now))) && logged;
  }

  #attempt(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      if (!(error instanceof RiposteError)) throw error;
      write(2, `${this.response}: ${error.message}`);
      return false;
    }
  }

  #event({ word, reason, address, block }: Outcome, now: Date) {
    const { command, protocol, user, ruleId, ruleLevel, alertId, location } = this.request;
    return {
      time: now.toISOString(),
      event: word,
      response: this.response,
      command,
      protocol,
      address,
      reason: printable(reason, 500),
      user,
      rule: ruleId,
      level: ruleLevel,
      alert: alertId,
      location,
      backend: block?.backend,
      until: block?.until,
      offence: block?.offence,
      ms: Math.round(process.uptime() * 1000),
    };
  }
}

function rehearsal({ word, reason, address }: Outcome, lines: readonly string[]): Outcome {
  const told = lines.length === 0 ? `would be ${word}: ${reason}` : lines.join('; ');
  return { word: 'rehearsed', reason: `dry run: ${told}`, address };
}

/** To a descriptor that the manager may have closed. */
function write(descriptor: 1 | 2, text: string): void {
  try {
    writeSync(descriptor, `${text}\n`);
  } catch {
    // nobody listens
  }
}
