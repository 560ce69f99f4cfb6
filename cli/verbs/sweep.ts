import { sweepAllowList } from '../../active-response/allow/sweep-allow-list.ts';
import { type Home, scriptOf } from '../../active-response/home.ts';
import { repeatedContext } from '../../active-response/kept-listing.ts';
import { listed } from '../../active-response/ledger-index.ts';
import { operatorContexts } from '../../active-response/operator/operator-context.ts';
import { describeOutcome, rehearsal } from '../../active-response/record/outcome.ts';
import { record } from '../../active-response/record/record.ts';
import type { Result } from '../../active-response/record/result.ts';
import type { Response } from '../../active-response/request-context.ts';
import { hasQueue } from '../../active-response/response/all-backends.ts';
import { recordKept } from '../../active-response/sweep/record-kept.ts';
import { sweep as sweepOne } from '../../active-response/sweep/sweep.ts';
import { tidy } from '../../active-response/sweep/tidy.ts';
import { counted } from '../../base/counted.ts';
import { asRiposteError, EX, type ExitCode, RiposteError } from '../../base/errors.ts';
import type { Io } from '../../base/io.ts';
import { printableJson } from '../../base/json.ts';
import { EMAIL_ALERT, sendWaiting } from '../../notify/queue/send-waiting.ts';
import { countWaiting } from '../../notify/queue/spool.ts';
import { ABUSEIPDB, sendReports } from '../../serve/abuseipdb/send-reports.ts';
import type { Arguments } from '../arguments.ts';
import { HOME_OPTION, homeOf } from '../options/home.ts';
import { RESPONSE_OPTION, responsesOf } from '../options/response.ts';
import { demandRoot } from '../root.ts';
import type { Verb } from '../verb.ts';

const OPTIONS = {
  ...RESPONSE_OPTION,
  'dry-run': { text: 'show the changes, and make none' },
  json: { text: 'one JSON object per line: each change, or failure' },
  ...HOME_OPTION,
};

const NOTES =
  'It prints nothing when there is nothing to do. Exit status: 0, or the code of the last failure. It never touches rules, sets and routes that are not Riposte’s.';

/** riposte sweep: reconciles ledger and backends, for a timer. */
export const sweep: Verb = {
  summary: 'end expired blocks, correct differences from the ledger, send waiting messages',
  operands: '',
  options: OPTIONS,
  notes: NOTES,
  examples: [
    ['riposte sweep', 'the regular maintenance: a timer runs it every few minutes'],
    ['riposte sweep --dry-run', 'show the changes that it would make now'],
  ],
  run: async (given, io) => run('sweep', given, io),
};

/** riposte restore: restores blocks after a reboot, or after the firewall was flushed. */
export const restore: Verb = {
  summary: 'restore every block that has not expired, as after a reboot',
  operands: '',
  options: OPTIONS,
  notes: NOTES,
  examples: [['riposte restore', 'restore all blocks that have not expired, in one transaction']],
  run: async (given, io) => run('restore', given, io),
};

async function run(verb: 'sweep' | 'restore', given: Arguments, io: Io): Promise<ExitCode> {
  if (given.rest.length > 0)
    throw new RiposteError(
      EX.USAGE,
      `riposte ${verb} takes no operand '${given.rest[0]}'; to limit ${verb} to one response, use --response NAME`,
    );
  const responses = responsesOf(given);
  demandRoot(verb);
  const home = homeOf(given, io);
  const [isJson, dryRun] = [given.flag('json'), given.flag('dry-run')];
  // First, because the sweep releases addresses that are allowed now.
  if (verb === 'sweep' && !dryRun)
    await sweepAllowList(home, (text, isProblem = false) => {
      if (isJson) io.out(printableJson({ outcome: isProblem ? 'failed' : 'changed', reason: text }));
      else if (isProblem) io.err(`riposte: ${text}\n`);
      else io.out(text);
    });
  const kept = dryRun ? EX.OK : recordAndSay(home, isJson, io);
  const codes = operatorContexts(responses, home, io, dryRun).map((context) => {
    const { response } = context;
    // A remote service keeps its blocks, and may be unreachable while the host starts.
    if (verb === 'restore' && hasQueue(response)) return EX.OK;
    const quiet = { ...context, dryRun: () => {} };
    const shown = isJson && dryRun ? quiet : context;
    const swept = sweepOne(shown, repeatedContext(shown));
    for (const each of swept) say(each, response, dryRun, isJson, io);
    const recorded = dryRun ? EX.OK : writeDown(home, response, swept, io);
    if (verb === 'sweep' && !dryRun)
      sayTidied(response, tidy(context, Date.now(), listed(home, response.name)), isJson, io);
    return swept.findLast(({ exitCode }) => exitCode !== EX.OK)?.exitCode ?? recorded;
  });
  codes.unshift(kept);
  // Last, because a server may be slow.
  if (verb === 'sweep' && given.all('response').length === 0) {
    codes.push(await sendMessages(home, dryRun, isJson, io));
    if (!dryRun)
      codes.push(await sendReports(home, io, (each) => say(each, { name: ABUSEIPDB }, dryRun, isJson, io)));
  }
  return codes.findLast((code) => code !== EX.OK) ?? EX.OK;
}

/** Records the entries that were kept in memory while the disk was full. */
function recordAndSay(home: Home, isJson: boolean, io: Io): ExitCode {
  try {
    const count = recordKept(home);
    const reason = `recorded ${counted(count, 'change')} that Riposte kept in memory while the disk was full`;
    if (count > 0) io.out(isJson ? printableJson({ outcome: 'tidied', reason }) : reason);
    return EX.OK;
  } catch (error) {
    const { message, exitCode } = asRiposteError(error);
    io.err(`riposte: ${message}\n`);
    return exitCode;
  }
}

async function sendMessages(home: Home, dryRun: boolean, isJson: boolean, io: Io): Promise<ExitCode> {
  if (!dryRun) return sendWaiting(home, io, (each) => say(each, { name: EMAIL_ALERT }, dryRun, isJson, io));
  const count = countWaiting(home);
  if (count > 0 && !isJson)
    io.out(`${EMAIL_ALERT}: rehearsed: dry run: would send ${count} waiting messages`);
  return EX.OK;
}

function say(
  { outcome, exitCode }: Result,
  { name }: Pick<Response, 'name'>,
  dryRun: boolean,
  isJson: boolean,
  io: Io,
): void {
  const { word, address, reason, block } = outcome;
  const told = dryRun && exitCode === EX.OK ? rehearsal(outcome) : outcome;
  if (isJson)
    io.out(
      printableJson({ response: name, address, outcome: word, reason, backend: block?.backend, dryRun }),
    );
  else if (exitCode === EX.OK) io.out(describeOutcome(name, told));
  else io.err(`${describeOutcome(name, told)}\n`);
}

function sayTidied({ name }: Response, lines: readonly string[], isJson: boolean, io: Io): void {
  for (const line of lines)
    io.out(isJson ? printableJson({ response: name, outcome: 'tidied', reason: line }) : `${name}: ${line}`);
}

/** Records outcomes except repeated ones, because each line of active-responses.log may cause a mail. */
function writeDown(home: Home, { name }: Response, swept: readonly Result[], io: Io): ExitCode {
  const script = scriptOf(home, name);
  const errors = record(
    home,
    name,
    script,
    swept.filter(({ isKnown }) => !isKnown),
  );
  for (const { message } of errors) io.err(`riposte: ${message}\n`);
  return errors[0]?.exitCode ?? EX.OK;
}
