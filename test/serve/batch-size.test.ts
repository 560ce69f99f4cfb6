import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BatchSize } from '../../serve/batch-size.ts';

test('begins with batches of 500 blocks, and keeps that size while a batch takes at most 300 ms', () => {
  const size = new BatchSize();
  assert.is(size.most, 500);
  size.took(500, 300);
  assert.is(size.most, 500);
});

test('shrinks batches that take longer, and grows them again', () => {
  const size = new BatchSize();
  size.took(500, 600);
  assert.is(size.most, 250);
  size.took(125, 75);
  assert.is(size.most, 500);
});

test('does not change the batch size after a batch of one block', () => {
  const size = new BatchSize();
  size.took(1, 2_000);
  assert.is(size.most, 500);
  size.took(500, 60_000);
  size.took(1, 20);
  assert.is(size.most, 200);
});

test('shrinks no batch to fewer than 200 blocks', () => {
  const size = new BatchSize();
  size.took(500, 60_000);
  assert.is(size.most, 200);
});

test('does not shrink batches when a small batch takes as long as a large batch', () => {
  const size = new BatchSize();
  size.took(1, 2_000);
  size.took(500, 2_050);
  assert.is(size.most, 500);
  assert.not(size.isSizeDear);
  size.took(125, 100);
  assert.ok(size.isSizeDear);
});

test.run();
