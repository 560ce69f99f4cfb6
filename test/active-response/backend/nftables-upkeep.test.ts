import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseNftCounter } from '../../../active-response/backend/nftables-upkeep.ts';

test('reads nft’s counter, and zeros without it', () => {
  const json = `{"nftables": [{"metainfo": {"version": "1.0.6"}}, {"counter": {"family": "inet",
    "name": "dropped", "table": "riposte", "handle": 4, "packets": 7, "bytes": 588}}]}`;
  assert.equal(parseNftCounter(json), { packets: 7, bytes: 588 });
  assert.equal(parseNftCounter(''), { packets: 0, bytes: 0 });
});

test.run();
