import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ossecLine, wazuhLine, writeLog } from '../../active-response/active-responses-log.ts';
import { homeAt } from '../../active-response/home.ts';
import type { Outcome } from '../../active-response/outcome.ts';
import { printable } from '../../active-response/printable.ts';
import type { Request } from '../../active-response/protocol/request.ts';
import { isPrintable, requestWith, temporaryDirectory } from './support.ts';

const WRITER = { script: '/var/ossec/active-response/bin/route-null.js', name: 'route-null.js' };
const NOW = new Date('2026-11-20T09:29:46.123Z');
const BLOCKED: Outcome = {
  word: 'blocked',
  reason: 'until deleted, offence 1, by route',
  address: '203.0.113.77',
};

/** OSSEC's stock decoder `ar_log`: what it must find first, and then the fields behind it. */
const AR_LOG = /^\w{3} \w+ +\d+ \d\d:\d\d:\d\d \w+ \d+ \/\S+\/active-response/;
const AR_LOG_FIELDS = /\/bin\/(\S+) (\S+) - (\S+) (\d+\.\d+) (\d+)/;
/** Wazuh's stock decoder `ar_log_json`. */
const AR_LOG_JSON = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d active-response\/bin\/\S+: (\{.*\})$/;

/** Does the work in another time zone. */
function inZone<T>(zone: string, work: () => T): T {
  const before = process.env.TZ;
  process.env.TZ = zone;
  try {
    return work();
  } finally {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  }
}

function messageIn(line: string) {
  const [, json = ''] = AR_LOG_JSON.exec(line) ?? [];
  assert.is.not(json, '', `not what ar_log_json reads: ${line}`);
  return JSON.parse(json);
}

test('the line on OSSEC is the stock one, with the outcome behind it', () => {
  assert.is(
    ossecLine(WRITER, requestWith({ alertId: '1795166986.1', ruleId: '100508' }), BLOCKED, NOW),
    'Fri Nov 20 09:29:46 UTC 2026 /var/ossec/active-response/bin/route-null.js add - 203.0.113.77 1795166986.1 100508 blocked: until deleted, offence 1, by route',
  );
});

test('OSSEC’s decoder finds action, address, id and rule', () => {
  for (const command of ['add', 'delete'] as const) {
    const line = ossecLine(WRITER, requestWith({ command, user: 'bob' }), BLOCKED, NOW);
    assert.match(line, AR_LOG);
    const [, ...fields] = AR_LOG_FIELDS.exec(line) ?? [];
    assert.equal(fields, ['route-null.js', command, '203.0.113.77', '1795166136.16', '31151']);
  }
});

test('the user never stands in OSSEC’s line, because its decoder reads no fields then', () => {
  assert.not.match(ossecLine(WRITER, requestWith({ user: 'bob' }), BLOCKED, NOW), /bob/);
});

test('what is absent is a hyphen', () => {
  const line = ossecLine(WRITER, {}, { word: 'refused', reason: 'no address was given' }, NOW);
  assert.is(
    line,
    'Fri Nov 20 09:29:46 UTC 2026 /var/ossec/active-response/bin/route-null.js - - - - - refused: no address was given',
  );
  assert.match(line, AR_LOG);
});

