import { generatedRequests, writtenRequests } from '../hostile/requests.ts';
import { assertAllLogged, assertSound, hostileSuite, settingOf, type Wanted } from '../hostile/suite.ts';
import { ask, replay } from '../hostile/verdict.ts';

/** Real servers in all settings get all hostile requests, and `riposte replay` reads their logs. */
const RECORDINGS: readonly Wanted[] = [
  { name: 'written', requests: writtenRequests },
  { name: 'generated', requests: generatedRequests },
  { name: 'written-ipv6', requests: writtenRequests, family: 6 },
  { name: 'generated-ipv6', requests: generatedRequests, family: 6 },
];

const { test, recording, settingNames } = await hostileSuite('all hostile requests, replayed', RECORDINGS);

for (const { name: recorded, family } of RECORDINGS) {
  test(`logs each request on each server: ${recorded}`, async () => {
    await assertAllLogged(recording(recorded));
  });
  for (const name of settingNames(family))
    test(`replay blocks the attackers and names no other address: ${recorded}, ${name}`, async () => {
      const setting = settingOf(recording(recorded), name);
      await assertSound(setting, await ask(replay, setting));
    });
}

test.run();
