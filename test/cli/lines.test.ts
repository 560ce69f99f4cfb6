import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Line, MAX_LINE, readLines } from '../../cli/lines.ts';

async function read(pieces: Buffer[]): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const some of readLines(stream(pieces))) lines.push(...some);
  return lines;
}

async function* stream(pieces: Buffer[]): AsyncGenerator<Buffer> {
  yield* pieces;
}

test('any bytes in any pieces give the lines between their newlines', async () => {
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

test('a line of 10 MB in pieces is cut, and what follows it is whole', async () => {
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

test.run();
