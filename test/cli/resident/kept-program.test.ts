import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, constants, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import * as assert from 'uvu/assert';
import { Clock } from '../../../cli/resident/clock.ts';
import { NFT } from '../../../cli/resident/kept-nft.ts';
import { KeptProgram } from '../../../cli/resident/kept-program.ts';
import { temporaryDirectory } from '../../active-response/support.ts';
import { Host } from '../../lab/host.ts';
import { labSuite } from '../../lab/suite.ts';

const test = labSuite('an nft that stays', 'nft', 'ip');
const TABLE = 'add table inet t\nadd set inet t s { type ipv4_addr; flags timeout; }\n';
let host: Host;
let nft: string;

test.before(async () => {
  host = await Host.create('web');
  nft = join(temporaryDirectory(), 'nft');
  const [program, words] = host.command(['nft', '"$@"']);
  // It counts how often it was started.
  writeFileSync(nft, `#!/bin/sh\necho >>"$0.starts"\nexec ${program} ${words.join(' ')}\n`);
  chmodSync(nft, 0o755);
});
test.after(() => host.remove());
test.before.each(async () => {
  await host.start(['nft', 'flush', 'ruleset'], {});
  writeFileSync(`${nft}.starts`, '');
});

function scene() {
  const directory = temporaryDirectory();
  const pipes = { input: join(directory, 'in'), output: join(directory, 'out') };
  execFileSync('mkfifo', Object.values(pipes));
  const clock = new Clock();
  const session = new KeptProgram(NFT, pipes, clock);
  return {
    clock,
    pipes,
    session,
    run: (script: string, timeout = 30, file = nft) => session.run(file, script, timeout),
  };
}

const starts = () => readFileSync(`${nft}.starts`, 'utf8').length;
/** Again until there is an answer: there is no next one before the one that has ended is gone. */
function untilSaid(run: () => string | undefined): string {
  for (;;) {
    const said = run();
    if (said !== undefined) return said;
  }
}

const ruleset = () => host.run('nft list ruleset');

test('one after the other, by one process', async () => {
  const { session, run } = scene();
  assert.is(run(TABLE), '');
  for (const address of ['203.0.113.1', '203.0.113.2'])
    assert.is(run(`create element inet t s { ${address} timeout 60s }\n`), '');
  session.close();
  assert.match(await ruleset(), /203\.0\.113\.1 .*203\.0\.113\.2 /s);
  assert.is(starts(), 1);
});

test('what is wrong is said, changes nothing, and is not said of the next one', async () => {
  const { session, run } = scene();
  run(TABLE);
  assert.match(
    run('add element inet t s { 203.0.113.1 }\nadd element inet t nowhere { 203.0.113.2 }\n') ?? '',
    /^Error: No such file or directory/,
  );
  assert.match(run('nonsense\n') ?? '', /^Error: syntax error/);
  assert.is(run('create element inet t s { 203.0.113.3 }\n'), '');
  assert.match(run('create element inet t s { 203.0.113.3 }\n') ?? '', 'File exists');
  assert.is(run('delete element inet t s { 203.0.113.3 }\n'), '');
  session.close();
  assert.not.match(await ruleset(), '203.0.113');
  assert.is(starts(), 1);
});

test('an error that quotes a long script is read to its end', () => {
  const { session, run } = scene();
  run(TABLE);
  const addresses = Array.from({ length: 2000 }, (_, index) => `198.18.${index >> 8}.${index & 255}`);
  assert.match(
    run(`delete element inet t s { ${addresses.join(', ')} }\n`) ?? '',
    'No such file or directory',
  );
  assert.is(run(`add element inet t s { ${addresses.join(', ')} }\n`), '');
  session.close();
});

test('one that has ended is nobody’s word, and the next has a new one', () => {
  const { session, run } = scene();
  assert.is(run(TABLE), '');
  assert.is(run('quit\n'), undefined);
  assert.is(
    untilSaid(() => run('add element inet t s { 203.0.113.1 }\n')),
    '',
  );
  session.close();
  assert.is(starts(), 2);
});

test('what one that has ended did not come to is not done by the next', () => {
  const { session, run } = scene();
  const leaves = join(temporaryDirectory(), 'nft');
  // It ends at once, and what it was given lies in a FIFO that somebody still has open for a while.
  writeFileSync(leaves, '#!/bin/sh\nexec 3<&0\nsleep 2 2>&- &\nread -r line\n');
  chmodSync(leaves, 0o755);
  assert.is(run('nothing\n', 30, leaves), undefined);
  while (run(TABLE) === undefined);
  assert.is(run('add element inet t s { 203.0.113.1 }\n'), '');
  session.close();
});

test('while one that was killed may still take what the next is given, there is no next', () => {
  const { pipes, session, run } = scene();
  const late = openSync(pipes.input, constants.O_RDONLY | constants.O_NONBLOCK);
  assert.is(run(TABLE), undefined);
  closeSync(late);
  assert.is(run(TABLE), '');
  session.close();
  assert.is(starts(), 1);
});

test('one that cannot be started, or is no nft, is nobody’s word', () => {
  const { session, run } = scene();
  assert.is(run(TABLE, 30, '/nowhere/nft'), undefined);
  assert.is(run(TABLE, 30, '/bin/true'), undefined);
  session.close();
});

test('one that hangs is ended by who watches the clock', async () => {
  const { clock, session, run } = scene();
  const watcher = new Worker(
    `const { workerData } = require('node:worker_threads');
     const cells = new Int32Array(workerData, 0, 4);
     const end = (pid) => { try { process.kill(pid, 'SIGKILL'); } catch { /* it has gone by now */ } };
     setInterval(() => { const pid = Atomics.load(cells, 0); if (pid > 0) end(pid); }, 20);`,
    { eval: true, workerData: clock.memory },
  );
  await new Promise((resolve) => watcher.once('online', resolve));
  const hangs = join(temporaryDirectory(), 'nft');
  writeFileSync(hangs, '#!/bin/sh\nexec sleep 600\n');
  chmodSync(hangs, 0o755);
  assert.is(run(TABLE, 600, hangs), undefined);
  await watcher.terminate();
  assert.is(clock.overdue, undefined);
  session.close();
});

test('after a rest it is a new one only when it has done a lot', () => {
  const { session, run } = scene();
  run(TABLE);
  session.rest();
  for (let index = 0; index < 501; index++) run('add table inet t\n');
  assert.is(starts(), 1);
  session.rest();
  untilSaid(() => run('add table inet t\n'));
  assert.is(starts(), 2);
  session.close();
});

test.run();
