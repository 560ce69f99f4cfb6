import { parseTarget } from '../../active-response/address.ts';
import { EX, type ExitCode, RiposteError } from '../../active-response/errors.ts';
import { printable } from '../../active-response/printable.ts';
import { RESPONSES, responseNamed } from '../../active-response/response/responses.ts';
import { seconds } from '../../active-response/settings/values.ts';
import { type Answer, act, requestOf, tell } from '../by-hand/act.ts';
import { DRY_RUN_OPTION, REASON_OPTION, reasonOf } from '../by-hand/options.ts';
import { HOME_OPTION, homeOf } from '../home.ts';
import { placeOf } from '../place.ts';
import { RESPONSE_NAMES } from '../response-option.ts';
import { demandRoot } from '../root.ts';
import type { Verb } from '../verb.ts';

const DEFAULT_RESPONSE = RESPONSES[0]?.name ?? '';

/** riposte block: what the manager's add does, by hand. */
export const block: Verb = {
  summary: 'block addresses or prefixes',
  operands: 'ADDRESS…',
  options: {
    response: { value: RESPONSE_NAMES, text: `what blocks (default ${DEFAULT_RESPONSE})` },
    for: { value: 'TIME', text: 'how long, such as 10m, 1d, 1w, whatever BLOCK_FOR says' },
    reason: REASON_OPTION,
    'dry-run': DRY_RUN_OPTION,
    ...HOME_OPTION,
  },
  notes: `Without --for: as long as BLOCK_FOR says, else until somebody unblocks. An alert about the same address that
comes later may make it longer, and its manager does not end it before.
Whom Riposte never blocks it does not block by hand either: the exit status is ${EX.DATAERR} then, not 0 as for a manager,
because you asked for a block and there is none.`,
  examples: [
    ['riposte block 203.0.113.7', 'block it in the firewall until somebody unblocks it'],
    ['riposte block 198.51.100.0/24 --for 1d --reason "scans"', 'block a network for a day'],
  ],

  async run(given, io) {
    if (given.rest.length === 0) throw new RiposteError(EX.USAGE, 'block needs an address or a prefix');
    const addresses = given.rest.map(parseTarget);
    const more = { blockFor: secondsOf(given.value('for')), note: reasonOf(given) };
    const dryRun = given.flag('dry-run');
    const response = responseNamed(given.value('response') ?? DEFAULT_RESPONSE);
    if (!dryRun) demandRoot('block');
    const place = placeOf(response, homeOf(given, io), io, { dryRun });
    let exitCode: ExitCode = EX.OK;
    for (const { text } of addresses) {
      const answer = heldIsFailure(await act(requestOf('add', text, more), place));
      const code = tell([answer], place, io);
      if (exitCode === EX.OK) exitCode = code;
    }
    return exitCode;
  },
};

function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = seconds(text);
  if (value !== undefined) return value;
  throw new RiposteError(EX.USAGE, `--for is a time such as 10m, 2h or 1d, not '${printable(text, 40)}'`);
}

function heldIsFailure(answer: Answer): Answer {
  return answer.entry.outcome.word === 'held' ? { ...answer, exitCode: EX.DATAERR } : answer;
}
