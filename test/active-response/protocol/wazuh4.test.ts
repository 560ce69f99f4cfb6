import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseMessage } from '../../../active-response/protocol/message.ts';
import { targetOf } from '../../../active-response/protocol/target.ts';
import { parseWazuh4 } from '../../../active-response/protocol/wazuh4.ts';
import { EX } from '../../../base/errors.ts';
import * as managers from '../../lab/managers.ts';
import { isPrintable, refuses } from '../support.ts';
import { ODD_VALUES } from './odd-values.ts';

const ABSENT = {
  user: undefined,
  alertId: undefined,
  ruleId: undefined,
  ruleLevel: undefined,
  location: undefined,
  description: undefined,
  log: undefined,
};
const LOOKED_AT = [
  'alert.data.win.eventdata.ipAddress',
  'alert.data.win.eventdata.destinationIp',
  'alert.data.srcip',
];
const message = (alert: unknown, rest: object = {}) => ({
  version: 1,
  command: 'add',
  parameters: { extra_args: [], alert },
  ...rest,
});
const addressIn = (data: unknown) => parseWazuh4(message({ data })).address;

for (const command of ['add', 'delete'] as const) {
  test(`reads the captured message of an ${command}`, () => {
    assert.equal(parseMessage(managers.wazuh4(command, '203.0.113.9', ['--ports', '80'])), {
      source: 'wazuh4',
      command,
      address: '203.0.113.9',
      user: 'bob',
      alertId: '1795166201.0',
      ruleId: '100100',
      ruleLevel: 7,
      location: '/var/log/myapp.log',
      description: 'myapp: bad thing from 203.0.113.9',
      log: 'Nov 20 09:00:00 host myapp[1]: bad thing from 203.0.113.9 user bob f=ok',
      extraArguments: ['--ports', '80'],
    });
  });
}

test('does not refuse a log line with odd bytes in it', () => {
  const { log, description } = parseWazuh4(message({ full_log: 'GET /\u001b[2J', rule: { description: 5 } }));
  assert.equal([log, description], ['GET /\\u001b[2J', '5']);
  assert.is(parseWazuh4(message({ full_log: 'x'.repeat(5000) })).log?.length, 1001);
});

test('reads agent_control’s message, which has neither rule nor id', () => {
  assert.equal(parseMessage(managers.wazuh4AgentControl('203.0.113.44')), {
    ...ABSENT,
    source: 'wazuh4',
    command: 'add',
    address: '203.0.113.44',
    extraArguments: [],
  });
});

test('reads the API’s message with an empty alert and an origin of null', () => {
  const line =
    '{"version":1,"origin":{"name":null,"module":null},"command":"add","parameters":{"extra_args":null,"alert":{}}}';
  assert.equal(parseMessage(line), {
    ...ABSENT,
    source: 'wazuh4',
    command: 'add',
    address: '',
    lookedAt: LOOKED_AT,
    extraArguments: [],
  });
});

test('reads null as absent in every place', () => {
  const alert = {
    id: null,
    location: null,
    rule: { id: null, level: null },
    data: { srcip: null, dstuser: null, win: null },
  };
  assert.equal(parseWazuh4(message(alert)), {
    ...ABSENT,
    source: 'wazuh4',
    command: 'add',
    address: '',
    lookedAt: LOOKED_AT,
    extraArguments: [],
  });
  assert.is(parseWazuh4({ command: 'delete', parameters: null }).address, '');
});

test('takes the address from a Windows event’s ipAddress, otherwise from its destinationIp, and otherwise from srcip', () => {
  const event = (eventdata: object) => ({ srcip: '203.0.113.1', win: { eventdata } });
  assert.is(addressIn({ srcip: '203.0.113.1' }), '203.0.113.1');
  assert.is(addressIn(event({})), '203.0.113.1');
  assert.is(addressIn(event({ destinationIp: '203.0.113.2' })), '203.0.113.2');
  assert.is(addressIn(event({ destinationIp: '203.0.113.2', ipAddress: '203.0.113.3' })), '203.0.113.3');
});

test('returns the address unchanged, also when it is invalid', () => {
  for (const address of ['::ffff:1.2.3.4', 'www.example.com', '203.0.113.0/24'])
    assert.is(addressIn({ srcip: address }), address);
});

test('accepts numbers as ids, and a text as level', () => {
  const { alertId, ruleId, ruleLevel } = parseWazuh4(
    message({ id: 1795166201.5, rule: { id: 5710, level: '10' } }),
  );
  assert.equal([alertId, ruleId, ruleLevel], ['1795166201.5', '5710', 10]);
});

