import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { handedOn, outcomeInJournal } from '../../active-response/handed-on.ts';
import { homeAt } from '../../active-response/home.ts';
import { type JournalEvent, writeEvents } from '../../active-response/journal.ts';
import { temporaryDirectory } from './support.ts';

const ASKED = '4242-1234.56';

/** A journal of its own. */
function scene() {
  const home = homeAt(temporaryDirectory());
  const write = (...events: Partial<JournalEvent>[]) =>
    writeEvents(
      home,
      events.map((some) => ({
        time: '2026-11-20T09:16:41.090Z',
        event: 'blocked',
        response: 'firewall-drop',
        address: '203.0.113.9',
        reason: 'until deleted',
        ms: 3,
        ...some,
      })),
    );
  return { home, write, look: (asked = ASKED) => outcomeInJournal(home, asked) };
}

test('what the shell has tried is in the environment', () => {
  assert.equal(handedOn({}), { name: undefined, message: undefined, wasAsked: false });
  const env = { RIPOSTE_ASKED: ASKED, RIPOSTE_MESSAGE: '', RIPOSTE_REPLY: 'none' };
  assert.equal(handedOn(env), { name: ASKED, message: '', wasAsked: true });
});

test('without a journal nothing is known', () => {
  assert.is(scene().look(), undefined);
});

test('a request that is in the journal has ended, and no other one has', () => {
  const { write, look } = scene();
  write({ address: '203.0.113.1', asked: '4241-1234.56' }, { asked: ASKED }, { asked: '4242-1234.5' }, {});
  assert.is(look()?.address, '203.0.113.9');
  assert.is(look('4241-1234.56')?.address, '203.0.113.1');
  assert.is(look('4242-1234'), undefined);
  assert.is(look('2-1234.56'), undefined);
});

test('what has failed is worth another try', () => {
  const { write, look } = scene();
  write({ event: 'failed', asked: ASKED });
  assert.is(look(), undefined);
});

test('a line that was cut off tells nothing', () => {
  const { home, write, look } = scene();
  write({});
  appendFileSync(home.journal, `{"event":"blocked","asked":"${ASKED}","rea`);
  assert.is(look(), undefined);
});

test('what an attacker has written into a log line is no event', () => {
  const { write, look } = scene();
  const forged = `x","asked":"${ASKED}","y":"`;
  write({ log: forged, user: forged, location: `"asked":"${ASKED}"`, reason: forged });
  assert.is(look(), undefined);
});

test('it is found at the end of a journal far longer than what is looked at', () => {
  const { home, write, look } = scene();
  mkdirSync(dirname(home.journal), { recursive: true });
  writeFileSync(home.journal, `${'{"event":"blocked"}\n'.repeat(400_000)}`);
  write({ asked: ASKED }, {});
  assert.is(look()?.reason, 'until deleted');
});

test('letters of other languages come back as they were', () => {
  const { write, look } = scene();
  write({ asked: ASKED, reason: 'de l’hôte 漢' });
  assert.is(look()?.reason, 'de l’hôte 漢');
});

test.run();
