import type { Entry } from '../../active-response/active-responses-log.ts';
import { addressesIn, parseTarget } from '../../active-response/address.ts';
import type { Circumstances, Place } from '../../active-response/circumstances.ts';
import { EX, type ExitCode, RiposteError } from '../../active-response/errors.ts';
import { outcomeOf } from '../../active-response/outcome.ts';
import { printable } from '../../active-response/printable.ts';
import type { Request } from '../../active-response/protocol/request.ts';
import { record } from '../../active-response/record.ts';
import { respond } from '../../active-response/respond.ts';
import { scriptOf } from '../place.ts';
import type { Io } from '../verb.ts';

/** How a request of a person ended. */
export interface Answer {
  readonly entry: Entry;
  /** The exit code of the error when it could not be done, else OK. */
  readonly exitCode: ExitCode;
}

/** Has a response do what a person asks for, as the script does by hand. Nothing is recorded or said yet. */
export async function act(request: Request, place: Place): Promise<Answer> {
  const around: Circumstances = {
    ...place,
    script: `${place.response.name}.js`,
    byHand: true,
    ask: async () => 'continue',
  };
  try {
    return { entry: { request, outcome: await respond(request, around) }, exitCode: EX.OK };
  } catch (error) {
    return failure(request, error);
  }
}

/** The answer to a request that failed with an error. @throws the error when it is none of ours */
export function failure(request: Request, error: unknown): Answer {
  if (!(error instanceof RiposteError)) throw error;
  const address = addressesIn(request.address, parseTarget)[0]?.text;
  return { entry: { request, outcome: outcomeOf(error, address) }, exitCode: error.exitCode };
}

/**
 * Says how requests to one response ended, a line each, and records it in active-responses.log and journal;
 * a dry run is only said.
 *
 * @returns the first exit code that is not OK
 */
export function tell(answers: readonly Answer[], place: Place, io: Io): ExitCode {
  const { response, home, dryRun } = place;
  for (const { entry, exitCode } of answers) {
    const line = lineOf(response.name, entry, dryRun !== undefined);
    if (exitCode === EX.OK) io.out(line);
    else io.err(`${line}\n`);
  }
  const script = scriptOf(home, response.name);
  const entries = answers.map(({ entry }) => entry);
  const unwritten = dryRun ? [] : record(home, response.name, script, entries);
  for (const { message } of unwritten) io.err(`riposte: ${message}\n`);
  const failed = answers.find(({ exitCode }) => exitCode !== EX.OK)?.exitCode;
  return failed ?? unwritten[0]?.exitCode ?? EX.OK;
}

function lineOf(response: string, { request, outcome }: Entry, isDryRun: boolean): string {
  const word = isDryRun ? `would be ${outcome.word}` : outcome.word;
  const address = outcome.address ?? printable(request.address ?? '-', 80);
  return `${response}: ${address}: ${word}: ${printable(outcome.reason, 500)}`;
}

/** What a person asks a response for. */
export function requestOf(
  command: Request['command'],
  address: string,
  more: Partial<Request> = {},
): Request {
  // A person has no manager that will say delete, as the timeout 0 of a manager means.
  return { protocol: 'ossec', command, address, extraArguments: [], timeout: 0, isOwn: true, ...more };
}
