import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { journald } from '../../../logs/carriers/journald.ts';
import { assertLinear, bytes, SENT, TIME, VICTIM } from '../support.ts';
import {
  assertNobodyElseIn,
  assertRefused,
  combinedIn,
  combinedLine,
  journalEntry as entryOf,
  insideOf,
  openerOf,
  openLast,
  journalPiece as stdout,
} from './carried.ts';

test('opens a message, with its time', () => {
  assert.equal(openLast(journald, entryOf('a "b" é')), { line: bytes('a "b" é'), time: TIME });
  assert.is(insideOf(journald, stdout('a')), 'a');
  assert.is(insideOf(journald, entryOf([97, 255, 34])), 'a\xff"');
});

test('joins the pieces of each stream separately after a split by journald', () => {
  const opener = openerOf(journald);
  assert.is(opener.open(stdout('a', 'line-max')), 'incomplete');
  assert.is(opener.open(stdout('x', 'line-max', 'other')), 'incomplete');
  assert.is(opener.open(stdout('b', 'line-max')), 'incomplete');
  assert.equal(opener.open(stdout('y', undefined, 'other')), { line: 'xy', time: TIME });
  assert.equal(opener.open(stdout('c')), { line: 'abc', time: TIME });
});

test("joins the pieces of a line that Docker's journald driver has split", () => {
  const fields = { _TRANSPORT: 'journal', CONTAINER_ID_FULL: 'c1', PRIORITY: '6', CONTAINER_PARTIAL_ID: 'p' };
  const opener = openerOf(journald);
  assert.is(opener.open(entryOf('a', { ...fields, CONTAINER_PARTIAL_MESSAGE: 'true' })), 'incomplete');
  assert.equal(opener.open(entryOf('x', { ...fields, PRIORITY: '3' })), {
    line: 'x',
    time: TIME,
    isError: true,
  });
  assert.equal(opener.open(entryOf('b', fields)), { line: 'ab', time: TIME });
});

test('treats a container’s line as an error unless it has the priority of standard output', () => {
  const opener = openerOf(journald);
  const container = { CONTAINER_ID_FULL: 'c1' };
  for (const priority of ['0', '3', '4', '5', '7', '06', ''])
    assert.equal(
      opener.open(entryOf('x', { ...container, PRIORITY: priority })),
      { line: 'x', time: TIME, isError: true },
      priority,
    );
  assert.equal(opener.open(entryOf('x', container)), { line: 'x', time: TIME, isError: true });
});

test('never reads a request in a container’s standard error', () => {
  const reader = combinedIn(journald);
  const container = { CONTAINER_ID_FULL: 'c1' };
  assert.is(reader.read(entryOf(combinedLine(SENT), { ...container, PRIORITY: '6' })).kind, 'access');
  assert.is(reader.read(entryOf(combinedLine(SENT), { ...container, PRIORITY: '3' })).kind, 'nothing');
});

for (const lineBreak of ['nul', 'eof', 'pid-change', 'something new']) {
  test(`refuses a message with the line break ${lineBreak}, and the next message, which may be its rest`, () => {
    const opener = openerOf(journald);
    assertRefused(opener.open(stdout('a', lineBreak)), `journald says ${lineBreak}`);
    assertRefused(opener.open(stdout(VICTIM)), 'missing');
    assert.equal(opener.open(stdout('whole')), { line: 'whole', time: TIME });
  });
}

test('refuses the rest of a line when journalctl has left out a piece, or a piece cannot be opened', () => {
  for (const lost of [
    stdout(null, 'line-max'),
    stdout(['a', 'b'], 'line-max'),
    stdout('a', 'line-max').slice(0, -1),
  ]) {
    const opener = openerOf(journald);
    opener.open(stdout('whole'));
    assertRefused(opener.open(lost), '');
    assertRefused(opener.open(stdout(`${VICTIM} - -`)), 'missing');
    assert.equal(opener.open(stdout('whole')), { line: 'whole', time: TIME });
  }
});

test('reads the next line when journalctl has left out the last piece of a line', () => {
  const opener = openerOf(journald);
  opener.open(stdout('a', 'line-max'));
  assertRefused(opener.open(stdout(null)), '--all');
  assert.equal(opener.open(stdout('whole')), { line: 'whole', time: TIME });
});

test('refuses the rest of a message that a program has cut', () => {
  const reader = combinedIn(journald);
  const line = combinedLine({ ...SENT, userAgent: 'x'.repeat(2000) });
  assert.is(reader.read(entryOf(line.slice(0, 1024))).kind, 'unreadable');
  assert.is(
    reader.read(entryOf(combinedLine(SENT))).kind,
    'unreadable',
    'it may be the rest of the line before',
  );
  assert.is(reader.read(entryOf(combinedLine(SENT))).kind, 'access');
});

for (const [what, line, reason] of [
  ['no message', entryOf(undefined), 'no MESSAGE'],
  ['no time', entryOf('a').replace('__REALTIME', '_REALTIME'), 'no MESSAGE'],
  ['a message that was left out', entryOf(null), '--all'],
  ['a message that is a list of texts', entryOf(['a', 'b']), 'neither'],
  ['a message with a number that is not a byte', entryOf([1, 256]), 'neither'],
  ['several lines', entryOf('a\nb'), 'several lines'],
  ['a piece without its stream', entryOf('a', { _LINE_BREAK: 'line-max' }), 'without the name of its stream'],
  ['a message that occurs twice', entryOf('a').replace('{', '{"MESSAGE":"b",'), 'twice'],
  ['no JSON', 'a', 'not a JSON object'],
] as const) {
  test(`refuses a line with ${what}`, () => {
    assertRefused(openLast(journald, line), reason);
  });
}

test('finds the client or none, wherever lines are split', () => {
  const split = (line: string, at: readonly number[]) =>
    // journald removes spaces from the ends of pieces.
    [0, ...at].map((from, index) =>
      stdout(line.slice(from, at[index] ?? line.length).trim(), index < at.length ? 'line-max' : undefined),
    );
  assertNobodyElseIn(journald, split, false);
  assertNobodyElseIn(journald, (line) => [entryOf(line)], true);
});

test('takes time in proportion to the length of a line', () => {
  for (const text of ['a', '"', '\u0001'])
    assertLinear((size) => combinedIn(journald).read(entryOf(text.repeat(size / 8))));
  assertLinear((size) => combinedIn(journald).read(entryOf(Array.from({ length: size / 4 }, () => 200))));
});

test.run();
