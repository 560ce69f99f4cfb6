import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cri } from '../../../logs/carriers/cri.ts';
import { assertLinear, CLIENT, SENT, TIME, VICTIM } from '../support.ts';
import {
  assertNobodyElseIn,
  assertRefused,
  combinedIn,
  combinedLine,
  openerOf,
  openLast,
  criPiece as pieceOf,
} from './carried.ts';

test('opens a line, with its time', () => {
  assert.equal(openLast(cri, pieceOf(' a  b ')), { line: ' a  b ', time: TIME });
  assert.equal(openLast(cri, pieceOf('a', 'F:x:y')), { line: 'a', time: TIME });
  assert.equal(openLast(cri, '2025-10-10T15:55:36+02:00 stderr F'), {
    line: '',
    time: TIME,
    isError: true,
  });
});

test('joins the pieces of each stream separately', () => {
  const opener = openerOf(cri);
  assert.is(opener.open(pieceOf('a ', 'P')), 'incomplete');
  assert.equal(opener.open(pieceOf('other', 'F', 'stderr')), { line: 'other', time: TIME, isError: true });
  assert.is(opener.open(pieceOf('b ', 'P')), 'incomplete');
  assert.equal(opener.open(pieceOf('c')), { line: 'a b c', time: TIME });
});

test('reads no access line from standard error', () => {
  const reader = combinedIn(cri);
  assert.is(reader.read(pieceOf(combinedLine(SENT))).kind, 'access');
  assert.is(reader.read(pieceOf(combinedLine(SENT).replace(CLIENT, VICTIM), 'F', 'stderr')).kind, 'nothing');
});

test('refuses the rest of a line when one of its pieces could not be opened', () => {
  const opener = openerOf(cri);
  assertRefused(opener.open('2025-10-10T13:55:36.123456789Z stdout'), 'a time, a stream and a tag');
  assertRefused(opener.open(pieceOf(`${VICTIM} - -`)), 'missing');
});

for (const line of [
  '',
  'a',
  pieceOf('a', 'X'),
  pieceOf('a', 'F', 'stdin'),
  `x${pieceOf('a')}`,
  pieceOf('a', 'FF'),
]) {
  test(`refuses ${line}`, () => {
    assertRefused(openLast(cri, line), 'a time, a stream and a tag');
  });
}

test('finds the client or none, wherever lines are split', () => {
  const split = (line: string, at: readonly number[]) =>
    [0, ...at].map((from, index) =>
      index < at.length ? pieceOf(line.slice(from, at[index]), 'P') : pieceOf(line.slice(from)),
    );
  assertNobodyElseIn(cri, split, true);
});

test('takes time in proportion to the length of a line', () => {
  for (const text of ['a', '"', '\\', ':'])
    assertLinear((size) => combinedIn(cri).read(pieceOf(text.repeat(size))));
  assertLinear((size) => combinedIn(cri).read(pieceOf('a', `F${':x'.repeat(size / 2)}`)));
});

test.run();
