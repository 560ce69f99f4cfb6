import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type BlockResult, BlockWorkerClient } from '../../serve/block-worker-client.ts';

const test = suite('block worker client');
const directory = mkdtempSync(join(tmpdir(), 'riposte-block-worker-'));
let client: BlockWorkerClient;
/** Each result as a text: the address, the outcome, and `again` if the client will retry the block. */
let results: string[] = [];
let logged: string[] = [];

test.after.each(() => client.close());
test.after(() => rmSync(directory, { recursive: true }));

/** Starts a client with a stand-in for the worker, which may call `answer(id, exitCode)` and `isFirst(name)`. */
function start(onTask: string, patience?: number): void {
  const program = join(directory, 'stand-in.cjs');
  writeFileSync(
    program,
    `const { parentPort } = require('node:worker_threads');
     const { existsSync, writeFileSync } = require('node:fs');
     const of = new Map();
     const answer = (id, exitCode = 0) => {
       const batch = of.get(id) ?? [...of.values()].at(-1);
       batch.results.push({ id, word: exitCode ? 'failed' : 'blocked', reason: 'because', exitCode });
       if (batch.results.length >= batch.tasks.length) parentPort.postMessage({ results: batch.results });
     };
     const isFirst = (name) => {
       const file = __dirname + '/' + name;
       if (existsSync(file)) return false;
       writeFileSync(file, '');
       return true;
     };
     parentPort.on('message', ({ tasks }) => {
       const batch = { tasks, results: [] };
       for (const { id } of tasks) of.set(id, batch);
       const size = tasks.length;
       for (const { id, detection: { address } } of tasks) (() => { ${onTask} })();
     });`,
  );
  results = [];
  logged = [];
  client = new BlockWorkerClient({
    program,
    start: { role: 'block-worker', home: directory, response: 'firewall-drop', env: {} },
    onResult: (detection, { word }: BlockResult, triesAgain) => {
      results.push(`${detection.address} ${word}${triesAgain ? ' again' : ''}`);
    },
    say: (message) => logged.push(message),
    urgencyOf: ({ level }) => (level > 11 ? 'severe' : 'other'),
    patience,
  });
}

const detection = (address: string, level = 10) => ({
  address,
  time: 0,
  rule: 117010,
  level,
  description: '',
  line: '',
  location: '',
});

/** Waits until no block is pending. @returns the results */
async function settled(): Promise<string[]> {
  const deadline = performance.now() + 120_000;
  while (client.pending > 0 && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 10));
  assert.is(client.pending, 0);
  return results;
}

test('reports the results in order', async () => {
  start('answer(id)');
  for (const address of ['a', 'b', 'c']) client.block(detection(address));
  assert.equal(await settled(), ['a blocked', 'b blocked', 'c blocked']);
});

test('sends each block once when the worker answers late', async () => {
  start('setTimeout(() => answer(id), 200)');
  for (const address of ['a', 'b', 'c']) client.block(detection(address));
  assert.is(client.pending, 3);
  assert.equal(await settled(), ['a blocked', 'b blocked', 'c blocked']);
});

test('retries a failed block, and does not delay the other blocks', async () => {
  start(`answer(id, address === 'a' && isFirst('failed') ? 75 : 0)`);
  client.block(detection('a'));
  client.block(detection('b'));
  assert.equal(await settled(), ['a failed again', 'b blocked', 'a blocked']);
});

test('does not retry a block that would fail again', async () => {
  start('answer(id, 65)');
  client.block(detection('a'));
  assert.equal(await settled(), ['a failed']);
});

test('restarts a crashed worker, and sends the unanswered block again', async () => {
  start(`if (isFirst('died')) process.exit(1); answer(id)`);
  for (const address of ['a', 'b', 'c']) client.block(detection(address));
  // The worker was handling block a when it crashed. The client sends that block last.
  assert.equal(await settled(), ['b blocked', 'c blocked', 'a blocked']);
});

test('logs the message of a defect', async () => {
  start(`if (isFirst('defect')) throw new Error('of the stand-in'); answer(id)`);
  client.block(detection('a'));
  assert.equal(await settled(), ['a blocked']);
  assert.equal(logged, ['a defect in Riposte: of the stand-in (RIPOSTE_DEBUG=1 shows where)']);
});

test('drops a block that crashes the worker each time, and makes the other blocks', async () => {
  start(`if (address === 'poison') process.exit(1); answer(id)`);
  client.block(detection('poison'));
  for (const address of ['a', 'b']) client.block(detection(address));
  const deadline = performance.now() + 120_000;
  while (results.length < 2 && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(results, ['a blocked', 'b blocked']);
  assert.is(client.pending, 1);
});

test('replaces a worker that hangs', async () => {
  // The limit is longer than a worker takes to start on a busy machine.
  start(`if (isFirst('hung')) return; answer(id)`, 5000);
  client.block(detection('a'));
  client.block(detection('b'));
  assert.equal(await settled(), ['b blocked', 'a blocked']);
  assert.match(logged[0] ?? '', 'the block worker did not answer within 5 s');
});

test('sends all waiting blocks as one batch', async () => {
  start(`parentPort.postMessage({ said: address + ' of ' + size }); answer(id)`);
  for (const address of ['a', 'b', 'c']) client.block(detection(address));
  await settled();
  assert.equal(logged, ['a of 1', 'b of 2', 'c of 2']);
});

test('sends severe detections first', async () => {
  start('answer(id)');
  for (const address of ['a', 'b', 'c']) client.block(detection(address));
  client.block(detection('severe', 12));
  assert.equal(await settled(), ['a blocked', 'severe blocked', 'b blocked', 'c blocked']);
});

test('finds the block of a batch that crashes the worker, and makes the other blocks', async () => {
  start(`if (address === 'poison') process.exit(1); answer(id)`);
  for (const address of ['a', 'b', 'poison', 'c', 'd', 'e']) client.block(detection(address));
  const deadline = performance.now() + 120_000;
  while (results.length < 5 && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal([...results].sort(), ['a blocked', 'b blocked', 'c blocked', 'd blocked', 'e blocked']);
  assert.is(client.pending, 1);
});

test('ignores a result that belongs to no block', async () => {
  start('answer(id + 7); answer(id); answer(id)');
  client.block(detection('a'));
  client.block(detection('b'));
  assert.equal(await settled(), ['a blocked', 'b blocked']);
});

test.run();
