import { basename, dirname } from 'node:path';
import { isatty } from 'node:tty';
import { findHome, type Home, homeAt } from '../active-response/home.ts';
import { parseCommandLine } from '../active-response/protocol/command-line.ts';
import { LineReader } from '../active-response/protocol/line-reader.ts';
import { parseOssec } from '../active-response/protocol/ossec.ts';
import { Report } from '../active-response/record/report.ts';
import { loadMailSettings } from '../active-response/settings/mail-settings.ts';
import { isDebugging } from '../base/debug.ts';
import { asRiposteError, EX, type ExitCode, RiposteError } from '../base/errors.ts';
import { enqueueAlert } from './enqueue-alert.ts';
import { integrate } from './message/integrate.ts';
import { readMessage } from './message/read-message.ts';
import { describeSpool } from './queue/spool-table.ts';
import { usage } from './usage.ts';

declare const RIPOSTE_VERSION: string;

const NAME = 'email-alert';
/** The time that the manager has to send its message, in milliseconds. */
const MESSAGE_TIMEOUT = 30_000;

/** Runs the e-mail hook as a process. Only this function ends the process. */
export async function main(): Promise<never> {
  if (!isDebugging()) Error.stackTraceLimit = 0;
  const script = process.argv[1] ?? NAME;
  const isIntegration = basename(dirname(script)) === 'integrations';
  const home = isIntegration ? homeAt(dirname(dirname(script))) : findHome(script, process.env);
  const report = new Report(NAME, script, home);
  // integratord starts the script without a flag. The sending process that the script starts has a flag.
  const isCalled = isIntegration && !process.argv[2]?.startsWith('--');
  const work = isCalled ? integrate(process.argv.slice(2), report) : run(report);
  process.exit(await work.catch((error) => report.failure(asRiposteError(error))));
}

async function run(report: Report): Promise<ExitCode> {
  const { mode, words, flags, dryRun } = parseCommandLine(process.argv.slice(2));
  const { script, home } = report;
  switch (mode) {
    case 'help':
      return report.print(usage(basename(script)));
    case 'version':
      return report.print(`riposte ${NAME} ${RIPOSTE_VERSION}`);
    case 'list':
      report.onlyLooks = true;
      return report.print(describeSpool(home));
    case 'sweep':
      return sendAll(home, report);
    case 'arguments':
      report.request = { source: 'ossec', command: words[0] === 'delete' ? 'delete' : 'add' };
      return enqueueAlert(
        { request: parseOssec(words), log: [] },
        { report, flags, dryRun, sender: [script, '--sweep'] },
      );
    case 'message': {
      if (isatty(0)) throw new RiposteError(EX.USAGE, `nothing to do; try: ${basename(script)} --help`);
      report.request = { source: 'wazuh4' };
      const reader = new LineReader(process.stdin);
      const line = await reader.next(MESSAGE_TIMEOUT);
      if (line === undefined) throw new RiposteError(EX.DATAERR, 'no message arrived on standard input');
      return enqueueAlert(readMessage(line), { report, flags, dryRun, reader, sender: [script, '--sweep'] });
    }
  }
}

/** Loads the sending code only here, because a process that an alert starts only writes a file. */
async function sendAll(home: Home, report: Report): Promise<ExitCode> {
  let code: ExitCode = EX.OK;
  const { deliverQueue } = await import('./queue/deliver-queue.ts');
  await deliverQueue({
    home,
    settings: loadMailSettings(home.settings),
    env: process.env,
    onOutcome: (each) => {
      code = report.swept([each]) || code;
    },
  });
  return code;
}
