import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isSafeUrl } from '../../base/safe-url.ts';

for (const [url, isSafe] of [
  ['https://lists.example.org/drop.txt', true],
  ['http://127.0.0.1:8080/', true],
  ['http://127.1/', true],
  ['http://[::1]/', true],
  ['http://localhost/', true],
  ['http://lists.example.org/', false],
  ['http://127.example.org/', false],
  ['http://127.0.0.1.example.org/', false],
  ['ftp://127.0.0.1/', false],
  ['127.0.0.1', false],
] as const)
  test(`${isSafe ? 'accepts' : 'refuses'} ${url}`, () => {
    assert.is(isSafeUrl(url), isSafe);
  });

test.run();
