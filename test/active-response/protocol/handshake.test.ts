import { spawn } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { childProgram } from '../support.ts';

const asker = await childProgram('protocol/handshake-asker.ts');

/**
 * Runs the asker as execd does: standard input stays open, and standard output is closed after its line.
 *
 * @param reply what execd writes back; undefined: it ends standard input without a word
 */
async function ask(key: string, reply: (question: string) => string | undefined, name = 'firewall-drop.js') {
  const child = spawn(process.execPath, [asker, name, key], { stdio: ['pipe', 'pipe', 'pipe'] });
  let question = '';
  let answer = '';
  child.stdin.on('error', () => {}); // it may have ended
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

test('the question is one line, the one that execd expects, and short enough for it', async () => {
  const { question, answer } = await ask('203.0.113.9', withCommand('continue'), 'NAME');
  assert.is(
    question,
    '{"version":1,"origin":{"name":"NAME","module":"active-response"},"command":"check_keys","parameters":{"keys":["203.0.113.9"]}}\n',
  );
  assert.ok(question.length <= 8191);
  assert.is(answer, 'continue');
});

test('abort is abort', async () => {
  assert.is((await ask('2001:db8::9', withCommand('abort'))).answer, 'abort');
});

for (const [title, reply] of [
  ['another command', withCommand('check_keys')],
  ['a command of another type', withCommand(['continue'])],
  ['a line that is no JSON', () => 'continue\n'],
  ['an empty line', () => '\n'],
  ['JSON null', () => 'null\n'],
  ['a number', () => '7\n'],
  ['the end of standard input', () => undefined],
] as const) {
  test(`${title} is silence`, async () => {
    assert.is((await ask('203.0.113.9', reply)).answer, 'silence');
  });
}

test('an answer without a newline counts when the stream ends', async () => {
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

test('a manager that has gone is silence, not a crash', async () => {
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
