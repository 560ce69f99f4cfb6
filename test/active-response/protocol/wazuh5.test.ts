import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EX } from '../../../active-response/errors.ts';
import { parseMessage } from '../../../active-response/protocol/message.ts';
import { parseWazuh5 } from '../../../active-response/protocol/wazuh5.ts';
import * as managers from '../../lab/managers.ts';
import { refuses } from '../support.ts';

const message = (active_response: object, rest: object = {}) => ({
  wazuh: { active_response },
  command: 'enable',
  source: { ip: '203.0.113.9' },
  ...rest,
});

test('enable is add, with everything that the event says', () => {
  assert.equal(parseMessage(managers.wazuh5('enable', '203.0.113.9', 600, '--ports 80,443')), {
    protocol: 'wazuh5',
    command: 'add',
    address: '203.0.113.9',
    user: 'bob',
    alertId: undefined,
    ruleId: '100100',
    ruleLevel: undefined,
    location: 'local',
    description: undefined,
    log: undefined,
    extraArguments: ['--ports', '80,443'],
    timeout: 600,
  });
});

test('disable is delete', () => {
  assert.is(parseMessage(managers.wazuh5('disable', '203.0.113.9', 600)).command, 'delete');
});

test('a stateless response has no disable, so its timeout is 0 whatever stands there', () => {
  assert.is(parseWazuh5(message({ type: 'stateless', stateful_timeout: 600 })).timeout, 0);
  assert.is(parseWazuh5(message({ type: 'stateless' })).timeout, 0);
  assert.is(parseWazuh5(message({ type: 'stateful', stateful_timeout: 600 })).timeout, 600);
  assert.is(parseWazuh5(message({ type: 'stateful', stateful_timeout: '600' })).timeout, 600);
  assert.is(parseWazuh5(message({ stateful_timeout: 600 })).timeout, 600);
  assert.is(parseWazuh5(message({ type: 'stateful' })).timeout, undefined);
});

test('extra arguments are one text, split at spaces', () => {
  assert.equal(parseWazuh5(message({ extra_arguments: '  --a  b ' })).extraArguments, ['--a', 'b']);
  assert.equal(parseWazuh5(message({ extra_arguments: '' })).extraArguments, []);
  assert.equal(parseWazuh5(message({})).extraArguments, []);
});

test('an event without source, user, rule or event is one without address, user and ids', () => {
  const { address, user, ruleId, alertId } = parseWazuh5({ wazuh: {}, command: 'enable' });
  assert.equal([address, user, ruleId, alertId], ['', undefined, undefined, undefined]);
  assert.is(parseWazuh5({ wazuh: null, command: 'enable', source: null }).address, '');
});

test('the id of the event is the alert id', () => {
  assert.is(parseWazuh5(message({}, { event: { id: 'a1b2' } })).alertId, 'a1b2');
});

test('what the rule says and the line of the log are kept for people, whatever is in them', () => {
  const more = { rule: { title: 'A scan' }, event: { original: 'GET /x\u001b[2J' } };
  const { description, log } = parseWazuh5(message({}, more));
  assert.equal([description, log], ['A scan', 'GET /x\\u001b[2J']);
  assert.is(parseWazuh5(message({}, { event: { original: 7 } })).log, undefined);
});

test('a field of the wrong type is named by its path', () => {
  for (const [given, path] of [
    [{ wazuh: 'x' }, 'wazuh'],
    [{ wazuh: { active_response: [] } }, 'wazuh.active_response'],
    [message({ extra_arguments: ['--a'] }), 'wazuh.active_response.extra_arguments'],
    [message({ type: 7 }), 'wazuh.active_response.type'],
    [message({ stateful_timeout: -1 }), 'wazuh.active_response.stateful_timeout'],
    [message({ stateful_timeout: 'soon' }), 'wazuh.active_response.stateful_timeout'],
    [message({ location: {} }), 'wazuh.active_response.location'],
    [message({}, { source: '203.0.113.9' }), 'source'],
    [message({}, { source: { ip: ['203.0.113.9'] } }), 'source.ip'],
    [message({}, { user: 'bob' }), 'user'],
    [message({}, { user: { name: 7 } }), 'user.name'],
    [message({}, { rule: [] }), 'rule'],
    [message({}, { rule: { id: [] } }), 'rule.id'],
    [message({}, { event: 7 }), 'event'],
    [message({}, { event: { id: {} } }), 'event.id'],
  ] as const)
    refuses(() => parseWazuh5(given), EX.DATAERR, new RegExp(`^${path} is not `));
});

test('control characters are refused', () => {
  refuses(
    () => parseWazuh5(message({}, { user: { name: 'a\nb' } })),
    EX.DATAERR,
    /^user\.name holds control characters/,
  );
  refuses(
    () => parseWazuh5(message({ extra_arguments: 'a\tb' })),
    EX.DATAERR,
    /extra_arguments holds control characters/,
  );
});

test('a command of another manager, and none, are refused', () => {
  for (const command of ['add', 'delete', 'ENABLE', '', undefined, null])
    refuses(
      () => parseWazuh5(message({}, { command })),
      EX.DATAERR,
      /^command '.*' is neither enable nor disable$/,
    );
});

test.run();
