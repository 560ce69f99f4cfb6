import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readList, secondsIn } from '../../../../active-response/operator/list/read-list.ts';

const addresses = (text: string) => readList(text).entries.map(({ address }) => address.text);

test('reads the comments of Spamhaus DROP and FireHOL, a byte-order mark and CRLF', () => {
  const drop = '\ufeff; Spamhaus DROP List\r\n198.51.100.0/24 ; SBL123456\r\n\r\n2001:db8:7::/48;SBL7\r\n';
  assert.equal(addresses(drop), ['198.51.100.0/24', '2001:db8:7::/48']);
  const firehol = '#\n# firehol_level1\n# Maintainer: a, b; c\n203.0.113.7\n198.51.100.9/32 # one\n';
  assert.equal(addresses(firehol), ['203.0.113.7', '198.51.100.9']);
});

test('names a wrong line by its number, and reads the other lines', () => {
  const lines = Array.from({ length: 6000 }, (_, index) => `198.18.${index >> 8}.${index & 255}`);
  lines[4999] = '198.18.19.1356';
  const { entries, wrong } = readList(lines.join('\n'));
  assert.is(entries.length, 5999);
  assert.equal(wrong, [{ line: 5000, why: "'198.18.19.1356' is not an IP address" }]);
});

test('reads CSV with columns in any order, and skips other types and scopes', () => {
  const { entries, wrong, skipped } = readList(
    [
      '# exported',
      'duration,scope,value,reason,type',
      '4h0m0s,Ip,203.0.113.7,"a ""scan"", again",ban',
      ',range,198.51.100.0/24,,',
      '4h,Ip,203.0.113.8,x,captcha',
      '4h,Country,DE,x,ban',
      '-3m2s,Ip,203.0.113.9,over,ban',
      'soon,Ip,203.0.113.10,x,ban',
      '1h,Ip,,x,ban',
    ].join('\n'),
  );
  assert.equal(
    entries.map(({ address, seconds, note }) => [address.text, seconds, note]),
    [
      ['203.0.113.7', 14_400, 'a "scan", again'],
      ['198.51.100.0/24', undefined, undefined],
    ],
  );
  assert.is(skipped, 3);
  assert.equal(wrong, [
    { line: 8, why: "'soon' is not a duration such as 4h0m0s or 1d" },
    { line: 9, why: 'the column of the address is empty' },
  ]);
});

test('reads the output of cscli decisions list -o raw', () => {
  const { entries } = readList(
    'id,source,ip,reason,action,country,as,events_count,expiration,simulated,alert_id\n' +
      '7,cscli,Ip:203.0.113.7,manual,ban,,,1,3h59m57.2s,false,9\n' +
      '8,cscli,Range:198.51.100.0/24,manual,ban,,,1,3h59m57.2s,true,9\n',
  );
  assert.equal(
    entries.map(({ address, seconds, note }) => [address.text, seconds, note]),
    [['203.0.113.7', 14_397, 'manual']],
  );
});

test('takes the longest duration of an address that is named twice', () => {
  const { entries } = readList('value,duration\n203.0.113.7,1h\n203.0.113.7,3h\n203.0.113.7,2h\n');
  assert.equal(
    entries.map(({ seconds }) => seconds),
    [10_800],
  );
});

test('keeps a hostile text out of its messages', () => {
  const { wrong } = readList(`\u001b[2J${'x'.repeat(500)}\n`);
  assert.ok((wrong[0]?.why.length ?? 0) < 120);
  assert.match(wrong[0]?.why ?? '', '\\u001b[2J');
});

test('parses durations of Go, and times of riposte.conf', () => {
  assert.equal(['1h', '90s', '4h0m0s', '1d', 'forever', '999999h'].map(secondsIn), [
    3600,
    90,
    14_400,
    86_400,
    Number.POSITIVE_INFINITY,
    3650 * 86_400,
  ]);
  assert.equal(['', '0s', '-1h', '1x', 'h'].map(secondsIn), Array(5).fill(undefined));
});

test.run();
