import { once } from 'node:events';
import { EX, RiposteError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { followEvents } from '../../report/follow-events.ts';
import { headOf, jsonOf, rowOf } from '../../report/history/rows.ts';
import { EVENTS, IN_JOURNAL, wantedOf } from '../../report/history/wanted.ts';
import { HOME_OPTION, homeOf } from '../options/home.ts';
import type { Verb } from '../verb.ts';

/** riposte events: prints events as they happen, for another program. */
export const events: Verb = {
  summary: 'print blocks and unblocks as they happen',
  operands: '[ADDRESS or PREFIX]',
  isLasting: true,
  options: {
    follow: {
      alias: 'f',
      text: 'wait for more, until SIGTERM or Ctrl-C, also across rotations of the journal',
    },
    since: { value: 'TIME', text: 'first the events of the last 7d, or since a date' },
    response: { value: IN_JOURNAL.join('|'), text: 'events of this response only' },
    event: { value: EVENTS.join('|'), text: 'these events only; separate several by commas' },
    json: { text: 'one object a line, as in the journal' },
    ...HOME_OPTION,
  },
  notes: `Needs --follow, --since or both. A program that was interrupted continues with --since and the time of its last event,
and gets that event again. The events of lists have an origin. riposte history shows old events.`,
  examples: [
    ['riposte events --follow', 'show events as they happen, until Ctrl-C'],
    ['riposte events --follow --json --event blocked | my-program', 'hand each block to a program'],
  ],

  async run(given, io) {
    const [address, another] = given.rest;
    if (another !== undefined)
      throw new RiposteError(
        EX.USAGE,
        `events takes one address or prefix, not '${printable(another, 40)}' too`,
      );
    const since = given.value('since');
    const waits = given.flag('follow');
    if (!waits && since === undefined)
      throw new RiposteError(
        EX.USAGE,
        'events needs --follow, --since or both; riposte history shows old events',
      );
    const wanted = wantedOf({
      address,
      since,
      responses: given.all('response'),
      events: given.all('event'),
    });
    const isJson = given.flag('json');
    const ending = new AbortController();
    const end = () => ending.abort();
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, end);
    if (!isJson) io.out(headOf(false));
    const following = { wanted, withOld: since !== undefined, waits, signal: ending.signal };
    for await (const some of followEvents(homeOf(given, io), following)) {
      const lines = some.map((event) => (isJson ? jsonOf(event) : rowOf(event)));
      if (!io.out(lines.join('\n'))) await once(io.stdout, 'drain');
    }
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.off(signal, end);
    return EX.OK;
  },
};
