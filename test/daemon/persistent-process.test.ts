import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, constants, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import * as assert from 'uvu/assert';
import { Clock } from '../../daemon/clock.ts';
import { PersistentProcess } from '../../daemon/persistent-process.ts';
import { NFT } from '../../daemon/persistent-programs.ts';
import { temporaryDirectory } from '../active-response/support.ts';
import { Host } from '../lab/host.ts';
import { labSuite } from '../lab/suite.ts';

const test = labSuite('a persistent nft', 'nft', 'ip');
const TABLE = 'add table inet t\nadd set inet t s { type ipv4_addr; flags timeout; }\n';
let host: Host;
let nft: string;

test.before(async () => {
  host = await Host.create('web');
  nft = join(temporaryDirectory(), 'nft');
  const [program, words] = host.command(['nft', '"$@"']);
  // This nft counts its starts.
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
  const session = new PersistentProcess(NFT, pipes, clock);
  return {
    clock,
    pipes,
    session,
    run: (script: string, timeout = 30, file = nft) => session.run(file, script, timeout),
  };
}

const starts = () => readFileSync(`${nft}.starts`, 'utf8').length;
/** Repeats `run` until it returns an output, because no new process starts before the old process has ended. */
function eventualOutput(run: () => string | undefined): string {
  for (;;) {
    const output = run();
    if (output !== undefined) return output;
  }
}

const ruleset = () => host.run('nft list ruleset');

test('runs scripts one after the other in one process', async () => {
  const { session, run } = scene();
  assert.is(run(TABLE), '');
  for (const address of ['203.0.113.1', '203.0.113.2'])
    assert.is(run(`create element inet t s { ${address} timeout 60s }\n`), '');
  session.close();
  assert.match(await ruleset(), /203\.0\.113\.1 .*203\.0\.113\.2 /s);
  assert.is(starts(), 1);
});

test('reports an error, changes nothing, and runs the next script', async () => {
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

test('reads the whole error when it quotes a long script', () => {
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

test('returns undefined when the process has ended, and starts another process for the next script', () => {
  const { session, run } = scene();
  assert.is(run(TABLE), '');
  assert.is(run('quit\n'), undefined);
  assert.is(
    eventualOutput(() => run('add element inet t s { 203.0.113.1 }\n')),
    '',
  );
  session.close();
  assert.is(starts(), 2);
});

test('drops the script of a process that has ended', () => {
  const { session, run } = scene();
  const leaves = join(temporaryDirectory(), 'nft');
  // This nft ends at once and leaves a script in the FIFO; its child process holds the FIFO open for a while.
  writeFileSync(leaves, '#!/bin/sh\nexec 3<&0\nsleep 2 2>&- &\nread -r line\n');
  chmodSync(leaves, 0o755);
  assert.is(run('nothing\n', 30, leaves), undefined);
  while (run(TABLE) === undefined);
  assert.is(run('add element inet t s { 203.0.113.1 }\n'), '');
  session.close();
});

test('starts no process while a killed process may still read the FIFO', () => {
  const { pipes, session, run } = scene();
  const late = openSync(pipes.input, constants.O_RDONLY | constants.O_NONBLOCK);
  assert.is(run(TABLE), undefined);
  closeSync(late);
  assert.is(run(TABLE), '');
  session.close();
  assert.is(starts(), 1);
});

test('returns undefined when the program cannot be started or is not nft', () => {
  const { session, run } = scene();
  assert.is(run(TABLE, 30, '/nowhere/nft'), undefined);
  assert.is(run(TABLE, 30, '/bin/true'), undefined);
  session.close();
});

test('returns undefined when another thread kills an overdue process', async () => {
  const { clock, session, run } = scene();
  const watcher = new Worker(
    `const { workerData } = require('node:worker_threads');
     const cells = new Int32Array(workerData, 0, 4);
     const end = (pid) => { try { process.kill(pid, 'SIGKILL'); } catch { /* it has ended */ } };
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

test('ends an idle process only after many scripts', () => {
  const { session, run } = scene();
  run(TABLE);
  session.rest();
  for (let index = 0; index < 501; index++) run('add table inet t\n');
  assert.is(starts(), 1);
  session.rest();
  eventualOutput(() => run('add table inet t\n'));
  assert.is(starts(), 2);
  session.close();
});

test.run();
