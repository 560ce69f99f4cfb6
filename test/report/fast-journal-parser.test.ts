import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { homeAt } from '../../active-response/home.ts';
import type { Request } from '../../active-response/protocol/request.ts';
import type { JournalEvent } from '../../active-response/record/journal.ts';
import { eventInBytes } from '../../active-response/record/journal-event.ts';
import type { Outcome } from '../../active-response/record/outcome.ts';
import { record } from '../../active-response/record/record.ts';
import { MAX_LINE } from '../../logs/files/lines.ts';
import { countedOf } from '../../report/counted.ts';
import type { Counted } from '../../report/counted-event.ts';
import { FastJournalParser } from '../../report/fast-journal-parser.ts';
import { temporaryDirectory } from '../active-response/support.ts';
import { inventedJournal } from '../lab/invented-journal.ts';

const ATTACKER = '203.0.113.7';
const LOG = `${ATTACKER} - - [20/Nov/2026:09:29:46 +0000] "GET /a?b=\\"c HTTP/1.1" 404 274 "-" "ZmEu"`;

const REQUEST: Request = {
  source: 'wazuh4',
  command: 'add',
  address: ATTACKER,
  user: 'bob',
  alertId: '1795166201.0',
  ruleId: '117040',
  ruleLevel: 10,
  location: '(web1) any->/var/log/apache2/access.log',
  description: 'Attack tool: a scanner by its user agent.',
  log: LOG,
  extraArguments: [],
  note: 'a "note"',
};
const BLOCKED: Outcome = {
  word: 'blocked',
  reason: 'until deleted\u00a0– "offence" 1',
  address: ATTACKER,
  block: {
    address: ATTACKER,
    response: 'firewall-drop',
    backend: 'nftables',
    since: '2026-11-20T09:00:00.000Z',
    until: null,
    offence: 1,
  },
  answer: 'silence',
};

/** A line's UTF-8 bytes as latin1. */
const bytes = (line: string): string => Buffer.from(line).toString('latin1');

/** The event in a line as JSON.parse reads it, without undefined fields; undefined if the line holds no event. */
const byJson = (line: string) => plain(countedOf(eventInBytes(line)));

function plain(counted: Counted | undefined): object | undefined {
  if (counted === undefined) return undefined;
  const { time, event, response, command, address, rule, level, location, description, offence, request } =
    counted;
  return JSON.parse(
    JSON.stringify({
      time,
      event,
      response,
      command,
      address,
      rule,
      level,
      location,
      description,
      offence,
      request,
    }),
  );
}

/** Asserts that the fast parser refuses a line or agrees with JSON. @returns true if it parsed the line */
function isParsed(events: FastJournalParser, line: string): boolean {
  const counted = events.counted(line);
  if (counted !== undefined) assert.equal(plain(counted), byJson(line), line);
  return counted !== undefined;
}

test('parses every line that record() writes about an attack', () => {
  const home = homeAt(temporaryDirectory());
  const source = { spent: 12.5, asked: 'riposte-1' };
  const least = { word: 'failed', reason: 'no such program' } as const;
  const ended = { ...BLOCKED, block: { ...BLOCKED.block, until: '2026-11-20T10:00:00.000Z' } } as Outcome;
  const entries = [
    { request: REQUEST, outcome: BLOCKED },
    { request: { ...REQUEST, log: 'sshd[1]: Failed password for root' }, outcome: ended },
    { request: {}, outcome: least },
  ];
  assert.equal(record(home, 'firewall-drop', '/x/firewall-drop.js', entries, source), []);
  assert.equal(record(home, 'apache-deny', '/x/apache-deny.js', entries, { spent: 0 }), []);
  const lines = readFileSync(home.journal, 'latin1').trimEnd().split('\n');
  const events = new FastJournalParser();
  assert.equal(
    lines.map((line) => isParsed(events, line)),
    lines.map(() => true),
  );
  assert.equal(events.counted(lines[0] ?? '')?.request, {
    request: 'GET /a',
    whole: 'GET /a?b=\\"c',
    agent: 'ZmEu',
  });
  for (const line of inventedJournal({ events: 1000, sources: 100, from: 0, to: 9e9 }))
    assert.ok(isParsed(events, line), line);
});

const anything = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('"', '\\', ' ', 'a', '\n', '\u001f', '\u007f', 'é', '\ud800', 'u0022') }),
  fc.constantFrom('2001:db8::7', '', '[uri "/x"] "GET /a HTTP/1.1"', ` "GET /b" ${LOG}`),
);
/** Mostly usual values, so that most lines have only one or two odd fields. */
const text = (...usual: string[]) =>
  fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...usual) }, { weight: 1, arbitrary: anything });
