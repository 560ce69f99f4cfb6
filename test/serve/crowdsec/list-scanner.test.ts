import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ListScanner } from '../../../serve/crowdsec/list-scanner.ts';

/** Scans a text that comes in pieces of this size. */
function scan(text: string, size: number) {
  const items: [string, unknown][] = [];
  const scanner = new ListScanner((key, item) => items.push([key, item]));
  for (let at = 0; at < text.length; at += size) scanner.scan(text.slice(at, at + size));
  return { items, keys: scanner.keys, isComplete: scanner.isComplete };
}

const STRANGE = { value: 'a"}]\\', more: [{ x: '{"new":[' }, []] };
const TEXTS = [
  { new: [{ id: 1 }, STRANGE], deleted: null },
  { deleted: [{ id: 2 }], new: [] },
  { new: null, deleted: null },
];

for (const [index, value] of TEXTS.entries())
  test(`finds the objects of lists when the text comes in pieces of any size (${index})`, () => {
    for (const text of [JSON.stringify(value), JSON.stringify(value, undefined, 1)])
      for (const size of [1, 2, 7, 1000]) {
        const expected = Object.entries(value).flatMap(([key, list]) =>
          (list ?? []).map((item: unknown) => [key, item]),
        );
        assert.equal(scan(text, size), { items: expected, keys: Object.keys(value), isComplete: true });
      }
  });

test('reports an incomplete text that ends early, and refuses other texts', () => {
  const text = JSON.stringify(TEXTS[0]);
  for (let length = 0; length < text.length; length++)
    assert.is(scan(text.slice(0, length), 5).isComplete, false, text.slice(0, length));
  for (const other of ['<html></html>', 'null', '"new"', '7'])
    assert.throws(() => scan(other, 100), /does not begin/, other);
  assert.throws(() => scan(`{"new":[{"x":"${'y'.repeat(70_000)}`, 1000), /longer than/);
});

test.run();
