import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseMessage } from '../../../active-response/protocol/message.ts';
import { targetOf } from '../../../active-response/protocol/target.ts';
import { parseWazuh5 } from '../../../active-response/protocol/wazuh5.ts';
import { EX } from '../../../base/errors.ts';
import * as managers from '../../lab/managers.ts';
import { isPrintable, refuses } from '../support.ts';
import { ODD_VALUES } from './odd-values.ts';

const message = (active_response: object, rest: object = {}) => ({
  wazuh: { active_response },
  command: 'enable',
  source: { ip: '203.0.113.9' },
  ...rest,
});

test('reads enable as add, with all fields of the event', () => {
  assert.equal(parseMessage(managers.wazuh5('enable', '203.0.113.9', 600, '--ports 80,443')), {
    source: 'wazuh5',
    command: 'add',
    address: '203.0.113.9',
    user: 'bob',
    alertId: '0199a3c4-7f2e-7bb0-9a51-0d3c1f2e4a5b',
    ruleId: managers.WAZUH5_RULE,
    ruleLevel: 9,
    location: '/var/log/apache2/access.log',
    description: 'A scanner',
    log: undefined,
    extraArguments: ['--ports', '80,443'],
    timeout: 600,
  });
});

test('reads disable as delete', () => {
  assert.is(parseMessage(managers.wazuh5('disable', '203.0.113.9', 600)).command, 'delete');
});

test('reads timeout 0 for a stateless response, and ignores its timeout field', () => {
  assert.is(parseWazuh5(message({ type: 'stateless', stateful_timeout: 600 })).timeout, 0);
  assert.is(parseWazuh5(message({ type: 'stateless' })).timeout, 0);
  assert.is(parseWazuh5(message({ type: 'stateful', stateful_timeout: 600 })).timeout, 600);
  assert.is(parseWazuh5(message({ type: 'stateful', stateful_timeout: '600' })).timeout, 600);
  assert.is(parseWazuh5(message({ stateful_timeout: 600 })).timeout, 600);
  assert.is(parseWazuh5(message({ type: 'stateful' })).timeout, undefined);
});

test('splits the text of extra arguments at spaces', () => {
  assert.equal(parseWazuh5(message({ extra_arguments: '  --a  b ' })).extraArguments, ['--a', 'b']);
  assert.equal(parseWazuh5(message({ extra_arguments: '' })).extraArguments, []);
  assert.equal(parseWazuh5(message({})).extraArguments, []);
});

test('reads a message without source, user, rule or event as a request without address, user and ids', () => {
  const { address, user, ruleId, alertId } = parseWazuh5({ wazuh: {}, command: 'enable' });
  assert.equal([address, user, ruleId, alertId], ['', undefined, undefined, undefined]);
  assert.is(parseWazuh5({ wazuh: null, command: 'enable', source: null }).address, '');
});

test('reads the event’s id, or otherwise the finding’s, as the alert id', () => {
  const alertOf = (rest: object) => parseWazuh5(message({}, rest)).alertId;
  const wazuh = (id: unknown) => ({ wazuh: { active_response: {}, event: { id } } });
  assert.is(alertOf({ ...wazuh('a1'), event: { doc_id: 'b2', id: 'c3' } }), 'a1');
  assert.is(alertOf({ ...wazuh(null), event: { doc_id: 'b2', id: 'c3' } }), 'b2');
  assert.is(alertOf({ event: { id: 'c3' } }), 'c3');
});

test('reads a level as a word in any case, or as a number', () => {
  const levelOf = (level: unknown) =>
    parseWazuh5(message({}, { wazuh: { active_response: {}, rule: { level } } })).ruleLevel;
  const words = ['informational', 'low', 'medium', 'high', 'Critical', 'constructor', '', null, ['high']];
  assert.equal(words.map(levelOf), [2, 5, 9, 12, 15, undefined, undefined, undefined, undefined]);
  assert.equal([levelOf(7), levelOf('7')], [7, 7]);
});

test('reads a rule at the top, as early betas wrote it', () => {
  const { ruleId, description } = parseWazuh5(message({}, { rule: { id: '100100', title: 'A scan' } }));
  assert.equal([ruleId, description], ['100100', 'A scan']);
});

