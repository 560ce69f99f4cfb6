import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { closing, closingCounts, countsIn, failuresIn, lineOf, withoutClosing } from './counts.ts';

const OUTPUT = `skipped: zsh: needs zsh
• • ✘   (2 / 3)

  Total:     3
  Passed:    2
  Skipped:   1
  Duration:  1.00ms
`;

test("reads the counts in uvu's output", () => {
  assert.equal(countsIn(OUTPUT), { passed: 2, failed: 1, skipped: 1 });
});

test('counts nothing when a suite is interrupted', () => {
  assert.equal(countsIn('• •'), { passed: 0, failed: 0, skipped: 0 });
});

test('prints all output of a file when a test failed', () => {
  assert.is(
    lineOf('a.test.ts', { passed: 2, failed: 1, skipped: 0 }, 1.26, OUTPUT),
    `FAIL a.test.ts  2 passed, 1 failed  1.3 s\n\n${OUTPUT}`,
  );
});

test('prints only the skipped tests when no test failed', () => {
  assert.is(
    lineOf('a.test.ts', { passed: 2, failed: 0, skipped: 1 }, 0, OUTPUT),
    'ok   a.test.ts  2 passed, 1 skipped  0.0 s\n    skipped: zsh: needs zsh',
  );
});

test('ends with the failures and one line of counts', () => {
  assert.is(closing(['FAIL a'], { passed: 1, failed: 1, skipped: 0 }), '\nFAIL a\n\n1 passed, 1 failed');
  assert.is(closing([], { passed: 1, failed: 0, skipped: 2 }), '\n1 passed, 0 failed, 2 skipped');
});

for (const counts of [
  { passed: 1, failed: 0, skipped: 0 },
  { passed: 10, failed: 2, skipped: 3 },
])
  test(`reads the counts in a closing line, and removes the line: ${JSON.stringify(counts)}`, () => {
    const output = `ok a\n${closing(['FAIL a'], counts)}\n`;
    assert.equal(closingCounts(output), counts);
    assert.is(withoutClosing(output), 'ok a\n\nFAIL a');
  });

test('reads no counts when a run has no closing line', () => {
  assert.equal(closingCounts('ok a\n\n  Total: 3\n'), { passed: 0, failed: 0, skipped: 0 });
});

test('finds each failed file once, with its output', () => {
  const failed = lineOf('b.test.ts', { passed: 2, failed: 1, skipped: 0 }, 1, OUTPUT).trimEnd();
  assert.equal(failuresIn(`ok   a.test.ts  1 passed  0.0 s\n${failed}\n\n${failed}\n`), [failed]);
});

test.run();
