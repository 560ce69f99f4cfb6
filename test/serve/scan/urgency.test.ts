import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { homeAt } from '../../../active-response/home.ts';
import { endBlock, writeBlock } from '../../../active-response/ledger.ts';
import { responseNamed } from '../../../active-response/response/responses.ts';
import type { Detection } from '../../../evaluate/detection.ts';
import { urgencyBy } from '../../../serve/scan/urgency.ts';
import { settingsWith, temporaryDirectory } from '../../active-response/support.ts';

function scene() {
  const home = homeAt(temporaryDirectory());
  const response = responseNamed('firewall-drop');
  let now = 0;
  const tell = urgencyBy({ home, response, settings: settingsWith(), env: {}, dryRun: undefined }, () => now);
  return {
    of: (address: string) => tell({ address, rule: 31151, level: 10 } as Detection),
    later: () => {
      now += 1000;
    },
    endBlockOf(address: string) {
      const alike = { since: '2026-11-20T09:00:00.000Z', until: null, offence: 1 };
      writeBlock(home, { address, response: response.name, backend: 'nftables', ...alike });
      endBlock(home, response.name, address);
    },
  };
}

test('recognizes an address that was blocked before, by itself or in a network', () => {
  const it = scene();
  for (const address of ['203.0.113.9', '2001:db8:1:2::/64', '2001:db8:7:8::9']) it.endBlockOf(address);
  assert.is(it.of('203.0.113.9'), 'repeated');
  assert.is(it.of('203.0.113.10'), 'other');
  assert.is(it.of('2001:db8:1:2::77'), 'repeated');
  assert.is(it.of('2001:db8:7:8::9'), 'repeated');
  assert.is(it.of('2001:db8:7:8::10'), 'other');
  assert.is(it.of('a-name'), 'other');
});

test('recognizes an address within a second after the first block of a home has ended', () => {
  const it = scene();
  assert.is(it.of('203.0.113.9'), 'other');
  it.endBlockOf('203.0.113.9');
  it.later();
  assert.is(it.of('203.0.113.9'), 'repeated');
});

test.run();