test('keeps the rule’s description and the log line for display, whatever they contain', () => {
  const more = { rule: { title: 'A scan' }, event: { original: 'GET /x\u001b[2J' } };
  const { description, log } = parseWazuh5(message({}, more));
  assert.equal([description, log], ['A scan', 'GET /x\\u001b[2J']);
  assert.is(parseWazuh5(message({}, { event: { original: [7] } })).log, undefined);
  assert.is(parseWazuh5(message({}, { rule: { title: {}, description: 'A scan' } })).description, 'A scan');
});

for (const [field, messageWith] of [
  ['user', (odd: unknown) => message({}, { user: odd })],
  ['user.name', (odd: unknown) => message({}, { user: { name: odd } })],
  ['rule', (odd: unknown) => message({}, { rule: odd })],
  ['rule.id', (odd: unknown) => message({}, { rule: { id: odd } })],
  ['rule.title', (odd: unknown) => message({}, { rule: { title: odd } })],
  ['event', (odd: unknown) => message({}, { event: odd })],
  ['event.id', (odd: unknown) => message({}, { event: { id: odd } })],
  ['event.original', (odd: unknown) => message({}, { event: { original: odd } })],
  ['wazuh.active_response.location', (odd: unknown) => message({ location: odd })],
  ['wazuh.active_response.type', (odd: unknown) => message({ type: odd })],
  ['wazuh.active_response.stateful_timeout', (odd: unknown) => message({ stateful_timeout: odd })],
  ['message', (odd: unknown) => message({}, { message: odd })],
] as const)
  test(`accepts ${field} of any type and with any bytes, and makes it printable`, () => {
    for (const odd of ODD_VALUES) {
      const request = parseWazuh5(messageWith(odd));
      assert.equal([request.command, request.address], ['add', '203.0.113.9'], JSON.stringify(odd));
      const { user, alertId, ruleId, location, description, log, timeout } = request;
      for (const text of [user, alertId, ruleId, location, description, log])
        assert.ok(text === undefined || isPrintable(text), JSON.stringify(text));
      assert.ok(
        timeout === undefined || (Number.isSafeInteger(timeout) && timeout >= 0),
        JSON.stringify(odd),
      );
    }
  });

test('ignores an invalid timeout of a stateful response, so that its disable ends the block', () => {
  for (const stateful_timeout of ['soon', -1, [], {}, 1.5])
    assert.is(parseWazuh5(message({ type: 'stateful', stateful_timeout })).timeout, undefined);
  assert.is(parseWazuh5(message({ type: 7, stateful_timeout: 600 })).timeout, 600);
});

test('ignores an address of the wrong type, and names the field in the error', () => {
  for (const [source, found] of [
    [{ ip: ['203.0.113.9'] }, / \(a list\)/],
    [{ ip: 7 }, / \(number\)/],
    ['203.0.113.9', /^/],
    [undefined, /^/],
    [{ address: '203.0.113.9' }, /^/],
  ] as const) {
    const request = parseWazuh5(message({}, { source }));
    const why = new RegExp(`^the request has no address in source\\.ip${found.source.replace('^', '')}$`);
    refuses(() => targetOf(request), EX.DATAERR, why);
  }
});

test('refuses an add of a prefix, and accepts a delete of a prefix', () => {
  const prefix = { source: { ip: '2001:db8::/64' } };
  refuses(
    () => targetOf(parseWazuh5(message({}, prefix))),
    EX.DATAERR,
    /^'2001:db8::\/64' is a prefix, but an alert blocks one host; to block the prefix: riposte block 2001:db8::\/64$/,
  );
  const request = parseWazuh5(message({}, { ...prefix, command: 'disable' }));
  assert.is(targetOf(request).text, '2001:db8::/64');
});

test('refuses settings of the wrong type, or with control characters', () => {
  for (const [given, why] of [
    [{ wazuh: 'x', command: 'enable' }, /^wazuh is not an object but string$/],
    [
      { wazuh: { active_response: [] }, command: 'enable' },
      /^wazuh\.active_response is not an object but a list$/,
    ],
    [
      message({ extra_arguments: ['--a'] }),
      /^wazuh\.active_response\.extra_arguments is not a text but a list$/,
    ],
    [message({ extra_arguments: 'a\tb' }), /extra_arguments holds control characters/],
  ] as const)
    refuses(() => parseWazuh5(given), EX.DATAERR, why);
});

test('refuses another manager’s command, and a missing command', () => {
  for (const command of ['add', 'delete', 'ENABLE', '', undefined, null])
    refuses(
      () => parseWazuh5(message({}, { command })),
      EX.DATAERR,
      /^command '.*' is neither enable nor disable$/,
    );
});

test.run();
