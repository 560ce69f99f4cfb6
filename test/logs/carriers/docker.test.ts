import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { carried } from '../../../logs/carriers/carrier.ts';
import { docker } from '../../../logs/carriers/docker.ts';
import { caddy } from '../../../logs/readers/caddy.ts';
import { combined } from '../../../logs/readers/combined.ts';
import { assertLinear, CLIENT, FORGED, SENT, TIME, VICTIM } from '../support.ts';
import {
  assertNobodyElseIn,
  assertRefused,
  combinedIn,
  combinedLine,
  insideOf,
  openerOf,
  openLast,
  dockerPiece as pieceOf,
} from './carried.ts';

test('opens a line, with its time', () => {
  assert.equal(openLast(docker, pieceOf('a "b" <c>\n')), { line: 'a "b" <c>', time: TIME });
  assert.is(insideOf(docker, pieceOf('a\r\n')), 'a');
  assert.is(
    insideOf(docker, '{"log":"a\\n","stream":"stderr","attrs":{"tag":"x"},"time":"2025-10-10T13:55:36Z"}'),
    'a',
  );
});

test('joins the pieces of 16 KB of each stream separately', () => {
  const piece = 'x'.repeat(16_384);
  const opener = openerOf(docker);
  assert.is(opener.open(pieceOf(piece)), 'incomplete');
  assert.equal(opener.open(pieceOf('other\n', 'stderr')), { line: 'other', time: TIME, isError: true });
  assert.is(opener.open(pieceOf(piece)), 'incomplete');
  assert.equal(opener.open(pieceOf('end\n')), { line: `${piece}${piece}end`, time: TIME });
});

test('reads no access line from standard error, because nginx writes a client’s line breaks there unchanged', () => {
  const forged = pieceOf(`${combinedLine(SENT).replace(CLIENT, VICTIM)}\n`, 'stderr');
  const reader = combinedIn(docker);
  assert.is(reader.read(forged).kind, 'unreadable');
  assert.is(reader.read(pieceOf(`${combinedLine(SENT)}\n`)).kind, 'access');
  assert.is(reader.read(forged).kind, 'nothing');
  assert.not.ok(carried(docker, combined).isToldBy?.(forged));
});

test('reads Caddy’s lines on standard error', () => {
  const line =
    '{"level":"info","ts":1646861401.5,"logger":"http.log.access","msg":"handled request","request":' +
    '{"remote_ip":"203.0.113.7","proto":"HTTP/2.0","method":"GET","uri":"/","headers":{}},"size":1,"status":404}';
  const format = carried(docker, caddy);
  const reader = format.newReader({ policy: { trustsPeer: false, proxies: undefined }, now: 0 });
  assert.is(reader.read(pieceOf(`${line}\n`, 'stderr')).kind, 'access');
});

test('refuses the rest of a line when the reader has not seen its beginning', () => {
  const begun = (...last: string[]) => {
    const reader = combinedIn(docker);
    reader.begin?.({ head: [], last });
    return reader;
  };
  const line = combinedLine(SENT);
  assert.is(begun(pieceOf('xxx')).read(pieceOf(`${line}\n`)).kind, 'unreadable');
  assert.is(begun(pieceOf('xxx'), pieceOf('x\n')).read(pieceOf(`${line}\n`)).kind, 'access');
  const rest = begun(pieceOf('x\n'), pieceOf(line.slice(0, 50)));
  assert.is(rest.read(pieceOf(`${line.slice(50)}\n`)).kind, 'access');
});

test('refuses the rest of a line when one of its pieces could not be opened', () => {
  const opener = openerOf(docker);
  opener.open(pieceOf('a\n'));
  assertRefused(opener.open('{"log":"bbb'), 'not a JSON object');
  assertRefused(opener.open(pieceOf(`${VICTIM} - -\n`)), 'missing');
  assert.equal(opener.open(pieceOf('a\n')), { line: 'a', time: TIME });
});

test('reads the longest line that nginx writes with its default limits', () => {
  const bytes = '\\xff'.repeat(8000);
  const line = `203.0.113.7 - - [10/Oct/2025:13:55:36 +0000] "GET /?${bytes} HTTP/1.1" 404 1 "${bytes}" "${bytes}"\n`;
  const reader = combinedIn(docker);
  for (let at = 0; at + 16_384 < line.length; at += 16_384)
    assert.is(reader.read(pieceOf(line.slice(at, at + 16_384))).kind, 'nothing');
  assert.is(reader.read(pieceOf(line.slice(line.length - (line.length % 16_384)))).kind, 'access');
});

test('refuses the rest of a line that is too long to be kept whole', () => {
  const reader = combinedIn(docker);
  reader.readCut?.(pieceOf('x'.repeat(65_536)).slice(0, 65_536));
  assert.is(reader.read(pieceOf(`${combinedLine(SENT)}\n`)).kind, 'unreadable');
  assert.is(reader.read(pieceOf(`${combinedLine(SENT)}\n`)).kind, 'access');
});

for (const [what, line, reason] of [
  [
    'a key that occurs twice',
    '{"log":"a\\n","log":"b\\n","stream":"stdout","time":"2025-10-10T13:55:36Z"}',
    'twice',
  ],
  ['a text that is a number', '{"log":1,"stream":"stdout","time":"2025-10-10T13:55:36Z"}', 'no log'],
  ['another stream', '{"log":"a\\n","stream":"x","time":"2025-10-10T13:55:36Z"}', 'no log'],
  ['no text', '{"stream":"stdout","time":"2025-10-10T13:55:36Z"}', 'no log'],
  ['several lines', '{"log":"a\\nb\\n","stream":"stdout","time":"2025-10-10T13:55:36Z"}', 'several lines'],
  ['no JSON', 'a', 'not a JSON object'],
] as const) {
  test(`refuses a line with ${what}`, () => {
    assertRefused(openLast(docker, line), reason);
  });
}

test('finds the client or none, wherever lines are split', () => {
  const split = (line: string, at: readonly number[]) =>
    [0, ...at].map((from, index) =>
      pieceOf(index < at.length ? line.slice(from, at[index]) : `${line.slice(from)}\n`),
    );
  assertNobodyElseIn(docker, split, true);
});

test('takes time in proportion to the length of a line', () => {
  for (const text of ['a', '"', '\\', '\u0001'])
    assertLinear((size) =>
      combinedIn(docker).read(pieceOf(`${combinedLine(SENT)}${text.repeat(size / 8)}\n`)),
    );
  assertLinear((size) => {
    const reader = combinedIn(docker);
    for (let read = 0; read < size; read += 128) reader.read(pieceOf(FORGED.join('').slice(0, 100)));
  });
});

test.run();
