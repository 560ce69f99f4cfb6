import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Source } from '../../../judgement/sources/source.ts';

const test = suite('a source');

test('does not remember a referer’s host that is longer than a host name may be', () => {
  const label = 'a'.repeat(49);
  const longest = `${Array.from({ length: 5 }, () => label).join('.')}.org`;
  assert.is(new Source('203.0.113.7').noteReferer(`https://${longest}/`), true);
  assert.is(new Source('203.0.113.7').noteReferer(`https://${longest}.${'a'.repeat(8000)}/`), false);
});

test('recognizes a referer that names the last target with a signature', () => {
  const source = new Source('203.0.113.7');
  assert.is(source.isReferer('https://www.example.org/?q=1'), false);
  source.noteTarget('/?q=1');
  assert.is(source.isReferer('https://www.example.org/?q=1'), true);
  assert.is(source.isReferer('https://www.example.org/?q=2'), false);
});

test.run();
