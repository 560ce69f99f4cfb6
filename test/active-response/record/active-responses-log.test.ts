import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { homeAt } from '../../../active-response/home.ts';
import type { Request } from '../../../active-response/protocol/request.ts';
import { ossecLine, wazuhLine, writeLog } from '../../../active-response/record/active-responses-log.ts';
import type { Outcome } from '../../../active-response/record/outcome.ts';
import { printable } from '../../../base/printable.ts';
import { inZone } from '../../in-zone.ts';
import { isPrintable, requestWith, temporaryDirectory } from '../support.ts';

const WRITER = { script: '/var/ossec/active-response/bin/route-null.js', name: 'route-null.js' };
const NOW = new Date('2026-11-20T09:29:46.123Z');
const BLOCKED: Outcome = {
  word: 'blocked',
  reason: 'until deleted, offence 1, by route',
  address: '203.0.113.77',
};

/** OSSEC's stock decoder `ar_log`: its prematch, and the fields after it. */
const AR_LOG = /^\w{3} \w+ +\d+ \d\d:\d\d:\d\d \w+ \d+ \/\S+\/active-response/;
const AR_LOG_FIELDS = /\/bin\/(\S+) (\S+) - (\S+) (\d+\.\d+) (\d+)/;
/** Wazuh's stock decoder `ar_log_json`. */
const AR_LOG_JSON = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d active-response\/bin\/\S+: (\{.*\})$/;

function messageIn(line: string) {
  const [, json = ''] = AR_LOG_JSON.exec(line) ?? [];
  assert.is.not(json, '', `ar_log_json does not read this line: ${line}`);
  return JSON.parse(json);
}

test('writes OSSEC’s stock line with the outcome appended', () => {
  assert.is(
    ossecLine(WRITER, requestWith({ alertId: '1795166986.1', ruleId: '100508' }), BLOCKED, NOW),
    'Fri Nov 20 09:29:46 UTC 2026 /var/ossec/active-response/bin/route-null.js add - 203.0.113.77 1795166986.1 100508 blocked: until deleted, offence 1, by route',
  );
});

test('lets OSSEC’s decoder find action, address, id and rule', () => {
  for (const command of ['add', 'delete'] as const) {
    const line = ossecLine(WRITER, requestWith({ command, user: 'bob' }), BLOCKED, NOW);
    assert.match(line, AR_LOG);
    const [, ...fields] = AR_LOG_FIELDS.exec(line) ?? [];
    assert.equal(fields, ['route-null.js', command, '203.0.113.77', '1795166136.16', '31151']);
  }
});

test('never writes the user into OSSEC’s line, because its decoder would read no fields', () => {
  assert.not.match(ossecLine(WRITER, requestWith({ user: 'bob' }), BLOCKED, NOW), /bob/);
});

test('writes a hyphen for an absent field', () => {
  const line = ossecLine(WRITER, {}, { word: 'refused', reason: 'no address was given' }, NOW);
  assert.is(
    line,
    'Fri Nov 20 09:29:46 UTC 2026 /var/ossec/active-response/bin/route-null.js - - - - - refused: no address was given',
  );
  assert.match(line, AR_LOG);
});

test('pads a one-digit day with a space, as date does', () => {
  const line = ossecLine(WRITER, requestWith(), BLOCKED, new Date('2026-03-05T01:02:03Z'));
  assert.match(line, /^Thu Mar {2}5 01:02:03 UTC 2026 \//);
  assert.match(line, AR_LOG);
});

test('writes every day of a year so that OSSEC’s decoder reads it', () => {
  for (let day = 1; day <= 366; day++)
    assert.match(ossecLine(WRITER, requestWith(), BLOCKED, new Date(Date.UTC(2028, 0, day))), AR_LOG);
});

for (const zone of ['UTC', 'Asia/Singapore', 'America/New_York', 'Asia/Kathmandu']) {
  test(`writes OSSEC’s line in UTC, with a zone of letters, in ${zone}`, () => {
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
  test(`writes Wazuh’s line with the local time ${time} in ${zone}`, () => {
    const line = inZone(zone, () => wazuhLine(WRITER, requestWith(), BLOCKED, NOW));
    assert.ok(line.startsWith(`${time} active-response/bin/route-null.js: {`), line);
  });
}

test('writes Wazuh’s line as a message like the manager’s own', () => {
  const request = requestWith({
    source: 'wazuh4',
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

test('begins data with the address, where Wazuh’s decoder expects it', () => {
  const line = wazuhLine(WRITER, requestWith({ source: 'wazuh4', user: 'bob' }), BLOCKED, NOW);
  assert.ok(line.includes('"data":{"srcip":"203.0.113.77"'), line);
  assert.ok(line.includes('"program":"active-response/bin/route-null.js"'), line);
});

test('writes a line of each form for an outcome without a request', () => {
  const message = messageIn(
    wazuhLine(WRITER, { source: 'wazuh4' }, { word: 'refused', reason: 'the message is not JSON' }, NOW),
  );
  assert.is(message.command, '-');
  assert.equal(message.parameters.alert, { rule: {}, data: {} });
  assert.equal(message.riposte, { outcome: 'refused', reason: 'the message is not JSON' });
});

test('writes Wazuh’s form for Wazuh, and OSSEC’s for every other source', () => {
  const home = homeAt(temporaryDirectory());
  for (const source of ['ossec', 'wazuh4', 'wazuh5', 'operator', 'server', 'sweep'] as const)
    writeLog(home, WRITER, [{ request: requestWith({ source }), outcome: BLOCKED }], NOW);
  writeLog(home, WRITER, [{ request: {}, outcome: BLOCKED }], NOW);
  const lines = readFileSync(home.activeResponsesLog, 'utf8').split('\n');
  const forms = [AR_LOG, AR_LOG_JSON, AR_LOG_JSON, AR_LOG, AR_LOG, AR_LOG, AR_LOG, /^$/];
  for (const [index, form] of forms.entries()) assert.match(lines[index] ?? 'none', form);
  assert.is(lines.length, forms.length);
});

test('keeps any reason on the line, and shortens it', () => {
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

/** Texts that a reason may contain. */
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
/** Texts that a parser accepts: printable, otherwise anything. */
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

test('writes one line that the manager’s decoder reads, whatever an attacker has sent', () => {
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
