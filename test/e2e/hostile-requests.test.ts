import * as assert from 'uvu/assert';
import { THIRD_PARTY, writtenRequests } from '../hostile/requests.ts';
import { assertAllLogged, assertSound, hostileSuite, settingOf } from '../hostile/suite.ts';
import { ask, askServer, faults, replay, serve } from '../hostile/verdict.ts';

/** The hostile requests on real servers in their default settings; test/long has the other settings. */
const { test, recording, host } = await hostileSuite('hostile requests', [
  { name: 'written', requests: writtenRequests },
]);

/** The logs that Apache and nginx write by default, alone and behind a proxy. */
const REPLAYED = [
  'apache.combined',
  'apache.vhost_combined',
  'apache.error',
  'nginx.combined',
  'nginx.error',
  'apache-proxied.main',
  'nginx-proxied.main',
];
const SERVED = ['apache.error', 'nginx.combined'];

test('logs each of at least 80 requests on each server', async () => {
  assert.ok(recording('written').sent.length >= 80);
  await assertAllLogged(recording('written'));
});

test('reports a named third party and missed attackers as faults', async () => {
  const setting = settingOf(recording('written'), 'apache.combined');
  const found = await faults(setting, {
    events: [{ address: THIRD_PARTY, level: 5, line: 'x' }],
    blocked: new Set(),
    refusal: undefined,
  });
  assert.is(found[0], `${THIRD_PARTY} is named by: x`);
  assert.ok(found.length > 50);
});

for (const name of REPLAYED)
  test(`replay blocks the attackers and names nobody else: ${name}`, async () => {
    const setting = settingOf(recording('written'), name);
    await assertSound(setting, await ask(replay, setting));
  });

for (const name of SERVED)
  test(`serve blocks the attackers and names nobody else: ${name}`, async () => {
    const setting = settingOf(recording('written'), name);
    await assertSound(setting, await askServer(host(), serve, setting));
  });

test.run();
