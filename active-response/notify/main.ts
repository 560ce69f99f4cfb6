import { basename, dirname } from 'node:path';
import { isatty } from 'node:tty';
import { asRiposteError, EX, type ExitCode, RiposteError } from '../errors.ts';
import { findHome, type Home, homeAt } from '../home.ts';
import { parseCommandLine } from '../protocol/command-line.ts';
import { LineReader } from '../protocol/line-reader.ts';
import { parseOssec } from '../protocol/ossec.ts';
import { Report } from '../report.ts';
import { loadMailSettings } from '../settings/mail-settings.ts';
import { integrate } from './integrate.ts';
import { readMessage } from './read-message.ts';
import { describeSpool } from './spool-table.ts';
import { tell } from './tell.ts';
import { usage } from './usage.ts';

declare const RIPOSTE_VERSION: string;

const NAME = 'email-alert';
/** How long a manager may take to send its message, in milliseconds. */
const MESSAGE_PATIENCE = 30_000;

/** Runs the e-mail hook as a process, and is the only place where it ends. */
export async function main(): Promise<never> {
  Error.stackTraceLimit = 0;
  const script = process.argv[1] ?? NAME;
  const isIntegration = basename(dirname(script)) === 'integrations';
  const home = isIntegration ? homeAt(dirname(dirname(script))) : findHome(script, process.env);
  const report = new Report(NAME, script, home);
  // What it has started to send what waits has its own name.
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
      report.request = { protocol: 'ossec', command: words[0] === 'delete' ? 'delete' : 'add' };
      return tell(
        { request: parseOssec(words), log: [] },
        { report, flags, dryRun, sender: [script, '--sweep'] },
      );
    case 'message': {
      if (isatty(0)) throw new RiposteError(EX.USAGE, `nothing to do; try: ${basename(script)} --help`);
      report.request = { protocol: 'wazuh4' };
      const reader = new LineReader(process.stdin);
      const line = await reader.next(MESSAGE_PATIENCE);
      if (line === undefined) throw new RiposteError(EX.DATAERR, 'no message came on standard input');
      return tell(readMessage(line), { report, flags, dryRun, reader, sender: [script, '--sweep'] });
    }
  }
}

/** Sending is loaded only where it is done: what an alert starts only writes a file. */
async function sendAll(home: Home, report: Report): Promise<ExitCode> {
  let code: ExitCode = EX.OK;
  const { post } = await import('./post.ts');
  await post({
    home,
    settings: loadMailSettings(home.settings),
    env: process.env,
    tell: (each) => {
      code = report.swept([each]) || code;
    },
  });
  return code;
}
