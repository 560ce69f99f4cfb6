import type { Swept } from '../../active-response/carry-out.ts';
import type { Response } from '../../active-response/circumstances.ts';
import { EX, type ExitCode, RiposteError } from '../../active-response/errors.ts';
import type { Home } from '../../active-response/home.ts';
import { countWaiting } from '../../active-response/notify/spool.ts';
import { describeOutcome, rehearsal } from '../../active-response/outcome.ts';
import { record } from '../../active-response/record.ts';
import { sweep as sweepOne } from '../../active-response/sweep.ts';
import type { Arguments } from '../arguments.ts';
import { HOME_OPTION, homeOf } from '../home.ts';
import { printableJson } from '../json.ts';
import { EMAIL_ALERT, sendWaiting } from '../notify/send-waiting.ts';
import { placesOf, scriptOf } from '../place.ts';
import { RESPONSE_OPTION, responsesOf } from '../response-option.ts';
import { demandRoot } from '../root.ts';
import { tidy } from '../tidy.ts';
import type { Io, Verb } from '../verb.ts';

const OPTIONS = {
  ...RESPONSE_OPTION,
  'dry-run': { text: 'say what would be done, and do nothing' },
  json: { text: 'one object a line: each thing that was done, or failed' },
  ...HOME_OPTION,
};

const NOTES =
  'Nothing to do, nothing said. Exit status: 0, or that of the last failure. Rules, sets and routes that are not Riposte’s are never touched.';

/** riposte sweep: for a timer. */
export const sweep: Verb = {
  summary: 'end what is over, put right what is not as the ledger says, send what waits',
  operands: '',
  options: OPTIONS,
  notes: NOTES,
  examples: [
    ['riposte sweep', 'what has to be done every few minutes: a timer runs it'],
    ['riposte sweep --dry-run', 'what it would do now'],
  ],
  run: async (given, io) => run('sweep', given, io),
};

/** riposte restore: for the time after a reboot, or after somebody has flushed the firewall. */
export const restore: Verb = {
  summary: 'put back every block that still has time, as after a reboot',
  operands: '',
  options: OPTIONS,
  notes: NOTES,
  examples: [['riposte restore', 'the blocks that still have time are in force again, all in one go']],
  run: async (given, io) => run('restore', given, io),
};

async function run(verb: 'sweep' | 'restore', given: Arguments, io: Io): Promise<ExitCode> {
  if (given.rest.length > 0)
    throw new RiposteError(EX.USAGE, `riposte ${verb} takes no ${given.rest[0]}; --response NAME limits it`);
  const responses = responsesOf(given);
  demandRoot(verb);
  const home = homeOf(given, io);
  const [isJson, dryRun] = [given.flag('json'), given.flag('dry-run')];
  const codes = placesOf(responses, home, io, dryRun).map((place) => {
    const { response } = place;
    const quiet = { ...place, dryRun: () => {} };
    const swept = sweepOne(isJson && dryRun ? quiet : place);
    for (const each of swept) say(each, response, dryRun, isJson, io);
    const recorded = dryRun ? EX.OK : writeDown(home, response, swept, io);
    if (verb === 'sweep' && !dryRun) sayTidied(response, tidy(place), isJson, io);
    return swept.findLast(({ exitCode }) => exitCode !== EX.OK)?.exitCode ?? recorded;
  });
  // Last, as a server may take its time.
  if (verb === 'sweep' && given.all('response').length === 0)
    codes.push(await sendMessages(home, dryRun, isJson, io));
  return codes.findLast((code) => code !== EX.OK) ?? EX.OK;
}

async function sendMessages(home: Home, dryRun: boolean, isJson: boolean, io: Io): Promise<ExitCode> {
  if (!dryRun) return sendWaiting(home, io, (each) => say(each, { name: EMAIL_ALERT }, dryRun, isJson, io));
  const count = countWaiting(home);
  if (count > 0 && !isJson) io.out(`${EMAIL_ALERT}: rehearsed: dry run: would send what waits: ${count}`);
  return EX.OK;
}

function say(
  { outcome, exitCode }: Swept,
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

/** What was told in the same words before is not for the log again: each line of it may be a mail. */
function writeDown(home: Home, { name }: Response, swept: readonly Swept[], io: Io): ExitCode {
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
