import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EX } from '../../../active-response/errors.ts';
import { parseMessage } from '../../../active-response/protocol/message.ts';
import * as managers from '../../lab/managers.ts';
import { refuses } from '../support.ts';

test('managers are told apart by what their message holds', () => {
  assert.is(parseMessage(managers.wazuh4('add', '203.0.113.9')).protocol, 'wazuh4');
  assert.is(parseMessage(managers.wazuh4AgentControl('203.0.113.9')).protocol, 'wazuh4');
  assert.is(parseMessage(managers.wazuh5('enable', '203.0.113.9')).protocol, 'wazuh5');
});

test('a line that ends as on Windows is read', () => {
  assert.is(parseMessage(managers.wazuh4('add', '203.0.113.9').replace('\n', '\r')).address, '203.0.113.9');
});

test('every message that is cut short is no JSON', () => {
  const line = managers.wazuh4('add', '203.0.113.9').trim();
  for (let length = 0; length < line.length; length += 7)
    refuses(
      () => parseMessage(line.slice(0, length)),
      EX.DATAERR,
      new RegExp(`^the message is not JSON \\(${length} characters\\)$`),
    );
});

test('bytes that are no text are no JSON', () => {
  refuses(
    () => parseMessage(Buffer.from([0xff, 0xfe, 0x00, 0x1b]).toString()),
    EX.DATAERR,
    /^the message is not JSON/,
  );
  refuses(() => parseMessage(''), EX.DATAERR, /^the message is not JSON \(0 characters\)$/);
});

test('JSON that is no object is refused', () => {
  for (const [line, found] of [
    ['7', 'number'],
    ['"add"', 'string'],
    ['true', 'boolean'],
    ['[]', 'a list'],
    ['[{"wazuh":{}}]', 'a list'],
  ] as const)
    refuses(() => parseMessage(line), EX.DATAERR, new RegExp(`^the message is not an object but ${found}$`));
});

test('an object of neither manager is refused', () => {
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

test('fields that an attacker puts under __proto__ are not taken for the alert’s', () => {
  const line =
    '{"version":1,"command":"add","parameters":{"__proto__":{"alert":{"data":{"srcip":"1.2.3.4"}}},"alert":{"data":{"__proto__":{"srcip":"1.2.3.4"}}}}}';
  assert.is(parseMessage(line).address, '');
});

test('a message as deep as it can be is refused without a crash', () => {
  refuses(() => parseMessage('['.repeat(65_000)), EX.DATAERR, /^the message is not JSON/);
  refuses(
    () => parseMessage(`{"parameters":${'['.repeat(30_000)}${']'.repeat(30_000)}}`),
    EX.DATAERR,
    /^parameters is not an object but a list$/,
  );
});

test.run();
