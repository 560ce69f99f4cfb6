import { basename } from 'node:path';
import { isatty } from 'node:tty';
import type { Response } from './circumstances.ts';
import { asRiposteError, EX, type ExitCode, RiposteError } from './errors.ts';
import { handedOn, outcomeInJournal } from './handed-on.ts';
import { findHome } from './home.ts';
import { listBlocks } from './list-blocks.ts';
import { circumstancesOf, placeOf } from './place.ts';
import { type CommandLine, parseCommandLine } from './protocol/command-line.ts';
import { checkKeys } from './protocol/handshake.ts';
import { checkLength, LineReader } from './protocol/line-reader.ts';
import { parseMessage } from './protocol/message.ts';
import { parseOssec } from './protocol/ossec.ts';
import type { Request } from './protocol/request.ts';
import { Report } from './report.ts';
import { respond } from './respond.ts';
import { sweep } from './sweep.ts';
import { usage } from './usage.ts';

declare const RIPOSTE_VERSION: string;

/** How long a manager may take to send its message, in milliseconds. It writes as soon as it has started us. */
const MESSAGE_PATIENCE = 30_000;

/** What the shell has tried before. */
const before = handedOn(process.env);

/** Runs one response as a process, and is the only place where it ends. */
export async function main(response: Response): Promise<never> {
  Error.stackTraceLimit = 0; // nobody sees a stack, and each file that is not there would pay for one
  const script = process.argv[1] ?? response.name;
  const report = new Report(response.name, script, findHome(script, process.env));
  process.exit(await run(response, report).catch((error) => report.failure(asRiposteError(error))));
}

async function run(response: Response, report: Report): Promise<ExitCode> {
  const answered = before.name === undefined ? undefined : outcomeInJournal(report.home, before.name);
  if (answered) return report.answered(answered);
  const commandLine = parseCommandLine(process.argv.slice(2));
  const { script } = report;
  switch (commandLine.mode) {
    case 'help':
      return report.print(usage(response, basename(script)));
    case 'version':
      return report.print(`riposte ${response.name} ${RIPOSTE_VERSION}`);
    case 'list':
      report.onlyLooks = true;
      return report.print(listBlocks(placeOf(response, report, commandLine, process.env)));
    case 'sweep':
      return report.swept(sweep(placeOf(response, report, commandLine, process.env)));
    case 'arguments':
      report.request = { protocol: 'ossec', command: commandLine.words[0] === 'delete' ? 'delete' : 'add' };
      return handle(response, report, commandLine, parseOssec(commandLine.words));
    case 'message': {
      if (isatty(0)) throw new RiposteError(EX.USAGE, `nothing to do; try: ${basename(script)} --help`);
      report.request = { protocol: 'wazuh4' };
      const reader = new LineReader(process.stdin);
      const line = before.message ?? (await reader.next(MESSAGE_PATIENCE));
      if (line === undefined) throw new RiposteError(EX.DATAERR, 'no message came on standard input');
      return handle(response, report, commandLine, parseMessage(checkLength(line)), reader);
    }
  }
}

/** @param reader where a manager that shakes hands gives its answer */
async function handle(
  response: Response,
  report: Report,
  commandLine: CommandLine,
  request: Request,
  reader?: LineReader,
): Promise<ExitCode> {
  const byHand = request.protocol === 'ossec' && [0, 1, 2].some(isatty);
  const around = circumstancesOf(response, report, commandLine, request, {
    env: process.env,
    byHand,
    isRetry: before.name !== undefined,
  });
  const ask = async (key: string) =>
    !reader ? 'continue' : before.wasAsked ? 'silence' : checkKeys(basename(report.script), key, reader);
  return report.outcome(await respond(request, { ...around, ask }));
}
