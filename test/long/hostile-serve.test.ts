import { writtenRequests } from '../hostile/requests.ts';
import { assertSound, hostileSuite, settingOf } from '../hostile/suite.ts';
import { ask, askServer, scan, serve } from '../hostile/verdict.ts';

/** The hostile requests on real servers, in all settings, as `riposte scan` and `riposte serve` read them. */
const { test, recording, host, settingNames } = await hostileSuite('hostile requests, scanned and served', [
  { name: 'written', requests: writtenRequests },
]);

for (const name of settingNames()) {
  test(`scan blocks the attackers and names nobody else: ${name}`, async () => {
    const setting = settingOf(recording('written'), name);
    await assertSound(setting, await ask(scan, setting));
  });
  test(`serve blocks the attackers and names nobody else: ${name}`, async () => {
    const setting = settingOf(recording('written'), name);
    await assertSound(setting, await askServer(host(), serve, setting));
  });
}

test.run();
