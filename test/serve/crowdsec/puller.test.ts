import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Block, readBlock, writeBlock } from '../../../active-response/ledger.ts';
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

test('leaves a ban of fail2ban as it is when the LAPI returns the decision that this host reported for it', async () => {
  const context = apacheContext();
  const { home } = context;
  const until = new Date(Date.now() + 3_600_000).toISOString();
  const ban: Block = {
    address: ADDRESS,
    response: 'apache-deny',
    backend: 'map',
    since: new Date().toISOString(),
    until,
    offence: 1,
    origins: { 'fail2ban:sshd': until },
  };
  writeBlock(home, ban);
  const settings = { ...loadCrowdsecSettings(home.settings), crowdsecMachine: 'web1' };
  const lapi = new Lapi(home, settings);
  const entry = { address: parseAddress(ADDRESS), line: 1, seconds: 3600 };
  const reported = { id: 1, origin: 'riposte:web1', scenario: 'riposte/fail2ban-sshd', entry };
  lapi.stream = async () => ({ added: [reported], deleted: [] });
  await new Puller(lapi, { context, most: 10, mayBeEmpty: false }).pull();
  assert.equal(readBlock(home, 'apache-deny', ADDRESS)?.origins, ban.origins);
  // If only a list asks for the block, this host has not decided it: another host uses the same machine name.
  writeBlock(home, { ...ban, origins: { drop: until } });
  await new Puller(lapi, { context, most: 10, mayBeEmpty: false }).pull();
  assert.equal(Object.keys(readBlock(home, 'apache-deny', ADDRESS)?.origins ?? {}).sort(), [
    'crowdsec',
    'drop',
  ]);
});

test.run();
