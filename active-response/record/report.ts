import { writeSync } from 'node:fs';
import { debug, debugError } from '../../base/debug.ts';
import { EX, type ExitCode, type RiposteError } from '../../base/errors.ts';
import type { Home } from '../home.ts';
import { protocolOf, type Request } from '../protocol/request.ts';
import type { JournalEvent } from './journal.ts';
import { describeOutcome, type Outcome, rehearsal } from './outcome.ts';
import { record } from './record.ts';
import { failure, type RecordedResult, type Result, success } from './result.ts';

/** The receiver of a report: the operator or manager that sent the request. */
export interface Channel {
  /** Writes a line to standard output (1) or standard error (2). */
  write(descriptor: 1 | 2, text: string): void;
  /** Milliseconds since the request came. */
  elapsed(): number;
  /** The name of the request, if a client has sent it to the daemon. */
  readonly id?: string | undefined;
}

/**
 * Reports outcomes in active-responses.log, in the journal, and to an operator if standard output does not belong to a
 * manager. Uses the parts of the request that are known so far.
 */
export class Report {
  request: Partial<Request> = {};
  /** True when the request only reads, as --list does: then nothing is logged. */
  onlyLooks = false;
  /** True in a dry run: then only a manager's log is written. */
  dryRun = false;
  /** The lines of a dry run so far. */
  readonly rehearsed: string[] = [];

  /** @param channel the receiver; by default this process's standard outputs, with times since its start */
  constructor(
    private readonly response: string,
    readonly script: string,
    readonly home: Home,
    readonly channel: Channel = PROCESS,
  ) {}

  /** Prints requested text. */
  print(text: string): ExitCode {
    this.channel.write(1, text);
    return EX.OK;
  }

  /** Takes a line of a dry run. Prints it to an operator at once; a manager's log gets all lines as one line. */
  rehearse(line: string): void {
    this.rehearsed.push(line.trim());
    if (this.#isManual) this.channel.write(1, line);
  }

  /** Prints an outcome that is already recorded. */
  handled({ outcome, exitCode, unwritten }: RecordedResult): ExitCode {
    const { word, address = '-', reason } = outcome;
    if (exitCode !== EX.OK) this.warn(reason);
    else if (this.#isManual) this.channel.write(1, `${this.response}: ${address}: ${word}: ${reason}`);
    return this.#end(exitCode, unwritten);
  }

  /** Records and prints an outcome of the e-mail hook. (The outcome of a block is recorded before `handled`.) */
  outcome(outcome: Outcome): ExitCode {
    const told = this.dryRun ? rehearsal(outcome, this.rehearsed) : outcome;
    return this.#result(success(this.request, told), !(this.dryRun && this.#isManual));
  }

  /** Prints the earlier outcome of a request, from the journal. */
  answered({ address = '-', event, reason }: JournalEvent): ExitCode {
    // Use standard error: Wazuh takes any line on standard output as an answer.
    this.warn(`${address}: ${event}: ${reason}`);
    return EX.OK;
  }

  /** Prints and records the changes of a sweep, one line each. @returns the code of the last failure */
  swept(results: readonly Result[]): ExitCode {
    for (const { outcome, exitCode } of results) {
      const told = this.dryRun ? rehearsal(outcome) : outcome;
      this.channel.write(exitCode === EX.OK ? 1 : 2, describeOutcome(this.response, told));
    }
    const code = results.findLast(({ exitCode }) => exitCode !== EX.OK)?.exitCode ?? EX.OK;
    const unwritten = this.dryRun ? [] : this.#record(results.filter(({ isKnown }) => !isKnown));
    return this.#end(code, unwritten);
  }

  /** Prints a message to a person, on standard error. */
  warn(message: string): void {
    this.channel.write(2, `${this.response}: ${message}`);
  }

  failure(error: RiposteError): ExitCode {
    debugError(error);
    return this.#result(failure(this.request, error), !this.onlyLooks);
  }

  /** True when stdout is not the manager's: OSSEC's execd does not read it, but a person may. */
  get #isManual(): boolean {
    const { source } = this.request;
    return source !== undefined && protocolOf(source) === 'ossec';
  }

  #result(result: Result, isRecorded: boolean): ExitCode {
    return this.handled({ ...result, unwritten: isRecorded ? this.#record([result]) : [] });
  }

  #end(exitCode: ExitCode, unwritten: readonly RiposteError[]): ExitCode {
    for (const { message } of unwritten) this.warn(message);
    return exitCode === EX.OK && unwritten.length > 0 ? EX.IOERR : exitCode;
  }

  #record(results: readonly Result[]): RiposteError[] {
    const { elapsed, id } = this.channel;
    for (const { outcome } of results) debug('outcome', () => outcome);
    return record(this.home, this.response, this.script, results, { spent: elapsed(), asked: id });
  }
}

const PROCESS: Channel = {
  write(descriptor, text) {
    try {
      writeSync(descriptor, `${text}\n`);
    } catch {
      // The manager has closed it: no process reads it.
    }
  },
  elapsed: () => process.uptime() * 1000,
};
