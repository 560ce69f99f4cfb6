import { basename } from 'node:path';
import { isDebugging } from '../base/debug.ts';
import { asRiposteError, EX, type ExitCode, RiposteError } from '../base/errors.ts';
import { isTerminal } from '../base/terminal.ts';
import { requestContext, responseContext } from './context-of.ts';
import { fallbackState, outcomeInJournal } from './fallback-state.ts';
import { handleRequest } from './handle-request.ts';
import { findHome } from './home.ts';
import { listBlocks } from './list-blocks.ts';
import { type CommandLine, parseCommandLine } from './protocol/command-line.ts';
import { checkKeys, shakesHands } from './protocol/handshake.ts';
import { checkLength, LineReader } from './protocol/line-reader.ts';
import { parseMessage } from './protocol/message.ts';
import { parseOssec } from './protocol/ossec.ts';
import { type Request, requestBefore } from './protocol/request.ts';
import { Report } from './record/report.ts';
import type { Response } from './request-context.ts';
import { sweep } from './sweep/sweep.ts';
import { usage } from './usage.ts';

declare const RIPOSTE_VERSION: string;

/**
 * The time to wait for a manager's message, in milliseconds. The manager writes it right after starting the script.
 */
const MESSAGE_TIMEOUT = 30_000;

/** The attempt that the shell part of the script has already made. */
const earlier = fallbackState(process.env);

/**
 * A task for which a script starts itself as another process. Returns undefined when the words ask for something else.
 */
type Task = (words: readonly string[], report: Report) => Promise<ExitCode> | undefined;

/** Runs one response as a process. Only this function ends the process. */
export async function main(response: Response, task?: Task): Promise<never> {
  // Riposte shows stacks only when debugging; without stacks, each error for a missing file costs less.
  if (!isDebugging()) Error.stackTraceLimit = 0;
  const script = process.argv[1] ?? response.name;
  const report = new Report(response.name, script, findHome(script, process.env));
  process.exit(await run(response, report, task).catch((error) => report.failure(asRiposteError(error))));
}

async function run(response: Response, report: Report, task?: Task): Promise<ExitCode> {
  const done = task?.(process.argv.slice(2), report);
  if (done) return done;
  const earlierOutcome = earlier.name && outcomeInJournal(report.home, earlier.name);
  if (earlierOutcome) return report.answered(earlierOutcome);
  const commandLine = parseCommandLine(process.argv.slice(2), response.settings);
  const { script } = report;
  switch (commandLine.mode) {
    case 'help':
      return report.print(usage(response, basename(script)));
    case 'version':
      return report.print(`riposte ${response.name} ${RIPOSTE_VERSION}`);
    case 'list':
      report.onlyLooks = true;
      return report.print(listBlocks(responseContext(response, report, commandLine, process.env)));
    case 'sweep':
      return report.swept(sweep(responseContext(response, report, commandLine, process.env)));
    case 'arguments':
      report.request = requestBefore('arguments', commandLine.words);
      return handle(
        response,
        report,
        commandLine,
        fromTerminal(parseOssec(commandLine.words, commandLine.origin)),
      );
    case 'message': {
      if (isTerminal(0))
        throw new RiposteError(EX.USAGE, `standard input is a terminal; try: ${basename(script)} --help`);
      report.request = requestBefore('message', commandLine.words);
      const reader = new LineReader(process.stdin);
      const line = earlier.message ?? (await reader.next(MESSAGE_TIMEOUT));
      if (line === undefined) throw new RiposteError(EX.DATAERR, 'no message arrived on standard input');
      return handle(response, report, commandLine, parseMessage(checkLength(line)), reader);
    }
  }
}

/** OSSEC's execd gives its scripts no terminal. If there is a terminal, a person typed the arguments. */
const fromTerminal = (request: Request): Request =>
  request.origin === undefined && [0, 1, 2].some(isTerminal) ? { ...request, source: 'operator' } : request;

/** @param reader reads the manager's reply, if this manager sends one */
async function handle(
  response: Response,
  report: Report,
  commandLine: CommandLine,
  request: Request,
  reader?: LineReader,
): Promise<ExitCode> {
  const isRetry = earlier.name !== undefined;
  const context = requestContext(response, report, commandLine, request, { env: process.env, isRetry });
  const ask = async (key: string) =>
    earlier.wasAsked ? 'silence' : checkKeys(basename(context.script), key, reader as LineReader);
  return report.handled(
    await handleRequest(request, context, reader && shakesHands(request.source) ? ask : undefined),
  );
}
