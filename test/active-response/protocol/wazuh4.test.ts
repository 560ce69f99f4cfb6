import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EX } from '../../../active-response/errors.ts';
import { parseMessage } from '../../../active-response/protocol/message.ts';
import { parseWazuh4 } from '../../../active-response/protocol/wazuh4.ts';
import * as managers from '../../lab/managers.ts';
import { refuses } from '../support.ts';

const ABSENT = {
  user: undefined,
  alertId: undefined,
  ruleId: undefined,
  ruleLevel: undefined,
  location: undefined,
  description: undefined,
  log: undefined,
};
const message = (alert: unknown, rest: object = {}) => ({
  version: 1,
  command: 'add',
  parameters: { extra_args: [], alert },
  ...rest,
});
const addressIn = (data: unknown) => parseWazuh4(message({ data })).address;

for (const command of ['add', 'delete'] as const) {
  test(`the captured message of an ${command} is read`, () => {
    assert.equal(parseMessage(managers.wazuh4(command, '203.0.113.9', ['--ports', '80'])), {
      protocol: 'wazuh4',
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

test('a line of the log with odd bytes in it keeps nobody from being blocked', () => {
  const { log, description } = parseWazuh4(message({ full_log: 'GET /\u001b[2J', rule: { description: 5 } }));
  assert.equal([log, description], ['GET /\\u001b[2J', undefined]);
  assert.is(parseWazuh4(message({ full_log: 'x'.repeat(5000) })).log?.length, 1001);
});

test("agent_control's message has neither rule nor id", () => {
  assert.equal(parseMessage(managers.wazuh4AgentControl('203.0.113.44')), {
    ...ABSENT,
    protocol: 'wazuh4',
    command: 'add',
    address: '203.0.113.44',
    extraArguments: [],
  });
});

test("the API's message may have an empty alert and an origin of null", () => {
  const line =
    '{"version":1,"origin":{"name":null,"module":null},"command":"add","parameters":{"extra_args":null,"alert":{}}}';
  assert.equal(parseMessage(line), {
    ...ABSENT,
    protocol: 'wazuh4',
    command: 'add',
    address: '',
    extraArguments: [],
  });
});

test('null is absent in every place', () => {
  const alert = {
    id: null,
    location: null,
    rule: { id: null, level: null },
    data: { srcip: null, dstuser: null, win: null },
  };
  assert.equal(parseWazuh4(message(alert)), {
    ...ABSENT,
    protocol: 'wazuh4',
    command: 'add',
    address: '',
    extraArguments: [],
  });
  assert.is(parseWazuh4({ command: 'delete', parameters: null }).address, '');
});

test('the address is a Windows event’s ipAddress, else its destinationIp, else srcip', () => {
  const event = (eventdata: object) => ({ srcip: '203.0.113.1', win: { eventdata } });
  assert.is(addressIn({ srcip: '203.0.113.1' }), '203.0.113.1');
  assert.is(addressIn(event({})), '203.0.113.1');
  assert.is(addressIn(event({ destinationIp: '203.0.113.2' })), '203.0.113.2');
  assert.is(addressIn(event({ destinationIp: '203.0.113.2', ipAddress: '203.0.113.3' })), '203.0.113.3');
});

test('the address comes as it was given, also when it is none', () => {
  for (const address of ['::ffff:1.2.3.4', 'www.example.com', '-', ''])
    assert.is(addressIn({ srcip: address }), address);
});

test('ids may be numbers, and the level a text', () => {
  const { alertId, ruleId, ruleLevel } = parseWazuh4(
    message({ id: 1795166201.5, rule: { id: 5710, level: '10' } }),
  );
  assert.equal([alertId, ruleId, ruleLevel], ['1795166201.5', '5710', 10]);
});

test('a field of the wrong type is named by its path', () => {
  for (const [alert, path] of [
    ['text', 'parameters.alert'],
    [[], 'parameters.alert'],
    [{ rule: 'x' }, 'alert.rule'],
    [{ rule: { id: {} } }, 'alert.rule.id'],
    [{ rule: { level: 'high' } }, 'alert.rule.level'],
    [{ rule: { level: -1 } }, 'alert.rule.level'],
    [{ data: [] }, 'alert.data'],
    [{ data: { srcip: 3405803785 } }, 'alert.data.srcip'],
    [{ data: { srcip: ['203.0.113.9'] } }, 'alert.data.srcip'],
    [{ data: { srcip: { toString: 'x' } } }, 'alert.data.srcip'],
    [{ data: { dstuser: 7 } }, 'alert.data.dstuser'],
    [{ data: { win: 'x' } }, 'alert.data.win'],
    [{ data: { win: { eventdata: 7 } } }, 'alert.data.win.eventdata'],
    [{ data: { win: { eventdata: { ipAddress: 7 } } } }, 'alert.data.win.eventdata.ipAddress'],
    [{ id: true }, 'alert.id'],
    [{ location: {} }, 'alert.location'],
  ] as const)
    refuses(() => parseWazuh4(message(alert)), EX.DATAERR, new RegExp(`^${path} is not `));
  refuses(
    () => parseWazuh4({ command: 'add', parameters: [] }),
    EX.DATAERR,
    /^parameters is not an object but a list$/,
  );
  refuses(
    () => parseWazuh4({ command: 'add', parameters: { extra_args: 'x' } }),
    EX.DATAERR,
    /^parameters\.extra_args is not a list of texts but string$/,
  );
  refuses(
    () => parseWazuh4({ command: 'add', parameters: { extra_args: ['x', 7] } }),
    EX.DATAERR,
    /^parameters\.extra_args\[1\] is not a text but number$/,
  );
});

test('control characters are refused in user, rule, location and address', () => {
  for (const alert of [
    { data: { dstuser: 'bob\nx' } },
    { data: { srcip: '203.0.113.9\n' } },
    { rule: { id: '1\u001b' } },
    { location: 'a\u2028b' },
    { id: '\u0000' },
  ])
    refuses(() => parseWazuh4(message(alert)), EX.DATAERR, /^alert\.\S+ holds control characters: /);
});

test('a command of another manager, and none, are refused', () => {
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
