import { EX, type ExitCode } from '../../base/errors.ts';
import type { Io } from '../../base/io.ts';
import { printable } from '../../base/printable.ts';
import { handleRequests } from '../handle-requests.ts';
import { scriptOf } from '../home.ts';
import type { Request } from '../protocol/request.ts';
import { wouldBe } from '../record/outcome.ts';
import type { RecordedResult, Result } from '../record/result.ts';
import type { ResponseContext } from '../request-context.ts';

/** Makes a response carry out an operator's requests together, each as the script does when called by hand. */
export const actOnAll = (requests: readonly Request[], context: ResponseContext): Promise<RecordedResult[]> =>
  handleRequests(requests, {
    ...context,
    script: scriptOf(context.home, context.response.name),
    // An operator's unblock goes to every response; a response that did not block the address leaves no line.
    isRecorded: ({ outcome }) => outcome.word !== 'already',
  });

/** Prints the results of the requests to one response, one line each. @returns the first exit code that is not OK */
export function printResults(
  results: readonly RecordedResult[],
  { response, dryRun }: ResponseContext,
  io: Io,
): ExitCode {
  for (const result of results) {
    const line = lineOf(response.name, result, dryRun !== undefined);
    if (result.exitCode === EX.OK) io.out(line);
    else io.err(`${line}\n`);
  }
  // Results that were recorded together share their errors.
  const unwritten = [...new Set(results.flatMap((result) => result.unwritten))];
  for (const { message } of unwritten) io.err(`riposte: ${message}\n`);
  const failed = results.find(({ exitCode }) => exitCode !== EX.OK)?.exitCode;
  return failed ?? unwritten[0]?.exitCode ?? EX.OK;
}

function lineOf(response: string, { request, outcome }: Result, isDryRun: boolean): string {
  const word = isDryRun ? wouldBe(outcome.word) : outcome.word;
  const address = outcome.address ?? printable(request.address ?? '-', 80);
  return `${response}: ${address}: ${word}: ${printable(outcome.reason, 500)}`;
}

/** An operator's request to a response. */
export function requestOf(
  command: Request['command'],
  address: string,
  more: Partial<Request> = {},
): Request {
  // Timeout 0: no manager will send a delete for an operator's block.
  return { source: 'operator', command, address, extraArguments: [], timeout: 0, isOwn: true, ...more };
}
