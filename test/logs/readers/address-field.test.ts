import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAddress } from '../../../base/address.ts';
import { parseAddressField } from '../../../logs/readers/address-field.ts';
import { someRuns } from '../../runner/share.ts';

for (const [text, address] of [
  ['203.0.113.7', '203.0.113.7'],
  ['203.0.113.7:5123', '203.0.113.7'],
  ['"203.0.113.7"', '203.0.113.7'],
  ['"203.0.113.7:5123"', '203.0.113.7'],
  [' \t203.0.113.7 ', '203.0.113.7'],
  ['\ufeff203.0.113.7', '203.0.113.7'],
  ['\xef\xbb\xbf203.0.113.7', '203.0.113.7'],
  ['\xef\xbb\xbf "203.0.113.7"', '203.0.113.7'],
  ['2001:db8::7', '2001:db8::7'],
  ['2001:DB8:0::7', '2001:db8::7'],
  ['2001:db8::99:80', '2001:db8::99:80'],
  ['[2001:db8::7]', '2001:db8::7'],
  ['[2001:db8::7]:443', '2001:db8::7'],
  ['"[2001:db8::7]:443"', '2001:db8::7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['[::ffff:cb00:7107]:80', '203.0.113.7'],
  ['64:ff9b::203.0.113.7', '64:ff9b::cb00:7107'],
  ['::1', '::1'],
] as const)
  test(`reads ${JSON.stringify(text)} as ${address}`, () => assert.is(parseAddressField(text), address));

for (const text of [
  '',
  ' ',
  '-',
  '"',
  '""',
  '"-"',
  'unknown',
  '_hidden',
  'foo',
  'host.example',
  'unix:',
  'unix:/run/x.sock',
  '203.0.113.0/24',
  '203.0.113.7/32',
  '2001:db8::/64',
  '203.0.113.7;',
  '203.0.113.7,',
  '203.0.113.7, 198.51.100.99',
  '203.0.113.7 198.51.100.99',
  '"203.0.113.7',
  '203.0.113.7"',
  '""203.0.113.7""',
  '203.0.113',
  '203.0.113.007',
  '0xcb007107',
  '3405803783',
  '203.0.113.7:',
  '203.0.113.7:x',
  '203.0.113.7:65536',
  '203.0.113.7:123456',
  '203.0.113.7:80:80',
  '[203.0.113.7]',
  '[203.0.113.7]:80',
  '[2001:db8::7',
  '2001:db8::7]',
  '[2001:db8::7]x',
  '[2001:db8::7]:',
  '[2001:db8::7]:x',
  '[2001:db8::7]443',
  '[[2001:db8::7]]',
  '[]',
  'fe80::1%eth0',
  '[fe80::1%eth0]',
  '203.0.113.7\0',
  '203.0.113.7\n',
  '\u0662\u0660\u0663.0.113.7',
  `${' '.repeat(100)}203.0.113.7`,
])
  test(`refuses ${JSON.stringify(text)} as an address`, () => assert.is(parseAddressField(text), undefined));

test('writes an address of any form in the form that all of Riposte uses', () => {
  const wrap = fc.constantFrom<(text: string) => string>(
    (text) => text,
    (text) => (text.includes(':') ? `[${text}]` : text),
    (text) => (text.includes(':') ? `[${text}]:443` : `${text}:443`),
    (text) => `"${text}"`,
    (text) => ` ${text}\t`,
  );
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), wrap, (text, around) => {
      assert.is(parseAddressField(around(text)), parseAddress(text).text);
    }),
    { numRuns: someRuns(20_000) },
  );
});

test('gives only an address that is in the text, for any text', () => {
  const piece = fc.constantFrom(
    '203.0.113.7',
    '2001:db8::7',
    '[',
    ']',
    ':',
    '"',
    ' ',
    ',',
    '/',
    '443',
    'x',
    '-',
    '.',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const text = pieces.join('');
      const address = parseAddressField(text);
      if (address !== undefined) assert.is(parseAddress(address).text, address, text);
    }),
    { numRuns: someRuns(20_000) },
  );
});

test('finds no address in a megabyte of any text', () => {
  for (const char of ['1', '.', ':', ' ', '"', '[', '0.'])
    assert.is(parseAddressField(char.repeat(1 << 20)), undefined);
});

test.run();
