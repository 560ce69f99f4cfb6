import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RecentDetections } from '../../serve/recent-detections.ts';

const test = suite('answered');
let now = 0;
const blocked = new Set<string>();
let answered: RecentDetections;

test.before.each(() => {
  now = 0;
  blocked.clear();
  answered = new RecentDetections(
    (address) => blocked.has(address),
    () => now,
  );
});

test('handles one alert about an address each minute', () => {
  assert.ok(answered.isNew('203.0.113.9', 10));
  now = 59_999;
  assert.not(answered.isNew('203.0.113.9', 10));
  assert.ok(answered.isNew('203.0.113.10', 10));
  now = 60_000;
  assert.ok(answered.isNew('203.0.113.9', 10));
});

test('recognizes an address by its blocked network', () => {
  const [one, other, network] = ['2001:db8::1', '2001:db8::2', '2001:db8::/64'];
  assert.ok(answered.isNew(one, 10, network));
  assert.ok(answered.isNew(other, 10, network));
  answered.blocked(one, network);
  blocked.add(network);
  for (const each of [one, '2001:db8::3']) assert.not(answered.isNew(each, 10, network));
  assert.ok(answered.isNew('2001:db8::3', 12, network));
  blocked.delete(network);
  assert.ok(answered.isNew(one, 10, network));
});

test('handles a more severe alert at once, and compares later alerts with that alert', () => {
  assert.ok(answered.isNew('203.0.113.9', 10));
  assert.ok(answered.isNew('203.0.113.9', 12));
  assert.not(answered.isNew('203.0.113.9', 12));
  assert.not(answered.isNew('203.0.113.9', 10));
});

test('ignores an address while its block exists, and handles it again when an operator has ended the block', () => {
  assert.ok(answered.isNew('203.0.113.9', 10));
  blocked.add('203.0.113.9');
  answered.blocked('203.0.113.9');
  assert.not(answered.isNew('203.0.113.9', 10));
  blocked.clear();
  assert.ok(answered.isNew('203.0.113.9', 10));
  assert.not(answered.isNew('203.0.113.9', 10)); // the block is pending
});

test('handles the next alert when a block has failed', () => {
  assert.ok(answered.isNew('203.0.113.9', 10));
  answered.forget('203.0.113.9');
  assert.ok(answered.isNew('203.0.113.9', 10));
});

test('forgets the oldest of more than 100,000 addresses', () => {
  for (let index = 0; index < 100_001; index++) answered.isNew(`source ${index}`, 10);
  assert.ok(answered.isNew('source 0', 10));
  assert.not(answered.isNew('source 100000', 10));
});

test.run();
