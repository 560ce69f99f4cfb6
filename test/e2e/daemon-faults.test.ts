import { setTimeout as wait } from 'node:timers/promises';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { allOnOneHost } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { RunningDaemon } from '../lab/running-daemon.ts';
import { labSuite } from '../lab/suite.ts';
import { PATH } from '../lab/tools.ts';
import { SHARE } from '../runner/share.ts';

/** The number of kills, and the number of addresses. RIPOSTE_LONG=1 asks for the long run. */
const [KILLS, ADDRESSES] = process.env.RIPOSTE_LONG ? [100, 5000] : SHARE === 'quick' ? [2, 30] : [10, 150];
/** The number of scripts that run at a time. */
const AT_ONCE = 16;

const test = labSuite('kill -9 of riposte respond', 'nft', 'ip', 'xargs');
let host: Host;
let at: Installation;

allOnOneHost(test, (...made) => ([host, at] = made));

const addressOf = (index: number) => `198.18.${index >> 8}.${index & 255}`;
const all = Array.from({ length: ADDRESSES }, (_, index) => addressOf(index));
/** True for every second address: the test unblocks the other addresses again. */
const staysBlocked = (address: string) => all.indexOf(address) % 2 === 1;

for (const [response, inKernel] of [
  ['firewall-drop', () => host.run('nft list set inet riposte blocked4')],
  ['route-null', () => host.run('ip route show proto 117')],
  ['apache-deny', async () => (await at.read('var/riposte/apache/deny.map')).replace(/^#.*$/gm, '')],
] as const) {
  test(`${response}: keeps ledger, kernel and log equal through ${KILLS} kills in a storm of adds and deletes`, async () => {
    // Start the first daemon before the storm: a fast machine may end the storm before a daemon has started.
    let daemon = await RunningDaemon.start(at.home, host);
    const storm = startStorm(response);
    let kills = 0;
    let isOver = false;
    storm.then(() => {
      isOver = true;
    });
    for (; kills < KILLS && !isOver; kills++) {
      if (kills > 0) daemon = await RunningDaemon.start(at.home, host);
      const before = await answered();
      // Kill each daemon at another moment of its work.
      while (!isOver && (await answered()) < before + 3) await wait(5);
      await wait((kills * 11) % 30);
      await daemon.end('SIGKILL');
    }
    const last = await RunningDaemon.start(at.home, host);
    const { stdout, exitCode } = await storm;
    await last.end();
    assert.equal([exitCode, stdout], [0, ''], 'every script exits with 0');
    // On a busy machine the storm may end before the last kill.
    assert.ok(kills > 0, 'no kill during the storm');

    const wanted = all.filter(staysBlocked).sort();
    const { stdout: listed } = await host.start(['ls', `${at.home}/var/riposte/blocks/${response}`], {});
    assert.equal(
      listed
        .split('\n')
        .map((name) => name.replace('.json', ''))
        .sort(),
      wanted,
      'the ledger',
    );
    const held = [...(await inKernel()).matchAll(/198\.18\.\d+\.\d+/g)].map(([address]) => address);
    assert.equal([...new Set(held)].sort(), wanted, 'in force');
    const words = lastWords(await at.log());
    assert.equal(
      all.filter((address) => words.get(address) !== wordFor(address)),
      [],
      'the log',
    );
    const events = await at.journal();
    assert.equal(
      events.filter(({ offence }) => Number(offence) > 1),
      [],
      'no address has a second offence',
    );
    const asked = events.map((event) => event.asked).filter((name) => name !== undefined);
    assert.is(new Set(asked).size, asked.length, 'no request was answered twice');
    assert.ok(asked.length > 0, 'the daemon answered some requests');
    console.log(
      `    ${response}: ${kills} kills, ${asked.length} of ${ADDRESSES * 1.5} answered by the daemon, ${events.length - ADDRESSES * 1.5} done twice`,
    );
  });
}

/** The number of requests that the daemon has answered so far. */
const answered = async () => (await at.read('var/riposte/events.jsonl')).split('"asked":').length - 1;

const wordFor = (address: string) => (staysBlocked(address) ? 'blocked' : 'unblocked');

/** The last outcome of each address in the log, other than `already`. */
function lastWords(log: readonly string[]): Map<string, string> {
  const found = log.flatMap((line) => {
    const [, address = '', word = ''] = /- (198\.18\.\d+\.\d+) \S+ \S+ (\w+): /.exec(line) ?? [];
    return address === '' || word === 'already' ? [] : [[address, word] as const];
  });
  return new Map(found);
}

/** Adds all addresses, many at a time, and deletes every second address. Prints each command that fails. */
function startStorm(response: string) {
  const script = at.script(response);
  const lines = all.map((address) => `${address} ${staysBlocked(address) ? '' : 'delete'}`.trim());
  const one = `set -- $0; "${script}" add - "$1" 1795166136.16 31151 /x - >/dev/null || echo "add $1: $?"; [ "$2" != delete ] || "${script}" delete - "$1" 1795166136.16 31151 /x - >/dev/null || echo "delete $1: $?"`;
  const words = ['xargs', '-d', '\\n', '-n', '1', '-P', String(AT_ONCE), 'sh', '-c', one];
  const [program, args] = host.command(words);
  return execa(program, args, { input: lines.join('\n'), reject: false, env: { PATH }, stderr: 'ignore' });
}

test.run();
