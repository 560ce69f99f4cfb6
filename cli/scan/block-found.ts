import type { Place } from '../../active-response/circumstances.ts';
import { EX, RiposteError } from '../../active-response/errors.ts';
import { type Outcome, outcomeOf } from '../../active-response/outcome.ts';
import { printable } from '../../active-response/printable.ts';
import { LONGEST_DESCRIPTION, LONGEST_LOG } from '../../active-response/protocol/fields.ts';
import type { Request } from '../../active-response/protocol/request.ts';
import { record } from '../../active-response/record.ts';
import { respond } from '../../active-response/respond.ts';
import type { Block } from '../../engine/replayer.ts';
import { utf8 } from '../bytes.ts';
import { tellOf } from '../notify/tell-of.ts';
import { scriptOf } from '../place.ts';

/** How long a first offence and the next ones are blocked where BLOCK_FOR says nothing: a day, a week. */
const BLOCK_FOR = [86_400, 7 * 86_400];

/** What the settings are for blocks that no manager will end. */
export const withDurations = (place: Place): Place =>
  place.settings.blockFor.length > 0
    ? place
    : { ...place, settings: { ...place.settings, blockFor: BLOCK_FOR } };

/**
 * Blocks whom the rules found, on the one path that the scripts take, and records it.
 *
 * @returns how it ended, and the exit code that says so
 * @throws RiposteError (CONFIG) for settings or an allow list that no block could pass
 */
export async function blockFound(
  found: Block,
  place: Place,
): Promise<{ outcome: Outcome; exitCode: number }> {
  const { home, response } = place;
  const began = performance.now();
  const script = `${response.name}.js`;
  const request: Request = {
    protocol: 'ossec',
    command: 'add',
    address: utf8(found.address),
    ruleId: String(found.rule),
    ruleLevel: found.level,
    location: utf8(found.location),
    description: printable(found.description, LONGEST_DESCRIPTION),
    log: printable(utf8(found.line), LONGEST_LOG),
    extraArguments: [],
  };
  const ended = await respond(request, { ...place, script, byHand: false, ask: async () => 'continue' }).then(
    (outcome) => ({ outcome, exitCode: EX.OK as number }),
    (error) => failure(error, request),
  );
  const entry = { request, outcome: ended.outcome };
  const source = { spent: performance.now() - began }; // not the process's time: it blocks many
  const unwritten = record(home, response.name, scriptOf(home, response.name), [entry], source);
  if (unwritten[0]) throw unwritten[0];
  // What could not be done will be tried again, and told of then.
  if (ended.exitCode === EX.OK || ended.exitCode === EX.CANTCREAT) tellOf(request, home);
  return ended;
}

function failure(error: unknown, { address }: Request): { outcome: Outcome; exitCode: number } {
  if (!(error instanceof RiposteError) || error.exitCode === EX.CONFIG) throw error;
  return { outcome: outcomeOf(error, address), exitCode: error.exitCode };
}
