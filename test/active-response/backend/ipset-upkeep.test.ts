import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseIptables } from '../../../active-response/backend/ipset-upkeep.ts';

test('sums the rules of Riposte’s chain in iptables, and reads zeros without the chain', () => {
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
