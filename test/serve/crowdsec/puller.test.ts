import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readBlock } from '../../../active-response/ledger.ts';
import { loadCrowdsecSettings } from '../../../active-response/settings/crowdsec-settings.ts';
import { parseAddress } from '../../../base/address.ts';
import { Lapi } from '../../../serve/crowdsec/lapi.ts';
import { Puller } from '../../../serve/crowdsec/puller.ts';
import { apacheContext } from '../../active-response/apache-context.ts';

const ADDRESS = '203.0.113.9';

test('blocks for the duration of a decision, even if the clock is changed before the LAPI answers', async () => {
  const context = apacheContext();
  const { home } = context;
  const now = Date.now;
  const lapi = new Lapi(home, loadCrowdsecSettings(home.settings));
  lapi.stream = async () => {
    Date.now = () => now() + 86_400_000;
    const entry = { address: parseAddress(ADDRESS), line: 1, seconds: 600 };
    return { added: [{ id: 1, origin: 'cscli', scenario: 'by hand', entry }], deleted: [] };
  };
  try {
    await new Puller(lapi, { context, most: 10, mayBeEmpty: false }).pull();
    const { until } = readBlock(home, 'apache-deny', ADDRESS) ?? {};
    const left = (Date.parse(until ?? '') - Date.now()) / 1000;
    assert.ok(left > 300 && left <= 600, String(left));
  } finally {
    Date.now = now;
  }
});

test.run();
