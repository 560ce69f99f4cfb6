import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BatchSize } from '../../serve/batch-size.ts';

test('begins with 500 blocks, and keeps to them while batches take at most 300 ms', () => {
  const size = new BatchSize();
  assert.is(size.most, 500);
  size.took(500, 300);
  assert.is(size.most, 500);
});

test('shrinks batches that take longer, and grows them again', () => {
  const size = new BatchSize();
  size.took(500, 600);
  assert.is(size.most, 250);
  size.took(250, 150);
  assert.is(size.most, 500);
});

test('keeps the size after a small batch that was quick', () => {
  const size = new BatchSize();
  size.took(500, 600);
  size.took(1, 20);
  assert.is(size.most, 250);
});

test('shrinks no batch to fewer than 200 blocks', () => {
  const size = new BatchSize();
  size.took(500, 60_000);
  assert.is(size.most, 200);
  size.took(1, 60_000);
  assert.is(size.most, 200);
});

test.run();
