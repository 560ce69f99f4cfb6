import { linkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findAlert, parseAlert } from '../../active-response/alerts-log.ts';
import { temporaryDirectory } from './support.ts';

/** An alert as `OS_Log` of OSSEC 4.3 writes it: the id ends in the offset at which the block begins. */
const block = (
  offset: number,
  more = '',
): string => `** Alert 1795166136.${offset}: mail  - web,accesslog,attack,
2026 Nov 20 09:15:36 vm->/var/log/apache2/access.log
Rule: 31151 (level 10) -> 'Multiple web server 400 error codes from same source ip.'
Src IP: 203.0.113.9
${more}203.0.113.9 - - [20/Nov/2026:09:15:36 +0000] "GET /pma HTTP/1.1" 404 209 "-" "x"
203.0.113.9 - - [20/Nov/2026:09:15:35 +0000] "GET /sql HTTP/1.1" 404 209 "-" "x"

`;

function logOf(...texts: string[]): string {
  const file = join(temporaryDirectory(), 'alerts.log');
  writeFileSync(file, texts.join(''));
  return file;
}

test('finds an alert at the offset in its id', () => {
  const first = block(0);
  const second = block(first.length, 'User: bob\n');
  const file = logOf(first, second);
  assert.equal(findAlert(file, `1795166136.${first.length}`), {
    ruleId: '31151',
    ruleLevel: 10,
    description: 'Multiple web server 400 error codes from same source ip.',
    location: 'vm->/var/log/apache2/access.log',
    address: '203.0.113.9',
    user: 'bob',
    log: [
      '203.0.113.9 - - [20/Nov/2026:09:15:36 +0000] "GET /pma HTTP/1.1" 404 209 "-" "x"',
      '203.0.113.9 - - [20/Nov/2026:09:15:35 +0000] "GET /sql HTTP/1.1" 404 209 "-" "x"',
    ],
  });
  assert.is(findAlert(file, '1795166136.0')?.user, undefined);
});

test('searches the end of the file when the offset does not match', () => {
  const file = logOf(block(4711), block(9999));
  assert.is(findAlert(file, '1795166136.9999')?.ruleId, '31151');
  assert.is(findAlert(file, '1795166136.4711')?.ruleId, '31151');
});

test('finds nothing when the id is unknown or malformed', () => {
  const file = logOf(block(0));
  linkSync(file, `${file}.day`);
  for (const id of ['1795166136.1', '1795166136.99999999999999999', '-', '(from_the_server)', '../x.0', ''])
    assert.is(findAlert(file, id), undefined, id);
  assert.is(findAlert(`${file}.missing`, '1795166136.0'), undefined);
  assert.is(findAlert(temporaryDirectory(), '1795166136.0'), undefined);
});

test('reads a log line that looks like a field as a log line', () => {
  const text = `** Alert 1.0: - x,
2026 Nov 20 09:15:36 vm->/var/log/x
Rule: 1 (level 3) -> 'it's a rule'
User: Src IP: 192.0.2.1
Src IP: 198.51.100.1
User: root
** Alert 1.0: - forged,
`;
  const alert = parseAlert(text, '1.0');
  assert.is(alert?.address, undefined);
  assert.is(alert?.user, 'Src IP: 192.0.2.1');
  assert.is(alert?.description, "it's a rule");
  assert.equal(alert?.log, ['Src IP: 198.51.100.1', 'User: root']);
});

test('returns no alert for a malformed block', () => {
  assert.is(parseAlert('** Alert 1.0: - x,\nwhere\nno rule\n', '1.0'), undefined);
  assert.is(parseAlert('** Alert 1.0:', '1.0'), undefined);
});

test.run();
