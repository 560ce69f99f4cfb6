import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseMessage } from '../../../active-response/protocol/message.ts';
import { parseOssec } from '../../../active-response/protocol/ossec.ts';
import { continueOf, ossecArguments, wazuh4Message, wazuh5Message } from '../../../cli/fire/messages.ts';
import { agentControl, WAZUH5_RULE, wazuh4AgentControl } from '../../lab/managers.ts';

const address = '203.0.113.44';
const shot = { script: 'route-null.js', isDelete: false, address };

test('OSSEC: makes the arguments captured from agent_control -b', () => {
  assert.equal(ossecArguments(shot), agentControl(address));
  assert.equal(ossecArguments({ ...shot, isDelete: true }), ['delete', ...agentControl(address).slice(1)]);
});

test('OSSEC: puts user and rule into their arguments', () => {
  const { user, ruleId, command } = parseOssec(ossecArguments({ ...shot, user: 'bob', rule: '31151' }));
  assert.equal([user, ruleId, command], ['bob', '31151', 'add']);
});

test('Wazuh 4: makes messages for add, delete and the reply to check_keys that differ only in their command', () => {
  const add = wazuh4AgentControl(address, 'add', 'route-null.js').trimEnd();
  assert.is(wazuh4Message(shot), add);
  assert.is(
    wazuh4Message({ ...shot, isDelete: true }),
    wazuh4AgentControl(address, 'delete', 'route-null.js').trimEnd(),
  );
  assert.is(continueOf(add), add.replace('"command":"add"', '"command":"continue"'));
});

test('Wazuh 4: puts user and rule where an alert has them', () => {
  const request = parseMessage(wazuh4Message({ ...shot, user: 'bob', rule: '31151' }));
  assert.equal([request.user, request.ruleId, request.address], ['bob', '31151', address]);
});

test('Wazuh 5: makes the same document as the manager of 5.0.1, with the command as its last field', () => {
  const { '@timestamp': time, ...message } = JSON.parse(wazuh5Message({ ...shot, rule: WAZUH5_RULE }));
  assert.match(time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  const response = {
    name: 'route-null.js',
    executable: 'route-null.js',
    extra_arguments: null,
    type: 'stateless',
    location: 'local',
    agent_id: null,
  };
  assert.equal(message, {
    event: { doc_id: 'riposte-fire', index: 'wazuh-findings-v5-other' },
    wazuh: { active_response: response, event: { id: 'riposte-fire' }, rule: { id: WAZUH5_RULE } },
    source: { ip: address },
    command: 'enable',
  });
  assert.is(Object.keys(message).at(-1), 'command');
});

test('Wazuh 5: makes a response with a timeout stateful', () => {
  const message = wazuh5Message({ ...shot, isDelete: true, timeout: 60, user: 'bob', rule: '5' });
  assert.match(message, '"type":"stateful","stateful_timeout":60');
  const { source, command, timeout, user, ruleId } = parseMessage(message);
  assert.equal([source, command, timeout, user, ruleId], ['wazuh5', 'delete', 60, 'bob', '5']);
});

test('keeps a message on one line, whatever the address contains', () => {
  const hostile = { ...shot, address: '203.0.113.44"}\n{"x":"\u001b[2J' };
  for (const message of [wazuh4Message(hostile), wazuh5Message(hostile)]) {
    assert.not.match(message, '\n');
    assert.not.match(message, '\u001b');
  }
});

test.run();
