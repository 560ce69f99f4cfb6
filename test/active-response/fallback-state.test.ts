import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fallbackState, outcomeInJournal } from '../../active-response/fallback-state.ts';
import { homeAt } from '../../active-response/home.ts';
import { type JournalEvent, writeEvents } from '../../active-response/record/journal.ts';
import { temporaryDirectory } from './support.ts';

const ASKED = '4242-1234.56';

/** A home with an empty journal. */
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

test('reads the shell part’s state from the environment', () => {
  assert.equal(fallbackState({}), { name: undefined, message: undefined, wasAsked: false });
  const env = { RIPOSTE_ASKED: ASKED, RIPOSTE_MESSAGE: '', RIPOSTE_REPLY: 'none' };
  assert.equal(fallbackState(env), { name: ASKED, message: '', wasAsked: true });
});

test('finds no outcome without a journal', () => {
  assert.is(scene().look(), undefined);
});

test('finds only the outcome of this request in the journal', () => {
  const { write, look } = scene();
  write({ address: '203.0.113.1', asked: '4241-1234.56' }, { asked: ASKED }, { asked: '4242-1234.5' }, {});
  assert.is(look()?.address, '203.0.113.9');
  assert.is(look('4241-1234.56')?.address, '203.0.113.1');
  assert.is(look('4242-1234'), undefined);
  assert.is(look('2-1234.56'), undefined);
});

test('finds no outcome for a failed request, so that it is retried', () => {
  const { write, look } = scene();
  write({ event: 'failed', asked: ASKED });
  assert.is(look(), undefined);
});

test('ignores a truncated line', () => {
  const { home, write, look } = scene();
  write({});
  appendFileSync(home.journal, `{"event":"blocked","asked":"${ASKED}","rea`);
  assert.is(look(), undefined);
});

test('ignores an event’s text inside a log line that an attacker wrote', () => {
  const { write, look } = scene();
  const forged = `x","asked":"${ASKED}","y":"`;
  write({ log: forged, user: forged, location: `"asked":"${ASKED}"`, reason: forged });
  assert.is(look(), undefined);
});

test('searches only the end of a long journal', () => {
  const { home, write, look } = scene();
  mkdirSync(dirname(home.journal), { recursive: true });
  writeFileSync(home.journal, `${'{"event":"blocked"}\n'.repeat(400_000)}`);
  write({ asked: ASKED }, {});
  assert.is(look()?.reason, 'until deleted');
});

test('preserves letters beyond ASCII', () => {
  const { write, look } = scene();
  write({ asked: ASKED, reason: 'de l’hôte 漢' });
  assert.is(look()?.reason, 'de l’hôte 漢');
});

test.run();
