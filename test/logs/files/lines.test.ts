import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { asManagersSee, type Line, MAX_LINE, MAX_READER_LINE, readLines } from '../../../logs/files/lines.ts';

async function read(pieces: Buffer[], longest?: number): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const some of readLines(stream(pieces), longest)) lines.push(...some);
  return lines;
}

async function* stream(pieces: Buffer[]): AsyncGenerator<Buffer> {
  yield* pieces;
}

test('splits bytes that come in any pieces at their newlines', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 12 }), { maxLength: 12 }), async (pieces) => {
      const buffers = pieces.map((piece) => Buffer.from(piece.map((byte) => (byte % 3 === 0 ? 10 : byte))));
      const expected = Buffer.concat(buffers).toString('latin1').split('\n');
      if (expected.at(-1) === '') expected.pop();
      assert.equal(
        (await read(buffers)).map(({ text }) => text),
        expected,
      );
    }),
  );
});

test('cuts a line of 10 MB that comes in pieces, and keeps the next line whole', async () => {
  const pieces = Array.from({ length: 160 }, () => Buffer.alloc(65_536, 'a'));
  const lines = await read([...pieces, Buffer.from('b\nnext\n')]);
  assert.equal(
    lines.map(({ text, cut }) => [text.length, cut]),
    [
      [MAX_LINE, 159 * 65_536 + 1],
      [4, 0],
    ],
  );
});

test('cuts a line of 20 MB at the requested length when it comes in one piece or in many', async () => {
  const whole = Buffer.concat([Buffer.alloc(20_000_000, 'a'), Buffer.from('\nnext\n')]);
  const many = Array.from({ length: 400 }, (_, at) => whole.subarray(at * 50_001, (at + 1) * 50_001));
  for (const longest of [10, MAX_LINE, MAX_READER_LINE])
    for (const pieces of [[whole], many])
      assert.equal(
        (await read(pieces, longest)).map(({ text, cut }) => [text.length, cut]),
        [
          [longest, 20_000_000 - longest],
          [4, 0],
        ],
      );
});

test('keeps a line at the limit, and cuts a longer line', async () => {
  for (const [length, cut] of [
    [100, 0],
    [101, 1],
  ] as const)
    for (const size of [1, 100, 1000]) {
      const whole = Buffer.from(`${'a'.repeat(length)}\n`);
      const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, at) =>
        whole.subarray(at * size, (at + 1) * size),
      );
      assert.equal(await read(pieces, 100), [{ text: 'a'.repeat(100), cut }]);
    }
});

test('gives decoders as much of a line as a manager would read', () => {
  assert.equal(asManagersSee({ text: 'a', cut: 0 }), { text: 'a', cut: 0 });
  const long = asManagersSee({ text: 'a'.repeat(MAX_LINE + 7), cut: 5 });
  assert.equal([long.text.length, long.cut], [MAX_LINE, 12]);
});

test.run();