const optional = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: undefined });
const number = fc.oneof({ weight: 20, arbitrary: fc.nat(20) }, fc.integer(), fc.double());
const event = fc.record({
  time: fc.oneof(
    {
      weight: 20,
      arbitrary: fc
        .date({ noInvalidDate: true, min: new Date('1000-01-01'), max: new Date('9999-12-31') })
        .map((date) => date.toISOString()),
    },
    anything,
  ),
  event: text('blocked', 'already', 'held'),
  response: text('firewall-drop', 'route-null'),
  command: optional(text('add', 'delete')),
  protocol: optional(text('ossec')),
  address: optional(text(ATTACKER)),
  reason: text('it is blocked already'),
  user: optional(text('bob')),
  rule: optional(text('31151', '117040')),
  level: optional(number),
  alert: optional(text('1795166201.0')),
  location: optional(text('(web1) any->/var/log/a')),
  description: optional(text('Scan.')),
  log: optional(text(LOG)),
  note: optional(text('by hand')),
  backend: optional(text('nftables')),
  until: optional(fc.oneof(fc.constant(null), text('2026-11-20T10:00:00.000Z'))),
  offence: optional(number),
  answer: optional(text('abort')),
  ms: number,
  asked: optional(text('riposte-1')),
});

test('agrees with JSON or refuses a line when fields hold any values', () => {
  const events = new FastJournalParser();
  let parsed = 0;
  fc.assert(
    fc.property(event, (each) => {
      if (isParsed(events, bytes(JSON.stringify(each)))) parsed++;
    }),
    { numRuns: 3000 },
  );
  assert.ok(parsed > 500, `${parsed}`);
});

test('agrees with JSON or refuses a line that is damaged anywhere', () => {
  const usual: JournalEvent = {
    time: '2026-11-20T09:00:00.000Z',
    event: 'blocked',
    response: 'firewall-drop',
    command: 'add',
    address: ATTACKER,
    reason: 'é "x" \u0001',
    rule: '31151',
    level: 10,
    location: '/var/log/a',
    description: 'Scan.',
    log: LOG,
    until: null,
    offence: 2,
    ms: 4.5,
  };
  const line = bytes(JSON.stringify(usual));
  const events = new FastJournalParser();
  assert.ok(isParsed(events, line));
  for (let at = 0; at < line.length; at++) {
    isParsed(events, line.slice(0, at));
    isParsed(events, line.slice(at));
    for (const piece of [
      '',
      '"',
      '\\',
      '\\u0022',
      '\\x',
      '0',
      '-',
      ' ',
      ',',
      '}',
      '\u0000',
      '\u00e9',
      '\t',
    ]) {
      isParsed(events, line.slice(0, at) + piece + line.slice(at));
      isParsed(events, line.slice(0, at) + piece + line.slice(at + 1));
      isParsed(events, line.slice(0, at) + piece + line.slice(at + 6));
    }
  }
});

test('refuses unusual lines: another order, spaces, a field twice, other fields, non-ASCII text', () => {
  const events = new FastJournalParser();
  const head = '{"time":"2026-11-20T09:00:00.000Z","event":"blocked","response":"firewall-drop"';
  assert.ok(isParsed(events, `${head}}`));
  for (const line of [
    `${head} }`,
    `${head}}\r`,
    `${head},"rule":"1","address":"${ATTACKER}"}`,
    `${head},"rule":"1","rule":"2"}`,
    `${head},"new":1}`,
    `${head},"rule": "1"}`,
    `${head},"rule":1}`,
    `${head},"level":1e1}`,
    `${head},"address":"\\u0031"}`,
    bytes(`${head},"location":"/é"}`),
    head.replace('11-20', '13-20'),
    `${head.replace('{', '{"event":"held",')}}`,
  ])
    assert.is(isParsed(events, line), false, line);
});

test('reads times as Date.parse() does, even for days that the month does not have', () => {
  const events = new FastJournalParser();
  const two = (some: number) => `${some}`.padStart(2, '0');
  let parsed = 0;
  for (const year of ['0000', '1969', '2026', '2028', '9999'])
    for (let month = 0; month <= 13; month++)
      for (let day = 0; day <= 32; day++)
        for (const clock of [
          '00:00:00.000',
          '23:59:59.999',
          '24:00:00.000',
          '12:60:00.000',
          '12:34:56.789',
        ]) {
          const time = `${year}-${two(month)}-${two(day)}T${clock}Z`;
          const line = `{"time":"${time}","event":"blocked","response":"firewall-drop"}`;
          if (isParsed(events, line)) parsed++;
        }
  assert.is(parsed, 5 * 12 * 31 * 3);
});

test('agrees with JSON about the longest line of escapes', () => {
  const events = new FastJournalParser();
  for (const field of ['reason', 'log', 'note'])
    for (const escaped of ['\\"', '\\\\', '\\u0041']) {
      const head = `{"time":"2026-11-20T09:00:00.000Z","event":"blocked","response":"firewall-drop","${field}":"`;
      const many = escaped.repeat(Math.floor((MAX_LINE - head.length - 2) / escaped.length));
      assert.ok(isParsed(events, `${head}${many}"}`));
      assert.is(isParsed(events, `${head}${many}`), false);
    }
});

test.run();
