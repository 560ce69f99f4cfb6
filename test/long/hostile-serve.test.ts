import { writtenRequests } from '../hostile/requests.ts';
import { assertSound, hostileSuite, settingOf } from '../hostile/suite.ts';
import { ask, askServer, scan, serve } from '../hostile/verdict.ts';

/** Real servers in all settings get hostile requests. `riposte scan` and `riposte serve` read their logs. */
const { test, recording, host, settingNames } = await hostileSuite('hostile requests, scanned and served', [
  { name: 'written', requests: writtenRequests },
]);

for (const name of settingNames()) {
  test(`scan blocks the attackers and names no other address: ${name}`, async () => {
    const setting = settingOf(recording('written'), name);
    await assertSound(setting, await ask(scan, setting));
  });
  test(`serve blocks the attackers and names no other address: ${name}`, async () => {
    const setting = settingOf(recording('written'), name);
    await assertSound(setting, await askServer(host(), serve, setting));
  });
}

test.run();
