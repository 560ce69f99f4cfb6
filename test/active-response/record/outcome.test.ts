import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { outcomeOf } from '../../../active-response/record/outcome.ts';
import { EX, RiposteError } from '../../../base/errors.ts';

const REFUSED: number[] = [EX.DATAERR, EX.USAGE];

for (const [name, code] of Object.entries(EX)) {
  const word = REFUSED.includes(code) ? 'refused' : 'failed';
  test(`returns the word ${word} for an error with the code ${name}`, () => {
    assert.equal(outcomeOf(new RiposteError(code, 'why'), '203.0.113.9'), {
      word,
      reason: 'why',
      address: '203.0.113.9',
    });
  });
}

test('contains no address when the caller passes none', () => {
  assert.is(outcomeOf(new RiposteError(EX.DATAERR, 'why')).address, undefined);
});

test.run();
