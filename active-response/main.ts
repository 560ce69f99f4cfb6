import { basename } from 'node:path';
import { isatty } from 'node:tty';
import type { Place, Response } from './circumstances.ts';
import { asRiposteError, EX, type ExitCode, RiposteError } from './errors.ts';
import { findHome } from './home.ts';
import { listBlocks } from './list-blocks.ts';
import { type CommandLine, parseCommandLine, parseFlags } from './protocol/command-line.ts';
import { checkKeys } from './protocol/handshake.ts';
import { LineReader } from './protocol/line-reader.ts';
import { parseMessage } from './protocol/message.ts';
import { parseOssec } from './protocol/ossec.ts';
import type { Request } from './protocol/request.ts';
import { Report } from './report.ts';
import { respond } from './respond.ts';
import { loadSettings } from './settings/load.ts';
import { FROM_NO_MESSAGE } from './settings/settings.ts';
import { sweep } from './sweep.ts';
import { usage } from './usage.ts';

declare const RIPOSTE_VERSION: string;

/** How long a manager may take to send its message, in milliseconds. It writes as soon as it has started us. */
const MESSAGE_PATIENCE = 30_000;

/** Runs one response as a process, and is the only place where it ends. */
export async function main(response: Response): Promise<never> {
  Error.stackTraceLimit = 0; // nobody sees a stack, and each file that is not there would pay for one
  const script = process.argv[1] ?? response.name;
  const report = new Report(response.name, script, findHome(script, process.env));
  process.exit(await run(response, report).catch((error) => report.failure(asRiposteError(error))));
}

async function run(response: Response, report: Report): Promise<ExitCode> {
  const commandLine = parseCommandLine(process.argv.slice(2));
  const { script } = report;
  switch (commandLine.mode) {
    case 'help':
      return report.print(usage(response, basename(script)));
    case 'version':
      return report.print(`riposte ${response.name} ${RIPOSTE_VERSION}`);
    case 'list':
      report.onlyLooks = true;
      return report.print(listBlocks(place(response, report, commandLine)));
    case 'sweep':
      return report.swept(sweep(place(response, report, commandLine)));
    case 'arguments':
      report.request = { protocol: 'ossec', command: commandLine.words[0] === 'delete' ? 'delete' : 'add' };
      return handle(response, report, commandLine, parseOssec(commandLine.words));
    case 'message': {
      if (isatty(0)) throw new RiposteError(EX.USAGE, `nothing to do; try: ${basename(script)} --help`);
      report.request = { protocol: 'wazuh4' };
      const reader = new LineReader(process.stdin);
      const line = await reader.next(MESSAGE_PATIENCE);
      if (line === undefined) throw new RiposteError(EX.DATAERR, 'no message came on standard input');
      return handle(response, report, commandLine, parseMessage(line), reader);
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
  report.request = request;
  const { script } = report;
  const flags = new Map([...remoteFlags(request.extraArguments), ...commandLine.flags]);
  const dryRun = flags.delete('dry-run') || commandLine.dryRun;
  const ignoresErrors = request.command === 'delete';
  const outcome = await respond(request, {
    ...place(response, report, { dryRun, flags }, ignoresErrors),
    script: basename(script),
    byHand: request.protocol === 'ossec' && [0, 1, 2].some(isatty),
    ask: async (key) => (reader ? checkKeys(basename(script), key, reader) : 'continue'),
  });
  return report.outcome(outcome);
}

/** @param ignoresErrors whether a wrong line of riposte.conf is only warned of */
function place(
  response: Response,
  report: Report,
  { dryRun, flags }: Pick<CommandLine, 'dryRun' | 'flags'>,
  ignoresErrors = true,
): Place {
  const ignore = ignoresErrors ? (message: string) => report.warn(`${message}: ignored`) : undefined;
  report.dryRun = dryRun;
  return {
    response,
    home: report.home,
    settings: loadSettings(report.home.settings, flags, ignore),
    env: process.env,
    dryRun: dryRun ? (line) => report.rehearse(line) : undefined,
  };
}

function remoteFlags(words: readonly string[]): Map<string, string> {
  const flags = parseFlags(words);
  for (const name of FROM_NO_MESSAGE) {
    if (flags.has(name))
      throw new RiposteError(EX.USAGE, `--${name} is not taken from extra_args; set it in riposte.conf`);
  }
  return flags;
}
