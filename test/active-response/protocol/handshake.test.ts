import { spawn } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { shakesHands } from '../../../active-response/protocol/handshake.ts';
import { LONGEST_LINE } from '../../../active-response/protocol/line-reader.ts';
import { childProgram } from '../child.ts';

const asker = await childProgram('protocol/handshake-asker.ts');

/**
 * Runs the asker as execd runs a script: keeps the asker's standard input open, reads one line from the asker, and then
 * closes the reading end of its standard output.
 *
 * @param reply returns execd's answer to that line; undefined if execd closes standard input without an answer
 */
async function ask(key: string, reply: (question: string) => string | undefined, name = 'firewall-drop.js') {
  const child = spawn(process.execPath, [asker, name, key], { stdio: ['pipe', 'pipe', 'pipe'] });
  let question = '';
  let answer = '';
  child.stdin.on('error', () => {}); // the asker may have ended
  child.stdout.on('data', (chunk) => {
    question += chunk;
    if (!question.endsWith('\n')) return;
    const word = reply(question);
    if (word === undefined) child.stdin.end();
    else child.stdin.write(word);
    child.stdout.destroy();
  });
  child.stderr.on('data', (chunk) => {
    answer += chunk;
  });
  const status = await new Promise((resolve) => child.on('close', resolve));
  assert.is(status, 0, answer);
  return { question, answer };
}

const withCommand = (command: unknown) => (question: string) =>
  `${JSON.stringify({ ...JSON.parse(question), command })}\n`;

test('asks a manager only in the protocols of Wazuh', () => {
  assert.equal((['ossec', 'wazuh4', 'wazuh5', undefined] as const).map(shakesHands), [
    false,
    true,
    true,
    false,
  ]);
});

test('asks in one line of the form and length that execd expects', async () => {
  const { question, answer } = await ask('203.0.113.9', withCommand('continue'), 'NAME');
  assert.is(
    question,
    '{"version":1,"origin":{"name":"NAME","module":"active-response"},"command":"check_keys","parameters":{"keys":["203.0.113.9"]}}\n',
  );
  assert.ok(question.length <= 8191);
  assert.is(answer, 'continue');
});

test('returns abort when execd aborts', async () => {
  assert.is((await ask('2001:db8::9', withCommand('abort'))).answer, 'abort');
});

for (const [title, reply] of [
  ['another command', withCommand('check_keys')],
  ['a command of another type', withCommand(['continue'])],
  ['a line that is not JSON', () => 'continue\n'],
  ['an empty line', () => '\n'],
  ['JSON null', () => 'null\n'],
  ['a number', () => '7\n'],
  ['the end of standard input', () => undefined],
] as const) {
  test(`returns silence for ${title}`, async () => {
    assert.is((await ask('203.0.113.9', reply)).answer, 'silence');
  });
}

test('ignores everything in the answer except the command', async () => {
  const odd = { parameters: [7, { keys: null }], origin: 'x\u0000', version: {} };
  const { answer } = await ask('203.0.113.9', () => `${JSON.stringify({ ...odd, command: 'abort' })}\n`);
  assert.is(answer, 'abort');
});

test('accepts an answer longer than a message, because execd repeats the whole alert', async () => {
  const alert = { full_log: 'x'.repeat(LONGEST_LINE) };
  const { answer } = await ask('203.0.113.9', () => `${JSON.stringify({ alert, command: 'abort' })}\n`);
  assert.is(answer, 'abort');
});

test('returns silence for an endless answer, and does not refuse the request', async () => {
  assert.is((await ask('203.0.113.9', () => 'x'.repeat(3 * LONGEST_LINE))).answer, 'silence');
});

test('accepts an answer without a newline when the stream ends', async () => {
  const child = spawn(process.execPath, [asker, 'NAME', '203.0.113.9'], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end('{"command":"abort"}');
  child.stdout.resume();
  let answer = '';
  child.stderr.on('data', (chunk) => {
    answer += chunk;
  });
  await new Promise((resolve) => child.on('close', resolve));
  assert.is(answer, 'abort');
});

test('returns silence when the manager has ended', async () => {
  const child = spawn(process.execPath, [asker, 'NAME', '203.0.113.9'], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let answer = '';
  child.stderr.on('data', (chunk) => {
    answer += chunk;
  });
  const status = await new Promise((resolve) => child.on('close', resolve));
  assert.is(status, 0);
  assert.is(answer, 'silence');
  child.stdin.destroy();
});

test.run();
