import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { carried } from '../../../logs/carriers/carrier.ts';
import { compose } from '../../../logs/carriers/compose.ts';
import { docker } from '../../../logs/carriers/docker.ts';
import { caddy } from '../../../logs/readers/caddy.ts';
import { combined } from '../../../logs/readers/combined.ts';
import { nginxError } from '../../../logs/readers/nginx-error.ts';
import { assertLinear, TIME } from '../support.ts';
import { assertNobodyElseIn, assertRefused, combinedIn, insideOf, openLast } from './carried.ts';

test('opens a line after the name of a container', () => {
  for (const name of ['web-1  ', 'web_1 ', 'my.app-web-1 ', 'web'])
    assert.equal(openLast(compose, `${name}| a | b `), { line: 'a | b ', time: undefined });
});

test('removes the time that --timestamps adds', () => {
  assert.equal(openLast(compose, 'web-1  | 2025-10-10T13:55:36.123456789Z a'), { line: 'a', time: TIME });
  assert.is(insideOf(compose, 'web-1  | 2025-10-10T13:55:36.123456Z a'), '2025-10-10T13:55:36.123456Z a');
});

for (const line of [
  '',
  'a b | c',
  '| a',
  'web-1  |a',
  `${'x'.repeat(200)} | a`,
  '203.0.113.7 - - [x] "GET /a | b"',
]) {
  test(`refuses ${line.slice(0, 40)}`, () => {
    assertRefused(openLast(compose, line), 'name of a container');
  });
}

test('reports forgeable lines only when an access log on standard output is mixed with standard error', () => {
  for (const [carrier, format, isForgeable] of [
    [compose, combined, true],
    [compose, caddy, false],
    [compose, nginxError, false],
    [docker, combined, false],
  ] as const)
    assert.is(carried(carrier, format).isForgeable, isForgeable, `${carrier.name}:${format.name}`);
});

test('finds the client or none, whatever clients send', () => {
  assertNobodyElseIn(compose, (line) => [`web-1  | ${line}`], true);
});

test('takes time in proportion to the length of a line', () => {
  for (const text of ['a', ' ', '|', 'a | '])
    assertLinear((size) => combinedIn(compose).read(text.repeat(size / text.length)));
});

test.run();
