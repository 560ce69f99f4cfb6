import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Pieces } from '../../../logs/carriers/pieces.ts';
import { assertRefused } from './carried.ts';

const add = (pieces: Pieces, stream: string, piece: string, isLast: boolean) =>
  pieces.add(stream, piece, isLast, undefined);

test('joins the pieces of each stream', () => {
  const pieces = new Pieces();
  assert.is(add(pieces, 'a', '1', false), 'incomplete');
  assert.is(add(pieces, 'b', 'x', false), 'incomplete');
  assert.is(add(pieces, 'a', '2', false), 'incomplete');
  assert.equal(add(pieces, 'b', 'y', true), { line: 'xy', time: undefined });
  assert.equal(add(pieces, 'a', '3', true), { line: '123', time: undefined });
  assert.equal(add(pieces, 'a', '4', true), { line: '4', time: undefined });
});

test('refuses a line of more than 1 MB to its end, and reads the next line', () => {
  const pieces = new Pieces();
  for (let round = 0; round < 65; round++)
    assert.is(add(pieces, 'a', 'x'.repeat(16_384), false), 'incomplete');
  assert.is(add(pieces, 'a', 'y', false), 'incomplete');
  assertRefused(add(pieces, 'a', 'z', true), 'missing or too long');
  assert.equal(add(pieces, 'a', '1', true), { line: '1', time: undefined });
  add(pieces, 'a', 'x'.repeat(1024 * 1024), false);
  assertRefused(add(pieces, 'a', 'x', true), 'longer than 1 MB');
});

test('refuses the end of a line when the context holds only the line’s middle', () => {
  const pieces = new Pieces();
  pieces.lookBack(true);
  add(pieces, 'a', 'middle', false);
  add(pieces, 'b', 'end', true);
  add(pieces, 'b', 'beginning ', false);
  add(pieces, 'c', 'end', true);
  pieces.lookBack(false);
  assertRefused(add(pieces, 'a', 'end', true), 'missing');
  assert.equal(add(pieces, 'b', 'end', true), { line: 'beginning end', time: undefined });
  for (const stream of ['a', 'c', 'd'])
    assert.equal(add(pieces, stream, 'whole', true), { line: 'whole', time: undefined });
});

test('refuses the rest of each stream’s line when a piece was lost', () => {
  const pieces = new Pieces();
  add(pieces, 'a', 'beginning', false);
  pieces.doubt();
  assertRefused(add(pieces, 'a', 'end', true), 'missing');
  assert.is(add(pieces, 'b', 'middle', false), 'incomplete');
  assertRefused(add(pieces, 'b', 'end', true), 'missing');
  for (const stream of ['a', 'b'])
    assert.equal(add(pieces, stream, '1', true), { line: '1', time: undefined });
});

test('refuses the rest of a line when a piece may be missing in the context', () => {
  const pieces = new Pieces();
  pieces.lookBack(true);
  add(pieces, 'a', 'end', true);
  pieces.doubt();
  pieces.lookBack(false);
  assertRefused(add(pieces, 'a', 'end', true), 'missing');
});

test('keeps the pieces of a bounded number of streams, and refuses the lines of further streams', () => {
  const pieces = new Pieces();
  for (let stream = 0; stream < 100; stream++) add(pieces, `${stream}`, 'x', false);
  assert.equal(add(pieces, '0', 'y', true), { line: 'xy', time: undefined });
  assertRefused(add(pieces, '99', 'y', true), 'missing');
});

test.run();
