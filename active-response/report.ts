import { writeSync } from 'node:fs';
import type { Entry } from './active-responses-log.ts';
import { addressesIn, parseTarget } from './address.ts';
import type { Swept } from './carry-out.ts';
import { EX, type ExitCode, type RiposteError } from './errors.ts';
import type { Home } from './home.ts';
import type { JournalEvent } from './journal.ts';
import { describeOutcome, type Outcome, outcomeOf, rehearsal } from './outcome.ts';
import type { Request } from './protocol/request.ts';
import { record } from './record.ts';

/** Where a report goes: whoever has asked, and looks. */
export interface Channel {
  /** Writes a line to standard output (1) or standard error (2). */
  write(descriptor: 1 | 2, text: string): void;
  /** Milliseconds since the request came. */
  elapsed(): number;
  /** The name of the request, where it was handed on. */
  readonly id?: string | undefined;
}

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

  /** @param channel where it goes, and since when: by default this process and its standard outputs */
  constructor(
    private readonly response: string,
    readonly script: string,
    readonly home: Home,
    private readonly channel: Channel = PROCESS,
  ) {}

  /** Text that was asked for. */
  print(text: string): ExitCode {
    this.channel.write(1, text);
    return EX.OK;
  }

  /** Takes a line of a dry run. A person sees it at once; a manager's log gets all of them in one line. */
  rehearse(line: string): void {
    this.#rehearsed.push(line.trim());
    if (this.#isManual) this.channel.write(1, line);
  }

  outcome(outcome: Outcome): ExitCode {
    const told = this.dryRun ? rehearsal(outcome, this.#rehearsed) : outcome;
    if (this.#isManual)
      this.channel.write(1, `${this.response}: ${told.address ?? '-'}: ${told.word}: ${told.reason}`);
    if (this.dryRun && this.#isManual) return EX.OK;
    return this.#record(told) ? EX.OK : EX.IOERR;
  }

  /** A request that is done already, as the journal has it. */
  answered({ address = '-', event, reason }: JournalEvent): ExitCode {
    // Not to a manager's ear: Wazuh takes any line there for an answer.
    this.channel.write(2, `${this.response}: ${address}: ${event}: ${reason}`);
    return EX.OK;
  }

  /** What a sweep did, one line each: nothing to tell, nothing said. @returns the code of the last failure */
  swept(entries: readonly Swept[]): ExitCode {
    for (const { outcome, exitCode } of entries) {
      const told = this.dryRun ? rehearsal(outcome) : outcome;
      this.channel.write(exitCode === EX.OK ? 1 : 2, describeOutcome(this.response, told));
    }
    const code = entries.findLast(({ exitCode }) => exitCode !== EX.OK)?.exitCode ?? EX.OK;
    if (this.dryRun) return code;
    return this.#recordAll(entries.filter(({ isKnown }) => !isKnown)) || code !== EX.OK ? code : EX.IOERR;
  }

  /** Something that a person should know of, and that stops nothing. */
  warn(message: string): void {
    this.channel.write(2, `${this.response}: ${message}`);
  }

  failure(error: RiposteError): ExitCode {
    this.channel.write(2, `${this.response}: ${error.message}`);
    if (!this.onlyLooks)
      this.#record(outcomeOf(error, addressesIn(this.request.address, parseTarget)[0]?.text));
    return error.exitCode;
  }

  /** True when stdout is not the manager's: OSSEC's execd does not read it, and a person does. */
  get #isManual(): boolean {
    return this.request.protocol === 'ossec';
  }

  #record(outcome: Outcome): boolean {
    return this.#recordAll([{ request: this.request, outcome }]);
  }

  #recordAll(entries: readonly Entry[]): boolean {
    const { elapsed, id } = this.channel;
    const source = { spent: elapsed(), asked: id };
    const failures = record(this.home, this.response, this.script, entries, source);
    for (const { message } of failures) this.channel.write(2, `${this.response}: ${message}`);
    return failures.length === 0;
  }
}

const PROCESS: Channel = {
  write(descriptor, text) {
    try {
      writeSync(descriptor, `${text}\n`);
    } catch {
      // The manager has closed it: nobody listens.
    }
  },
  elapsed: () => process.uptime() * 1000,
};
