import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readAllowList } from '../../../active-response/guard/allow-list.ts';
import { EX } from '../../../base/errors.ts';
import { refuses, temporaryDirectory } from '../support.ts';

const file = join(temporaryDirectory(), 'riposte.allow');

function read(text: string): string[] {
  writeFileSync(file, text);
  return readAllowList(file).map((address) => address.text);
}

test('reads one address or prefix in each line, and skips comments and empty lines', () => {
  assert.equal(
    read(
      '# the office\n203.0.113.9\n\n  198.51.100.77/24   # all of it\n2001:DB8::/32#home\n::ffff:192.0.2.1',
    ),
    ['203.0.113.9', '198.51.100.0/24', '2001:db8::/32', '192.0.2.1'],
  );
});

test('reads a file with CRLF and a byte order mark in the same way', () => {
  assert.equal(read('\ufeff203.0.113.9\r\n\r\n198.51.100.0/24\r\n'), ['203.0.113.9', '198.51.100.0/24']);
});

test('allows prefixes that are too wide to block', () => {
  assert.equal(read('::/0\n0.0.0.0/0\n'), ['::/0', '0.0.0.0/0']);
});

test('allows no address when the file is missing or empty', () => {
  assert.equal(readAllowList(join(file, '../none')), []);
  assert.equal(read(''), []);
});

test('names file, line and entry of a bad line, and returns no entry', () => {
  for (const line of [
    'the office',
    '203.0.113',
    '203.0.113.9 198.51.100.1',
    '203.0.113.9/33',
    'fe80::1%eth0',
    '10.0.0.0-10.0.0.9',
    '; 203.0.113.9',
  ])
    refuses(
      () => read(`203.0.113.9\n# two\n${line}\n`),
      EX.CONFIG,
      /riposte\.allow:3: '.+' is not an address, a prefix or a host name$/,
    );
});

test('shows a bad line escaped and shortened', () => {
  refuses(
    () => read(`\u001b[2J${'x'.repeat(5000)}`),
    EX.CONFIG,
    /riposte\.allow:1: '\\u001b\[2Jx{50,80}…' is not/,
  );
});

test('throws an error when the list cannot be read', () => {
  const directory = join(temporaryDirectory(), 'riposte.allow');
  mkdirSync(directory);
  refuses(() => readAllowList(directory), EX.IOERR, /^cannot read /);
});

test.run();
