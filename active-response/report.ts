import { writeSync } from 'node:fs';
import type { Entry } from './active-responses-log.ts';
import { addressesIn, parseTarget } from './address.ts';
import type { Swept } from './carry-out.ts';
import { EX, type ExitCode, type RiposteError } from './errors.ts';
import type { Home } from './home.ts';
import { describeOutcome, type Outcome, outcomeOf, rehearsal } from './outcome.ts';
import type { Request } from './protocol/request.ts';
import { record } from './record.ts';

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
    if (this.#isManual) write(1, `${this.response}: ${told.address ?? '-'}: ${told.word}: ${told.reason}`);
    if (this.dryRun && this.#isManual) return EX.OK;
    return this.#record(told) ? EX.OK : EX.IOERR;
  }

  /** What a sweep did, one line each: nothing to tell, nothing said. @returns the code of the last failure */
  swept(entries: readonly Swept[]): ExitCode {
    for (const { outcome, exitCode } of entries) {
      const told = this.dryRun ? rehearsal(outcome) : outcome;
      write(exitCode === EX.OK ? 1 : 2, describeOutcome(this.response, told));
    }
    const code = entries.findLast(({ exitCode }) => exitCode !== EX.OK)?.exitCode ?? EX.OK;
    if (this.dryRun) return code;
    return this.#recordAll(entries.filter(({ isKnown }) => !isKnown)) || code !== EX.OK ? code : EX.IOERR;
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
    return this.#recordAll([{ request: this.request, outcome }]);
  }

  #recordAll(entries: readonly Entry[]): boolean {
    const failures = record(this.home, this.response, this.script, entries);
    for (const { message } of failures) write(2, `${this.response}: ${message}`);
    return failures.length === 0;
  }
}

/** To a descriptor that the manager may have closed. */
function write(descriptor: 1 | 2, text: string): void {
  try {
    writeSync(descriptor, `${text}\n`);
  } catch {
    // nobody listens
  }
}
