import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WorkerSupervisor } from '../../base/worker-supervisor.ts';

const test = suite('worker supervisor');
const directory = mkdtempSync(join(tmpdir(), 'riposte-supervisor-'));
let supervisor: WorkerSupervisor<string, string>;
let events: string[] = [];

test.after.each(() => supervisor.stop());
test.after(() => rmSync(directory, { recursive: true }));

/** Supervises a real thread that runs `onText` for each message: `text` is the message, and `say(text)` answers. */
function supervise(onText: string, pauses: readonly number[] = [10]): void {
  const program = join(directory, 'worker.cjs');
  writeFileSync(
    program,
    `const { parentPort, workerData } = require('node:worker_threads');
     const say = (text) => parentPort.postMessage(text);
     parentPort.on('message', (text) => { ${onText} });`,
  );
  events = [];
  supervisor = new WorkerSupervisor({
    name: 'the test thread',
    program,
    options: { workerData: 'data' },
    pauses,
    onStart: () => events.push('start'),
    onMessage: (message) => events.push(message),
    onCrash: (reason) => events.push(reason),
  });
  supervisor.start();
}

/** Waits until `count` events have come. @returns all events until then */
async function eventsUntil(count: number): Promise<string[]> {
  const deadline = performance.now() + 120_000;
  while (events.length < count && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 5));
  return events;
}

test('passes messages and start data to the worker', async () => {
  supervise('say(workerData + text)');
  supervisor.post('1');
  supervisor.post('2');
  assert.equal(await eventsUntil(3), ['start', 'data1', 'data2']);
});

test('restarts the worker when it throws', async () => {
  supervise(`if (text === 'crash') throw new Error('oh'); say(text)`);
  supervisor.post('crash');
  supervisor.post('lost');
  assert.equal(await eventsUntil(3), [
    'start',
    'a defect in Riposte: oh (RIPOSTE_DEBUG=1 shows where)',
    'start',
  ]);
  supervisor.post('hello');
  assert.is((await eventsUntil(4))[3], 'hello');
});

test('restarts the worker when it ends without an error', async () => {
  supervise('process.exit(0)');
  supervisor.post('1');
  assert.equal(await eventsUntil(3), ['start', 'the test thread has ended', 'start']);
});

test('runs no worker between crash and restart', async () => {
  supervise('process.exit(1)', [60_000]);
  assert.ok(supervisor.isRunning);
  supervisor.post('1');
  assert.equal(await eventsUntil(2), ['start', 'the test thread has ended']);
  assert.not(supervisor.isRunning);
});

test('uses the first pause again when the worker has answered since its last crash', async () => {
  supervise(`if (text === 'crash') process.exit(1); say(text)`, [10, 60_000]);
  for (let crash = 1; crash <= 2; crash++) {
    supervisor.post('crash');
    await eventsUntil(3 * crash);
    supervisor.post('hello');
    await eventsUntil(3 * crash + 1);
    supervisor.answered();
  }
  assert.is(events.filter((event) => event === 'start').length, 3);
});

test('pauses longer after a second crash in a row', async () => {
  supervise('process.exit(1)', [10, 60_000]);
  supervisor.post('1');
  await eventsUntil(3);
  supervisor.post('2');
  assert.equal(await eventsUntil(4), [
    'start',
    'the test thread has ended',
    'start',
    'the test thread has ended',
  ]);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.is(events.length, 4);
});

test('does not restart the worker when the list of pauses is empty', async () => {
  supervise('process.exit(1)', []);
  supervisor.post('1');
  await eventsUntil(2);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(events, ['start', 'the test thread has ended']);
});

test('ends and restarts a worker that gives no answer in time', async () => {
  supervise('for (;;);');
  supervisor.post('1');
  supervisor.expectAnswer(100);
  assert.equal(await eventsUntil(3), [
    'start',
    'the test thread did not answer within 0.1 s, so Riposte ends it',
    'start',
  ]);
});

test('keeps a worker that has answered', async () => {
  supervise('say(text)');
  supervisor.post('1');
  await eventsUntil(2);
  supervisor.expectAnswer(50);
  supervisor.answered();
  await new Promise((resolve) => setTimeout(resolve, 200));
  supervisor.post('2');
  assert.equal(await eventsUntil(3), ['start', '1', '2']);
});

test('stops a busy worker, and does not report a crash', async () => {
  supervise(`say('busy'); for (;;);`);
  supervisor.post('1');
  await eventsUntil(2);
  await supervisor.stop();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(events, ['start', 'busy']);
  assert.not(supervisor.isRunning);
});

test('stops between crash and restart', async () => {
  supervise('process.exit(1)', [50]);
  supervisor.post('1');
  await eventsUntil(2);
  await supervisor.stop();
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(events, ['start', 'the test thread has ended']);
});

test.run();