test('a day of one digit is padded with a space, as date does', () => {
  const line = ossecLine(WRITER, requestWith(), BLOCKED, new Date('2026-03-05T01:02:03Z'));
  assert.match(line, /^Thu Mar {2}5 01:02:03 UTC 2026 \//);
  assert.match(line, AR_LOG);
});

test('every day of a year is one that OSSEC’s decoder reads', () => {
  for (let day = 1; day <= 366; day++)
    assert.match(ossecLine(WRITER, requestWith(), BLOCKED, new Date(Date.UTC(2028, 0, day))), AR_LOG);
});

for (const zone of ['UTC', 'Asia/Singapore', 'America/New_York', 'Asia/Kathmandu']) {
  test(`in ${zone} OSSEC’s line is in UTC, and has a zone of letters`, () => {
    assert.match(
      inZone(zone, () => ossecLine(WRITER, requestWith(), BLOCKED, NOW)),
      /^Fri Nov 20 09:29:46 UTC 2026 /,
    );
  });
}

for (const [zone, time] of [
  ['UTC', '2026/11/20 09:29:46'],
  ['Asia/Singapore', '2026/11/20 17:29:46'],
  ['America/New_York', '2026/11/20 04:29:46'],
  ['Pacific/Auckland', '2026/11/20 22:29:46'],
] as const) {
  test(`in ${zone} Wazuh’s line has the local time ${time}`, () => {
    const line = inZone(zone, () => wazuhLine(WRITER, requestWith(), BLOCKED, NOW));
    assert.ok(line.startsWith(`${time} active-response/bin/route-null.js: {`), line);
  });
}

test('the line on Wazuh is a message like the manager’s own', () => {
  const request = requestWith({
    protocol: 'wazuh4',
    user: 'bob',
    ruleId: '5710',
    ruleLevel: 10,
    location: '/var/log/x',
    extraArguments: ['--ports', '80'],
  });
  assert.equal(messageIn(wazuhLine(WRITER, request, BLOCKED, NOW)), {
    version: 1,
    origin: { name: 'route-null.js', module: 'active-response' },
    command: 'add',
    parameters: {
      extra_args: ['--ports', '80'],
      alert: {
        id: '1795166136.16',
        rule: { id: '5710', level: 10 },
        data: { srcip: '203.0.113.77', dstuser: 'bob' },
        location: '/var/log/x',
      },
      program: 'active-response/bin/route-null.js',
    },
    riposte: { outcome: 'blocked', reason: 'until deleted, offence 1, by route' },
  });
});

test('data begins with the address, where Wazuh’s decoder looks for it', () => {
  const line = wazuhLine(WRITER, requestWith({ protocol: 'wazuh4', user: 'bob' }), BLOCKED, NOW);
  assert.ok(line.includes('"data":{"srcip":"203.0.113.77"'), line);
  assert.ok(line.includes('"program":"active-response/bin/route-null.js"'), line);
});

test('an outcome without a request is a line of each kind', () => {
  const message = messageIn(
    wazuhLine(WRITER, { protocol: 'wazuh4' }, { word: 'refused', reason: 'the message is not JSON' }, NOW),
  );
  assert.is(message.command, '-');
  assert.equal(message.parameters.alert, { rule: {}, data: {} });
  assert.equal(message.riposte, { outcome: 'refused', reason: 'the message is not JSON' });
});

test('each manager gets its own form, at the end of the log', () => {
  const home = homeAt(temporaryDirectory());
  for (const protocol of ['ossec', 'wazuh4', 'wazuh5'] as const)
    writeLog(home, WRITER, [{ request: requestWith({ protocol }), outcome: BLOCKED }], NOW);
  writeLog(home, WRITER, [{ request: {}, outcome: BLOCKED }], NOW);
  const lines = readFileSync(home.activeResponsesLog, 'utf8').split('\n');
  for (const [index, form] of [AR_LOG, AR_LOG_JSON, AR_LOG_JSON, AR_LOG, /^$/].entries())
    assert.match(lines[index] ?? 'none', form);
  assert.is(lines.length, 5);
});

test('a reason with anything in it stays on the line, and is cut', () => {
  const outcome: Outcome = {
    ...BLOCKED,
    reason: `nft said\nFri Nov 20 09:29:46 UTC 2026 /x/active-response/bin/evil add${'!'.repeat(9000)}\u001b[2J`,
  };
  for (const form of [ossecLine, wazuhLine]) {
    const line = form(WRITER, requestWith(), outcome, NOW);
    assert.ok(isPrintable(line));
    assert.ok(line.length < 1200, `${line.length} characters`);
  }
});

/** What may stand in a reason. */
const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '\n',
    '\r\n',
    '\u2028',
    '"}',
    '{"srcip":"1.2.3.4"}',
    '\\',
    "'",
    ' - 1.2.3.4 1.1 1 ',
    '-rf',
    '\u202e',
    '\ud800',
  ),
);
/** What passes a parser: printable, whatever else is in it. */
const accepted = nasty.map((text) => printable(text));
const optional = fc.option(accepted, { nil: undefined });
const partialRequest = fc.record<Partial<Request>>(
  {
    command: fc.constantFrom('add', 'delete'),
    user: optional,
    alertId: optional,
    ruleId: optional,
    ruleLevel: fc.nat(),
    location: optional,
    extraArguments: fc.array(accepted, { maxLength: 3 }),
  },
  { requiredKeys: [] },
);

test('whatever an attacker put in, it is one line that the decoder of its manager reads', () => {
  fc.assert(
    fc.property(partialRequest, nasty, (request, reason) => {
      const ossec = ossecLine(WRITER, request, { ...BLOCKED, reason }, NOW);
      const wazuh = wazuhLine(WRITER, request, { ...BLOCKED, reason }, NOW);
      for (const line of [ossec, wazuh]) assert.is(line.split(/[\r\n]/).length, 1, line);
      assert.ok(isPrintable(ossec), ossec);
      assert.match(ossec, AR_LOG);
      assert.is(messageIn(wazuh).parameters.alert.data.srcip, BLOCKED.address);
    }),
    { numRuns: 3000 },
  );
});

test.run();
