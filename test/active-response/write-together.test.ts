import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Blocking } from '../../active-response/decide.ts';
import { homeAt } from '../../active-response/home.ts';
import type { BlockReader } from '../../active-response/ledger.ts';
import { writeTogether } from '../../active-response/write-together.ts';
import { parseAddress } from '../../base/address.ts';
import { temporaryDirectory } from './support.ts';

/** A decision to block an address that has no entry. Its entry is so long that it gets a file of its own. */
function blockingOf(address: string): Blocking {
  const wanted = {
    address,
    response: 'route-null',
    backend: 'route',
    since: '2026-11-20T09:00:00.000Z',
    until: null,
    offence: 1,
    note: 'x'.repeat(5000),
  };
  const again = (): Blocking => ({
    is: 'block',
    address: parseAddress(address),
    before: undefined,
    wanted,
    isRenewal: false,
    answer: undefined,
    again,
  });
  return again();
}

test('sees entries that another process keeps in memory while the disk writes further files of a batch', async () => {
  const fresh: BlockReader = {
    read: () => undefined,
    holds: () => false,
    isStill: () => true,
    hasMemory: false,
  };
  let readers = 0;
  const nowReader = () => (readers++ === 0 ? fresh : { ...fresh, isStill: () => false, hasMemory: true });
  const decisions = ['203.0.113.9', '203.0.113.10'].map(blockingOf);
  const { done, failed } = await writeTogether(homeAt(temporaryDirectory()), decisions, nowReader);
  assert.equal([done.size, failed.size], [1, 0]);
});

test.run();
