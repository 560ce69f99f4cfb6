import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readEntries, withEntry, withoutLines } from '../../../active-response/guard/entries.ts';
import { EX } from '../../../base/errors.ts';
import { refuses } from '../support.ts';

const FILE = '/var/ossec/etc/riposte.allow';

test('reads entries unchanged, with their comments and line numbers', () => {
  const entries = readEntries(
    '# ours\n\n 203.0.113.7 # office\r\n::ffff:198.51.100.1\n2001:DB8::/64#v6\n',
    FILE,
  );
  assert.equal(
    entries.map(({ text, comment, line }) => [text, comment, line]),
    [
      ['203.0.113.7', 'office', 3],
      ['198.51.100.1', '', 4],
      ['2001:db8::/64', 'v6', 5],
    ],
  );
});

test('names file and line of a bad line', () => {
  refuses(
    () => readEntries('203.0.113.7\nwww.example.com\u001b[2J\n', FILE),
    EX.CONFIG,
    /riposte\.allow:2: 'www\.example\.com\\u001b\[2J' is not an address, a prefix or a host name/,
  );
});

test('appends an entry, and ends its line like the previous line', () => {
  assert.is(withEntry('', '203.0.113.7', 'x'), '203.0.113.7  # x\n');
  assert.is(withEntry('# a', '203.0.113.7', 'x'), '# a\n203.0.113.7  # x\n');
  assert.is(withEntry('# a\r\n', '203.0.113.7', 'x'), '# a\r\n203.0.113.7  # x\r\n');
  assert.is(withEntry('# a\r\n# b', '203.0.113.7', 'x'), '# a\r\n# b\r\n203.0.113.7  # x\r\n');
});

test('removes whole lines, and nothing else', () => {
  const text = 'a\r\nb\n\nc';
  assert.is(withoutLines(text, new Set([1])), 'b\n\nc');
  assert.is(withoutLines(text, new Set([2, 4])), 'a\r\n\n');
  assert.is(withoutLines(text, new Set()), text);
});

test.run();
