import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseMessage } from '../../../active-response/protocol/message.ts';
import { EX } from '../../../base/errors.ts';
import * as managers from '../../lab/managers.ts';
import { refuses } from '../support.ts';

test('distinguishes managers by the fields of their messages', () => {
  assert.is(parseMessage(managers.wazuh4('add', '203.0.113.9')).source, 'wazuh4');
  assert.is(parseMessage(managers.wazuh4AgentControl('203.0.113.9')).source, 'wazuh4');
  assert.is(parseMessage(managers.wazuh5('enable', '203.0.113.9')).source, 'wazuh5');
});

test('reads a line with CRLF', () => {
  assert.is(parseMessage(managers.wazuh4('add', '203.0.113.9').replace('\n', '\r')).address, '203.0.113.9');
});

test('refuses every truncated message as invalid JSON', () => {
  const line = managers.wazuh4('add', '203.0.113.9').trim();
  for (let length = 0; length < line.length; length += 7)
    refuses(
      () => parseMessage(line.slice(0, length)),
      EX.DATAERR,
      new RegExp(`^the message is not JSON \\(${length} characters\\)$`),
    );
});

test('refuses bytes that are not text as invalid JSON', () => {
  refuses(
    () => parseMessage(Buffer.from([0xff, 0xfe, 0x00, 0x1b]).toString()),
    EX.DATAERR,
    /^the message is not JSON/,
  );
  refuses(() => parseMessage(''), EX.DATAERR, /^the message is not JSON \(0 characters\)$/);
});

test('refuses JSON that is not an object', () => {
  for (const [line, found] of [
    ['7', 'number'],
    ['"add"', 'string'],
    ['true', 'boolean'],
    ['[]', 'a list'],
    ['[{"wazuh":{}}]', 'a list'],
  ] as const)
    refuses(() => parseMessage(line), EX.DATAERR, new RegExp(`^the message is not an object but ${found}$`));
});

test('refuses an object that is a message of neither manager', () => {
  for (const line of [
    '{}',
    'null',
    '{"command":"add"}',
    '{"Parameters":{}}',
    '{"__proto__":{"parameters":{},"wazuh":{},"command":"add"}}',
    '{"constructor":{"wazuh":{}}}',
  ])
    refuses(
      () => parseMessage(line),
      EX.DATAERR,
      /^the message has neither 'parameters' \(Wazuh 4\) nor 'wazuh' \(Wazuh 5\)$/,
    );
});

test('does not read an attacker’s fields under __proto__ as the alert’s', () => {
  const line =
    '{"version":1,"command":"add","parameters":{"__proto__":{"alert":{"data":{"srcip":"1.2.3.4"}}},"alert":{"data":{"__proto__":{"srcip":"1.2.3.4"}}}}}';
  assert.is(parseMessage(line).address, '');
});

test('refuses a message of the deepest possible nesting without a crash', () => {
  refuses(() => parseMessage('['.repeat(65_000)), EX.DATAERR, /^the message is not JSON/);
  refuses(
    () => parseMessage(`{"parameters":${'['.repeat(30_000)}${']'.repeat(30_000)}}`),
    EX.DATAERR,
    /^parameters is not an object but a list$/,
  );
});

test.run();
