import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Answer, Responder } from '../../../cli/serve/responder.ts';

const test = suite('responder');
const directory = mkdtempSync(join(tmpdir(), 'riposte-responder-'));
let responder: Responder;
/** What was answered: the address, the word, and `again` when it will be tried again. */
let told: string[] = [];
let troubles: string[] = [];

test.after.each(() => responder.close());
test.after(() => rmSync(directory, { recursive: true }));

/** Starts a responder with a stand-in for the thread: `answer(id, exitCode)` and `count` of questions are its own. */
function start(onQuestion: string, patience?: number): void {
  const program = join(directory, 'stand-in.cjs');
  writeFileSync(
    program,
    `const { parentPort } = require('node:worker_threads');
     const { existsSync, writeFileSync } = require('node:fs');
     const answer = (id, exitCode = 0) =>
       parentPort.postMessage({ id, word: exitCode ? 'failed' : 'blocked', reason: 'because', exitCode });
     const isFirst = (name) => {
       const file = __dirname + '/' + name;
       if (existsSync(file)) return false;
       writeFileSync(file, '');
       return true;
     };
     parentPort.on('message', ({ id, found: { address } }) => { ${onQuestion} });`,
  );
  told = [];
  troubles = [];
  responder = new Responder(
    program,
    { role: 'responder', home: directory, response: 'firewall-drop', env: {} },
    (found, { word }: Answer, triesAgain) => {
      told.push(`${found.address} ${word}${triesAgain ? ' again' : ''}`);
    },
    (message) => troubles.push(message),
    patience,
  );
}

const found = (address: string) => ({
  address,
  time: 0,
  rule: 117010,
  level: 10,
  description: '',
  line: '',
  location: '',
});

/** Waits until nothing is pending. */
async function settled(): Promise<string[]> {
  const deadline = performance.now() + 20_000;
  while (responder.pending > 0 && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 10));
  assert.is(responder.pending, 0);
  return told;
}

test('answers come in turn', async () => {
  start('answer(id)');
  for (const address of ['a', 'b', 'c']) responder.block(found(address));
  assert.equal(await settled(), ['a blocked', 'b blocked', 'c blocked']);
});

test('late answers: nothing is asked twice, nothing is lost', async () => {
  start('setTimeout(() => answer(id), 200)');
  for (const address of ['a', 'b', 'c']) responder.block(found(address));
  assert.is(responder.pending, 3);
  assert.equal(await settled(), ['a blocked', 'b blocked', 'c blocked']);
});

test('what failed for a while is tried again, and the others need not wait for it', async () => {
  start(`answer(id, address === 'a' && isFirst('failed') ? 75 : 0)`);
  responder.block(found('a'));
  responder.block(found('b'));
  assert.equal(await settled(), ['a failed again', 'b blocked', 'a blocked']);
});

test('what would fail the same way is not tried again', async () => {
  start('answer(id, 65)');
  responder.block(found('a'));
  assert.equal(await settled(), ['a failed']);
});

test('a thread that dies is started again, and asked again what it owes', async () => {
  start(`if (isFirst('died')) process.exit(1); answer(id)`);
  for (const address of ['a', 'b', 'c']) responder.block(found(address));
  // What it died of goes last.
  assert.equal(await settled(), ['b blocked', 'c blocked', 'a blocked']);
});

test('a defect is told with its message', async () => {
  start(`if (isFirst('defect')) throw new Error('of the stand-in'); answer(id)`);
  responder.block(found('a'));
  assert.equal(await settled(), ['a blocked']);
  assert.equal(troubles, ['a defect in Riposte: of the stand-in']);
});

test('one that the thread dies of each time harms no other', async () => {
  start(`if (address === 'poison') process.exit(1); answer(id)`);
  responder.block(found('poison'));
  for (const address of ['a', 'b']) responder.block(found(address));
  const deadline = performance.now() + 20_000;
  while (told.length < 2 && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(told, ['a blocked', 'b blocked']);
  assert.is(responder.pending, 1);
});

test('a thread that hangs is ended, and another one does its work', async () => {
  // Longer than a thread may take to start, on a busy machine.
  start(`if (isFirst('hung')) return; answer(id)`, 5000);
  responder.block(found('a'));
  responder.block(found('b'));
  assert.equal(await settled(), ['b blocked', 'a blocked']);
  assert.match(troubles[0] ?? '', 'no answer within 5 s');
});

test('an answer that nobody asked for is ignored', async () => {
  start('answer(id + 7); answer(id); answer(id)');
  responder.block(found('a'));
  responder.block(found('b'));
  assert.equal(await settled(), ['a blocked', 'b blocked']);
});

test.run();
