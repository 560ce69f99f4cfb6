import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BlockQueue, networkOf, type Urgency, type Waiting } from '../../serve/block-queue.ts';

/** A queue of these addresses. */
function queueOf(all: readonly (string | Partial<Waiting>)[]): BlockQueue<Waiting> {
  const queue = new BlockQueue<Waiting>();
  for (const each of all) {
    const some = typeof each === 'string' ? { address: each } : each;
    queue.add({ address: '', urgency: 'other', isReport: false, ...some });
  }
  return queue;
}

const taken = (queue: BlockQueue<Waiting>, most: number): string[] =>
  queue.take(most).map(({ address }) => address);

/** So many addresses of one IPv6 network. */
const flood = (count: number, more: Partial<Waiting> = {}): Partial<Waiting>[] =>
  Array.from({ length: count }, (_, index) => ({ address: `2001:db8:0:${index.toString(16)}::1`, ...more }));

test('takes the oldest first', () => {
  const queue = queueOf(['192.0.2.1', '198.51.100.1', '203.0.113.1']);
  assert.equal(taken(queue, 2), ['192.0.2.1', '198.51.100.1']);
  assert.equal(taken(queue, 2), ['203.0.113.1']);
  assert.is(queue.size, 0);
});

test('takes severe detections first, then repeated ones', () => {
  const waiting = (address: string, urgency: Urgency) => ({ address, urgency });
  const queue = queueOf([
    waiting('192.0.2.1', 'other'),
    waiting('198.51.100.1', 'repeated'),
    waiting('203.0.113.1', 'severe'),
  ]);
  assert.equal(taken(queue, 3), ['203.0.113.1', '198.51.100.1', '192.0.2.1']);
});

test('takes an attacker behind a flood of one network into the next batch', () => {
  const queue = queueOf([...flood(1000), '203.0.113.1']);
  assert.ok(taken(queue, 8).includes('203.0.113.1'));
});

test('leaves room for others when the flood is severe', () => {
  const queue = queueOf([...flood(1000, { urgency: 'severe' }), '203.0.113.1']);
  assert.ok(taken(queue, 8).includes('203.0.113.1'));
});

test('gives one network the whole batch when nobody else waits', () => {
  assert.is(taken(queueOf(flood(1000)), 100).length, 100);
});

test('gives each of many networks its turn', () => {
  const networks = Array.from({ length: 8 }, (_, index) => `198.18.${index}.1`);
  const queue = queueOf([...networks, ...networks.map((each) => each.replace(/1$/, '2'))]);
  const batches = [taken(queue, 4), taken(queue, 4)].flat();
  assert.equal(batches, networks);
});

test('gives the reports of the hook a quarter of a batch while detections wait', () => {
  const reports = Array.from({ length: 100 }, (_, index) => ({
    address: `198.18.${index}.1`,
    isReport: true,
  }));
  const queue = queueOf([...reports, ...flood(100)]);
  const batch = queue.take(20);
  assert.is(batch.filter(({ isReport }) => isReport).length, 5);
  assert.is(batch.length, 20);
});

test('gives reports the room that detections leave', () => {
  const queue = queueOf([
    { address: '198.18.0.1', isReport: true },
    { address: '198.18.1.1', isReport: true },
  ]);
  assert.is(taken(queue, 2).length, 2);
});

test('drops the oldest of the network with the most blocks, and no severe one while others wait', () => {
  const queue = queueOf([{ address: '203.0.113.1', urgency: 'severe' }, '192.0.2.1', ...flood(2)]);
  const dropped = [queue.drop(), queue.drop(), queue.drop(), queue.drop(), queue.drop()];
  assert.equal(
    dropped.map((each) => each?.address),
    ['2001:db8:0:0::1', '192.0.2.1', '2001:db8:0:1::1', '203.0.113.1', undefined],
  );
  assert.is(queue.size, 0);
});

test('counts a /24 and a /48 as one network', () => {
  assert.is(networkOf('203.0.113.1'), networkOf('203.0.113.200'));
  assert.is.not(networkOf('203.0.113.1'), networkOf('203.0.114.1'));
  assert.is(networkOf('2001:db8:1:2::1'), networkOf('2001:db8:1:3::1'));
  assert.is.not(networkOf('2001:db8:1::1'), networkOf('2001:db8:2::1'));
  assert.is(networkOf('::ffff:203.0.113.1'), networkOf('203.0.113.2'));
});

test.run();
