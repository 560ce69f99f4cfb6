import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BlockQueue, type Urgency, type Waiting } from '../../serve/block-queue.ts';

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

/** `count` addresses of one IPv6 network. */
const flood = (count: number, more: Partial<Waiting> = {}): Partial<Waiting>[] =>
  Array.from({ length: count }, (_, index) => ({ address: `2001:db8:0:${index.toString(16)}::1`, ...more }));

test('takes the oldest blocks first', () => {
  const queue = queueOf(['192.0.2.1', '198.51.100.1', '203.0.113.1']);
  assert.equal(taken(queue, 2), ['192.0.2.1', '198.51.100.1']);
  assert.equal(taken(queue, 2), ['203.0.113.1']);
  assert.is(queue.size, 0);
});

test('takes severe detections first, then repeated detections', () => {
  const waiting = (address: string, urgency: Urgency) => ({ address, urgency });
  const queue = queueOf([
    waiting('192.0.2.1', 'other'),
    waiting('198.51.100.1', 'repeated'),
    waiting('203.0.113.1', 'severe'),
  ]);
  assert.equal(taken(queue, 3), ['203.0.113.1', '198.51.100.1', '192.0.2.1']);
});

test('puts an attacker that comes after a flood of one network into the next batch', () => {
  const queue = queueOf([...flood(1000), '203.0.113.1']);
  assert.ok(taken(queue, 8).includes('203.0.113.1'));
});

test('leaves room for other networks when the blocks of a flood are severe', () => {
  const queue = queueOf([...flood(1000, { urgency: 'severe' }), '203.0.113.1']);
  assert.ok(taken(queue, 8).includes('203.0.113.1'));
});

test('ends a batch early so that a flood gets no more than its share while another network waits', () => {
  const queue = queueOf([...flood(1000), '203.0.113.1']);
  assert.is(taken(queue, 100).length, 26);
  assert.is(taken(queue, 100).length, 100);
});

test('gives a flood the rest of the batch when a small batch would take as long as a full batch', () => {
  const queue = queueOf([...flood(1000), '203.0.113.1']);
  const batch = queue.take(100, false).map(({ address }) => address);
  assert.is(batch.length, 100);
  assert.ok(batch.includes('203.0.113.1'));
});

test('gives one network the whole batch when no other network waits', () => {
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

test('fills a batch with reports when there are few detections', () => {
  const queue = queueOf([
    { address: '198.18.0.1', isReport: true },
    { address: '198.18.1.1', isReport: true },
  ]);
  assert.is(taken(queue, 2).length, 2);
});

test('drops the oldest block of the network with the most blocks, and severe blocks last', () => {
  const queue = queueOf([{ address: '203.0.113.1', urgency: 'severe' }, '192.0.2.1', ...flood(2)]);
  const dropped = [queue.drop(), queue.drop(), queue.drop(), queue.drop(), queue.drop()];
  assert.equal(
    dropped.map((each) => each?.address),
    ['2001:db8:0:0::1', '192.0.2.1', '2001:db8:0:1::1', '203.0.113.1', undefined],
  );
  assert.is(queue.size, 0);
});

/** One address in each of `count` /24 of one /16. */
const wideFlood = (count: number, more: Partial<Waiting> = {}): Partial<Waiting>[] =>
  Array.from({ length: count }, (_, index) => ({ address: `198.18.${index}.1`, ...more }));

test('puts an attacker that comes after a flood of one /16 or /32 into the next batch', () => {
  const wide6 = Array.from({ length: 200 }, (_, index) => `2001:db8:${index.toString(16)}::1`);
  for (const some of [wideFlood(200), wide6]) {
    const others = ['203.0.113.1', '192.0.2.1', '192.0.2.2'];
    const batch = taken(queueOf([...some, ...others]), 8);
    assert.ok(
      others.every((each) => batch.includes(each)),
      `${batch}`,
    );
  }
});

test('gives each /24 of a /16 its turn', () => {
  const queue = queueOf(['198.18.0.1', '198.18.0.2', '198.18.0.3', '198.18.1.1']);
  assert.equal(taken(queue, 2), ['198.18.0.1', '198.18.1.1']);
  assert.equal(taken(queue, 2), ['198.18.0.2', '198.18.0.3']);
});

test('drops a block of the /16 with the most blocks, even when each of its /24 has only one block', () => {
  const queue = queueOf(['203.0.113.1', '203.0.113.2', ...wideFlood(3)]);
  assert.equal(
    [queue.drop(), queue.drop(), queue.drop()].map((each) => each?.address),
    ['198.18.0.1', '203.0.113.1', '198.18.1.1'],
  );
});

test.run();
