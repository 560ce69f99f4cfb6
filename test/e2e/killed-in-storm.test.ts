import { appendFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { morfeus } from '../lab/access-log.ts';
import { eachOnItsOwnHost, killServerAfterEach } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import { addressesInForce } from '../lab/in-force.ts';
import type { Installation } from '../lab/installation.ts';
import { eventually, RunningServer, serverState, verb } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';
import { SHARE } from '../runner/share.ts';

/** The tests kill `riposte serve` again and again while very many attackers come at once. */
const test = labSuite('serve, killed in a storm', 'nft');
let host: Host;
let at: Installation;
let server: RunningServer | undefined;

killServerAfterEach(test, () => server);
eachOnItsOwnHost(test, (...made) => ([host, at] = made));

const [KILLS, COUNT] = SHARE === 'quick' ? [6, 500] : [100, 5000];
const source = (index: number) =>
  index % 2 === 0 ? `198.18.${index >> 8}.${index & 255}` : `2001:db8:${index.toString(16)}::1`;

/** The addresses with an event `blocked`, without the events in lines that a kill has cut off. */
async function recorded(): Promise<string[]> {
  const lines = (await at.read('var/riposte/events.jsonl')).split('\n');
  const found = lines.flatMap((line) => /"event":"blocked".*?"address":"([^"]+)"/.exec(line)?.[1] ?? []);
  return [...new Set(found)].sort();
}

/** Each server has time to start on a busy machine, and is killed in the middle of its work. */
async function killAgainAndAgain(log: string): Promise<void> {
  for (let kill = 0; kill < KILLS; kill++) {
    server = RunningServer.launch(at, [log]);
    await pause(400 + ((kill * 410) % 1500));
    await server.end('SIGKILL');
  }
}

test(`blocks each of ${COUNT} attackers once through ${KILLS} kills, and keeps ledger, kernel and log equal`, async () => {
  const log = `${at.home}/access.log`;
  await at.write('etc/riposte.conf', 'IPV6_PREFIX=128\n');
  await at.write('access.log', '');
  server = await RunningServer.start(at, [log]);
  const sources = Array.from({ length: COUNT }, (_, index) => source(index)).sort();
  await appendFile(log, sources.map((each) => morfeus(each)).join(''));
  await eventually('the server blocks', async () => (await recorded()).length > 0);
  await server.end('SIGKILL');
  await killAgainAndAgain(log);
  await server.runsAgain(at, [log], (made) => {
    server = made;
  });
  await eventually('all are blocked', async () => (await recorded()).length === COUNT, { patience: 300_000 });
  await eventually('nothing is pending', async () => (await serverState(at)).pending === 0);
  await server?.end();
  assert.equal(await addressesInForce(host), sources);
  assert.equal(await recorded(), sources);
  for (const each of sources) assert.is((await at.ledger('firewall-drop', each))?.offence, 1, each);
  const offences = (await at.journal()).flatMap(({ offence }) => offence ?? []);
  assert.equal([...new Set(offences)], [1]);
  const logLines = (await at.log()).join('\n');
  for (const each of sources) assert.match(logLines, ` - ${each} `);
  const { exitCode, stdout } = await verb(at, ['sweep']);
  assert.is(exitCode, 0);
  assert.is(stdout, '');
});

test.run();
