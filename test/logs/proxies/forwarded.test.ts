import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { forwardedFor, startOfElement } from '../../../logs/proxies/forwarded.ts';

for (const [element, address] of [
  ['for=203.0.113.7', '203.0.113.7'],
  ['for=203.0.113.7:5123', '203.0.113.7'],
  ['For="203.0.113.7:5123"', '203.0.113.7'],
  ['FOR="[2001:db8::7]"', '2001:db8::7'],
  ['for="[2001:db8::7]:443"', '2001:db8::7'],
  [' for=203.0.113.7;proto=https;by=203.0.113.9 ', '203.0.113.7'],
  ['proto=https; for="203.0.113.7" ;host="a,b;for=198.51.100.99"', '203.0.113.7'],
  ['host="a\\"b";for=203.0.113.7', '203.0.113.7'],
  ['host="a\\\\";for=203.0.113.7', '203.0.113.7'],
  [';;for=203.0.113.7;', '203.0.113.7'],
] as const)
  test(`${element} names ${address}`, () => assert.is(forwardedFor(element), address));

for (const element of [
  '',
  ' ',
  '-',
  '203.0.113.7',
  'for',
  'for=',
  'for=""',
  'for=unknown',
  'for=_hidden',
  'for="_SEVKISEK"',
  'for=203.0.113.0/24',
  'for=host.example',
  'proto=https',
  'by=203.0.113.9',
  'xfor=203.0.113.7',
  'for =203.0.113.7',
  'for= 203.0.113.7',
  'for="203.0.113.7',
  'for=203.0.113.7"',
  'for="203.0.113.7"x',
  'for=203.0.113.7 x',
  'for=203.0.113.7 for=198.51.100.99',
  'for=203.0.113.7;for=198.51.100.99',
  'for=203.0.113.7;for=203.0.113.7',
  'for="203.0.113.7\\"',
  'for="\\203.0.113.7"',
  'host="a;for=203.0.113.7',
  'host=a"b;for=203.0.113.7',
  'a=b=c;for=203.0.113.7',
  '=x;for=203.0.113.7',
  'x y=1;for=203.0.113.7',
])
  test(`${JSON.stringify(element)} names no address`, () => assert.is(forwardedFor(element), undefined));

for (const [header, last] of [
  ['for=203.0.113.7', 'for=203.0.113.7'],
  ['for=198.51.100.99, for=203.0.113.7', ' for=203.0.113.7'],
  ['a, for=203.0.113.7;host="x,y"', ' for=203.0.113.7;host="x,y"'],
  ['a,for=203.0.113.7;host="x,\\",y";by="z,z"', 'for=203.0.113.7;host="x,\\",y";by="z,z"'],
  ['a,for=203.0.113.7;host="x,\\\\"', 'for=203.0.113.7;host="x,\\\\"'],
  // A quote that the client has left open does not hide the element that the proxy has appended.
  ['for="198.51.100.99, for=203.0.113.7', ' for=203.0.113.7'],
  ['for=198.51.100.99;host="x\\, for=203.0.113.7;host="y"', ' for=203.0.113.7;host="y"'],
  ['for=203.0.113.7,', ''],
  ['', ''],
] as const)
  test(`finds ${JSON.stringify(last)} as the last element of ${header}`, () => {
    assert.is(header.slice(startOfElement(header, header.length)), last);
  });

test('finds elements one by one from the end', () => {
  const header = 'for=1;x="a,b",for=2, ,for=3';
  const elements: string[] = [];
  for (let end = header.length; end >= 0; ) {
    const start = startOfElement(header, end);
    elements.push(header.slice(start, end));
    end = start - 1;
  }
  assert.equal(elements, ['for=3', ' ', 'for=2', 'for=1;x="a,b"']);
});

test.run();
