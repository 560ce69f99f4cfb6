import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Answered } from '../../../cli/serve/answered.ts';

const test = suite('answered');
let now = 0;
const blocked = new Set<string>();
let answered: Answered;

test.before.each(() => {
  now = 0;
  blocked.clear();
  answered = new Answered(
    (address) => blocked.has(address),
    () => now,
  );
});

test('one answer a minute for an address', () => {
  assert.ok(answered.isNew('203.0.113.9', 10));
  now = 59_999;
  assert.not(answered.isNew('203.0.113.9', 10));
  assert.ok(answered.isNew('203.0.113.10', 10));
  now = 60_000;
  assert.ok(answered.isNew('203.0.113.9', 10));
});

test('a severer alert is answered at once, and counts from then on', () => {
  assert.ok(answered.isNew('203.0.113.9', 10));
  assert.ok(answered.isNew('203.0.113.9', 12));
  assert.not(answered.isNew('203.0.113.9', 12));
  assert.not(answered.isNew('203.0.113.9', 10));
});

test('who was blocked is left alone while he is, and answered again when somebody has ended it', () => {
  assert.ok(answered.isNew('203.0.113.9', 10));
  blocked.add('203.0.113.9');
  answered.blocked('203.0.113.9');
  assert.not(answered.isNew('203.0.113.9', 10));
  blocked.clear();
  assert.ok(answered.isNew('203.0.113.9', 10));
  assert.not(answered.isNew('203.0.113.9', 10)); // this block is being made
});

test('after a failure the next alert is answered', () => {
  assert.ok(answered.isNew('203.0.113.9', 10));
  answered.forget('203.0.113.9');
  assert.ok(answered.isNew('203.0.113.9', 10));
});

test('of more than 100,000 the first one is forgotten', () => {
  for (let index = 0; index < 100_001; index++) answered.isNew(`source ${index}`, 10);
  assert.ok(answered.isNew('source 0', 10));
  assert.not(answered.isNew('source 100000', 10));
});

test.run();
