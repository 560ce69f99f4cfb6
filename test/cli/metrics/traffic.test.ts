import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { addTraffic, parseIptables, parseNftCounter } from '../../../cli/metrics/traffic.ts';

test('what a counter has got since the last look is added; one that began anew counts from 0', () => {
  let sum = addTraffic(undefined, { packets: 3, bytes: 180 });
  sum = addTraffic(sum, { packets: 5, bytes: 300 });
  assert.equal([sum.packets, sum.bytes], [5, 300]);
  sum = addTraffic(sum, { packets: 1, bytes: 60 });
  assert.equal([sum.packets, sum.bytes], [6, 360]);
  sum = addTraffic(sum, { packets: 0, bytes: 0 });
  sum = addTraffic(sum, { packets: 2, bytes: 120 });
  assert.equal([sum.packets, sum.bytes], [8, 480]);
});

test('a counter that was made anew and has already more packets, but fewer bytes, began anew', () => {
  const sum = addTraffic(addTraffic(undefined, { packets: 2, bytes: 3000 }), { packets: 3, bytes: 180 });
  assert.equal([sum.packets, sum.bytes], [5, 3180]);
});

test('nft’s counter, or none', () => {
  const json = `{"nftables": [{"metainfo": {"version": "1.0.6"}}, {"counter": {"family": "inet",
    "name": "dropped", "table": "riposte", "handle": 4, "packets": 7, "bytes": 588}}]}`;
  assert.equal(parseNftCounter(json), { packets: 7, bytes: 588 });
  assert.equal(parseNftCounter(''), { packets: 0, bytes: 0 });
});

test('the rules of our chain in iptables, or no chain', () => {
  const listing = `-P PREROUTING ACCEPT -c 900 90000
-N RIPOSTE
-N DOCKER
-A PREROUTING -m set --match-set riposte4 src -c 12 1008 -j RIPOSTE
-A RIPOSTE -p tcp -m multiport --dports 80 -c 2 168 -j DROP
-A RIPOSTE -p udp -m multiport --dports 80 -c 10 840 -j DROP
-A DOCKER -c 5 500 -j DROP
`;
  assert.equal(parseIptables(listing), { packets: 12, bytes: 1008 });
  assert.equal(parseIptables(''), { packets: 0, bytes: 0 });
});

test.run();
