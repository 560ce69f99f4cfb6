import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { addTraffic } from '../../metrics/traffic.ts';

test('adds a counter’s increase since the last reading, and counts from 0 after a reset', () => {
  let sum = addTraffic(undefined, { packets: 3, bytes: 180 });
  sum = addTraffic(sum, { packets: 5, bytes: 300 });
  assert.equal([sum.packets, sum.bytes], [5, 300]);
  sum = addTraffic(sum, { packets: 1, bytes: 60 });
  assert.equal([sum.packets, sum.bytes], [6, 360]);
  sum = addTraffic(sum, { packets: 0, bytes: 0 });
  sum = addTraffic(sum, { packets: 2, bytes: 120 });
  assert.equal([sum.packets, sum.bytes], [8, 480]);
});

test('recognizes a reset when a counter has more packets but fewer bytes', () => {
  const sum = addTraffic(addTraffic(undefined, { packets: 2, bytes: 3000 }), { packets: 3, bytes: 180 });
  assert.equal([sum.packets, sum.bytes], [5, 3180]);
});

test.run();
