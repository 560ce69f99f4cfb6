import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EX, RiposteError } from '../../active-response/errors.ts';
import { outcomeOf } from '../../active-response/outcome.ts';

const REFUSED: number[] = [EX.DATAERR, EX.USAGE];

for (const [name, code] of Object.entries(EX)) {
  const word = REFUSED.includes(code) ? 'refused' : 'failed';
  test(`an error with the code ${name} is a request that is ${word}`, () => {
    assert.equal(outcomeOf(new RiposteError(code, 'why'), '203.0.113.9'), {
      word,
      reason: 'why',
      address: '203.0.113.9',
    });
  });
}

test('without an address there is none in the outcome', () => {
  assert.is(outcomeOf(new RiposteError(EX.DATAERR, 'why')).address, undefined);
});

test.run();