for (const [field, alertWith] of [
  ['rule', (odd: unknown) => ({ rule: odd })],
  ['rule.id', (odd: unknown) => ({ rule: { id: odd } })],
  ['rule.level', (odd: unknown) => ({ rule: { level: odd } })],
  ['rule.description', (odd: unknown) => ({ rule: { description: odd } })],
  ['id', (odd: unknown) => ({ id: odd })],
  ['location', (odd: unknown) => ({ location: odd })],
  ['full_log', (odd: unknown) => ({ full_log: odd })],
  ['timestamp', (odd: unknown) => ({ timestamp: odd })],
  ['agent', (odd: unknown) => ({ agent: odd })],
  ['data.dstuser', (odd: unknown) => ({ data: { srcip: '203.0.113.9', dstuser: odd } })],
  ['data.win', (odd: unknown) => ({ data: { srcip: '203.0.113.9', win: odd } })],
  ['data.win.eventdata', (odd: unknown) => ({ data: { srcip: '203.0.113.9', win: { eventdata: odd } } })],
] as const)
  test(`accepts ${field} of any type and with any bytes, and makes it printable`, () => {
    for (const odd of ODD_VALUES) {
      const request = parseWazuh4(message({ data: { srcip: '203.0.113.9' }, ...alertWith(odd) }));
      assert.equal([request.command, request.address], ['add', '203.0.113.9'], JSON.stringify(odd));
      const { user, alertId, ruleId, ruleLevel, location, description, log } = request;
      for (const text of [user, alertId, ruleId, location, description, log])
        assert.ok(text === undefined || isPrintable(text), JSON.stringify(text));
      assert.ok(ruleLevel === undefined || (Number.isSafeInteger(ruleLevel) && ruleLevel >= 0));
    }
  });

test('escapes control characters in a user, shows a number, and drops a list', () => {
  const userOf = (dstuser: unknown) => parseWazuh4(message({ data: { dstuser } })).user;
  assert.equal(
    [userOf('bob\n'), userOf(7), userOf(['bob', 'root']), userOf({ name: 'bob' })],
    ['bob\\u000a', '7', undefined, undefined],
  );
});

test('ignores an address of the wrong type, and names the fields that it has read', () => {
  for (const [srcip, found] of [
    [3405803785, 'number'],
    [['203.0.113.9'], 'a list'],
    [{ toString: 'x' }, 'object'],
    [true, 'boolean'],
  ] as const) {
    const request = parseWazuh4(message({ data: { srcip } }));
    assert.is(request.address, '');
    refuses(
      () => targetOf(request),
      EX.DATAERR,
      new RegExp(`^the request has no address in ${LOOKED_AT.join(', ')} \\(${found}\\)$`),
    );
  }
  for (const alert of ['text', [], 7, { data: [] }, { data: '203.0.113.9' }, { srcip: '203.0.113.9' }])
    assert.equal(parseWazuh4(message(alert)).lookedAt, LOOKED_AT, JSON.stringify(alert));
});

test('reads the other fields when the address of a Windows event is a hyphen or not a text', () => {
  for (const ipAddress of ['-', '', null, 7, []])
    assert.is(addressIn({ srcip: '203.0.113.1', win: { eventdata: { ipAddress } } }), '203.0.113.1');
});

test('refuses an add of a prefix, and accepts a delete of a prefix', () => {
  for (const prefix of ['203.0.113.0/24', '203.0.113.7/31', '2001:db8::/64', '::ffff:203.0.113.0/120'])
    refuses(
      () => targetOf(parseWazuh4(message({ data: { srcip: prefix } }))),
      EX.DATAERR,
      /^'\S+' is a prefix, but an alert blocks one host; to block the prefix: riposte block \S+\/\d+$/,
    );
  const request = parseWazuh4(message({ data: { srcip: '203.0.113.0/24' } }, { command: 'delete' }));
  assert.is(targetOf(request).text, '203.0.113.0/24');
  assert.is(targetOf(parseWazuh4(message({ data: { srcip: '203.0.113.7/32' } }))).text, '203.0.113.7');
});

test('refuses an invalid address, whatever it contains', () => {
  for (const srcip of [
    'www.example.com',
    '203.0.113.9\n',
    '\ufeff203.0.113.9',
    '203.0.113.9%eth0',
    '0.0.0.0',
    '7',
  ])
    refuses(
      () => targetOf(parseWazuh4(message({ data: { srcip } }))),
      EX.DATAERR,
      /^'.*' is not (an IP address|a host)$/,
    );
});

test('refuses settings and parameters of the wrong type', () => {
  refuses(
    () => parseWazuh4({ command: 'add', parameters: [] }),
    EX.DATAERR,
    /^parameters is not an object but a list$/,
  );
  for (const [args, why] of [
    ['x', /^parameters\.extra_args is not a list of texts but string$/],
    [['x', 7], /^parameters\.extra_args\[1\] is not a text but number$/],
    [['--ports\n'], /^parameters\.extra_args\[0\] holds control characters: /],
  ] as const)
    refuses(() => parseWazuh4({ command: 'add', parameters: { extra_args: args } }), EX.DATAERR, why);
});

test('refuses another manager’s command, and a missing command', () => {
  for (const command of ['enable', 'disable', 'continue', 'ADD', '', 'constructor', undefined, null])
    refuses(
      () => parseWazuh4(message({}, { command })),
      EX.DATAERR,
      /^command '.*' is neither add nor delete$/,
    );
  refuses(
    () => parseWazuh4(message({}, { command: ['add'] })),
    EX.DATAERR,
    /^command is not a text but a list$/,
  );
});

test.run();
