import { appendFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { runCommand } from '../lab/command.ts';
import { runWithArguments } from '../lab/execd.ts';
import { eachOnItsOwnHost } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { eventually } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';

const test = labSuite('riposte events', 'nft');
let host: Host;
let at: Installation;

eachOnItsOwnHost(test, (...made) => ([host, at] = made));

const deny = (command: 'add' | 'delete', address: string) =>
  runWithArguments(at, 'apache-deny', [command, '-', address]);

/** A running `riposte events`, and the events that it has printed. */
function follow(...args: string[]) {
  const words = [process.execPath, 'dist/riposte.js', 'events', '--json', ...args, '--home', at.home];
  const running = host.start(words, { buffer: false, stdin: 'ignore' });
  let text = '';
  running.stdout?.on('data', (piece: Buffer) => {
    text += piece;
  });
  const seen = () =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
      .map(({ event, address }) => `${event} ${address}`);
  const has = (event: string) => eventually(event, async () => seen().includes(event));
  const end = async (signal: 'SIGTERM' | 'SIGINT' = 'SIGTERM') => {
    running.kill(signal);
    return (await running).exitCode;
  };
  return { seen, has, end };
}

test('prints events as they happen, once each, across a rotation, and ends with 0', async () => {
  await deny('add', '203.0.113.1');
  const { seen, has, end } = follow('--follow', '--since', '1h');
  await has('blocked 203.0.113.1');
  await deny('add', '203.0.113.2');
  await has('blocked 203.0.113.2');
  const journal = join(at.home, 'var/riposte/events.jsonl');
  await rename(journal, `${journal}.1`);
  await deny('delete', '203.0.113.2');
  await has('unblocked 203.0.113.2');
  await appendFile(journal, '{"damaged\n');
  await deny('add', '203.0.113.3');
  await has('blocked 203.0.113.3');
  assert.equal(seen(), [
    'blocked 203.0.113.1',
    'blocked 203.0.113.2',
    'unblocked 203.0.113.2',
    'blocked 203.0.113.3',
  ]);
  assert.is(await end(), 0);
});

test('waits for a journal that does not exist yet, and filters its events', async () => {
  const { seen, has, end } = follow(
    '-f',
    '203.0.113.0/25',
    '--event',
    'blocked',
    '--response',
    'apache-deny',
  );
  // The first event shows that the command follows the journal.
  const started = eventually('the command follows the journal', async () => {
    await deny('delete', '203.0.113.9');
    await deny('add', '203.0.113.9');
    return seen().length > 0;
  });
  await started;
  await deny('add', '203.0.113.200');
  await deny('add', '203.0.113.5');
  await has('blocked 203.0.113.5');
  assert.equal([...new Set(seen())], ['blocked 203.0.113.9', 'blocked 203.0.113.5']);
  assert.is(await end('SIGINT'), 0);
});

test('reads old events of rotated journals without --follow, and refuses wrong arguments', async () => {
  const journal = join(at.home, 'var/riposte/events.jsonl');
  await deny('add', '203.0.113.1');
  await rename(journal, `${journal}.1`);
  await deny('add', '203.0.113.2');
  const { stdout, status } = await runCommand(host, at.home, 'events', '--since', '1h');
  assert.is(status, 0);
  assert.equal(stdout.match(/203\.0\.113\.\d/g), ['203.0.113.1', '203.0.113.2']);
  for (const args of [
    [],
    ['--json'],
    ['--follow', '203.0.113.1', '203.0.113.2'],
    ['--follow', '--since', 'x'],
  ])
    assert.is((await runCommand(host, at.home, 'events', ...args)).status, 64, args.join(' '));
});

test.run();
