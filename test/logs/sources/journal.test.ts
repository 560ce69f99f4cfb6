import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  cursorOf,
  isCursor,
  journalArguments,
  journalArgumentsBefore,
  positionAt,
  timeOfCursor,
  timeOfLine,
} from '../../../logs/sources/journal.ts';

const CURSOR = 's=a5a949cc13a8;i=4;b=0f6a3fd3d0a9;m=2dc6c1;t=660b1b00724c0;x=276c7ee057583f71';
/** A line as systemd 252 prints it. Its fields come in any order. */
const LINE = `{"__MONOTONIC_TIMESTAMP":"3000001","__CURSOR":"${CURSOR}","__REALTIME_TIMESTAMP":"1795166139000000","MESSAGE":"GET /","_PID":"103"}`;

test('continues after a cursor, otherwise from a time, and otherwise from the first line', () => {
  const first = (from: Parameters<typeof journalArguments>[0]['from']) =>
    journalArguments({ unit: 'nginx.service', from, follows: false })[0];
  assert.is(first({ cursor: CURSOR, time: '2026-11-20T09:15:39.000Z' }), `--after-cursor=${CURSOR}`);
  assert.is(first({ time: '2026-11-20T09:15:39.250Z' }), '--since=@1795166139.250000');
  assert.is(first(undefined), '--output=json');
});

test('asks for whole messages of the unit’s own processes, and for later messages when it follows', () => {
  const args = journalArguments({ unit: 'nginx.service', from: undefined, follows: true });
  assert.equal(args.slice(0, 2), ['--follow', '--no-tail']);
  assert.ok(args.includes('--all'));
  assert.equal(args.slice(-3), ['-u', 'nginx.service', '_SYSTEMD_UNIT=nginx.service']);
});

test('reads backwards from the time of a cursor', () => {
  assert.equal(journalArgumentsBefore('a.service', CURSOR)?.slice(0, 2), [
    '--reverse',
    '--until=@1795166139.000000',
  ]);
  assert.is(journalArgumentsBefore('a.service', 's=1;i=2'), undefined);
});

test('finds the cursor and the time of a line', () => {
  assert.is(cursorOf(LINE), CURSOR);
  assert.is(timeOfLine(LINE), 1_795_166_139_000_000);
  assert.is(timeOfCursor(CURSOR), 1_795_166_139_000_000);
  for (const line of ['', '{}', '{"__CURSOR":"', '{"__CURSOR":null}']) assert.is(cursorOf(line), undefined);
});

test('takes no cursor and no time from a message', () => {
  const forged = JSON.stringify({
    MESSAGE: `"__CURSOR":"s=1;t=1" {"__CURSOR":"s=2;t=2","__REALTIME_TIMESTAMP":"1"} \\"__CURSOR":"s=3`,
  });
  assert.is(cursorOf(forged), undefined);
  assert.is(timeOfLine(forged), undefined);
  const whole = `${forged.slice(0, -1)},${LINE.slice(1)}`;
  assert.equal([cursorOf(whole), timeOfLine(whole)], [CURSOR, 1_795_166_139_000_000]);
});

test('remembers the time in a cursor, or the time of the read when the cursor has none', () => {
  const now = new Date('2026-11-21T00:00:00Z');
  assert.equal(positionAt(CURSOR, now), { cursor: CURSOR, time: '2026-11-20T09:15:39.000Z' });
  assert.equal(positionAt('c7', now), { cursor: 'c7', time: '2026-11-21T00:00:00.000Z' });
});

test('accepts only a short word without spaces as a cursor', () => {
  assert.ok(isCursor(CURSOR));
  for (const text of ['', 'a b', 'a\n', `a${'b'.repeat(600)}`, undefined, 7]) assert.not(isCursor(text));
});

test.run();
