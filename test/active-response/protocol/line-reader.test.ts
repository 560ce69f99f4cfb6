import { spawn } from 'node:child_process';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LineReader, LONGEST_LINE } from '../../../active-response/protocol/line-reader.ts';
import { EX } from '../../../base/errors.ts';
import { failureOf } from '../support.ts';

/** Far longer than any of these tests. If a reader waits this long, the suite's time limit ends the test. */
const TIMEOUT = 60_000;

function openStream(): { stream: PassThrough; reader: LineReader } {
  const stream = new PassThrough();
  return { stream, reader: new LineReader(stream) };
}

test('returns a line as soon as it is written, while the stream stays open', async () => {
  const { stream, reader } = openStream();
  stream.write('{"version":1}\n');
  assert.is(await reader.next(TIMEOUT), '{"version":1}');
  assert.not(stream.writableEnded);
});

test('waits for a line that comes later', async () => {
  const { stream, reader } = openStream();
  const line = reader.next(TIMEOUT);
  setImmediate(() => stream.write('late\n'));
  assert.is(await line, 'late');
});

test('returns a line that came while this process was blocked', async () => {
  const manager = spawn('sh', ['-c', 'read go; echo in time; read end'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const reader = new LineReader(manager.stdout);
  const line = reader.next(50);
  manager.stdin.write('go\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
  const found = await line;
  manager.kill();
  assert.is(found, 'in time');
});

test('returns lines one by one, in pieces of any size', async () => {
  const { stream, reader } = openStream();
  stream.write('one\ntwo\nth');
  assert.is(await reader.next(TIMEOUT), 'one');
  assert.is(await reader.next(TIMEOUT), 'two');
  const third = reader.next(TIMEOUT);
  stream.write('ree\n');
  assert.is(await third, 'three');
});

test('returns an empty line', async () => {
  const { stream, reader } = openStream();
  stream.write('\nnext\n');
  assert.is(await reader.next(TIMEOUT), '');
  assert.is(await reader.next(TIMEOUT), 'next');
});

test('joins a character that is split between two chunks', async () => {
  const { stream, reader } = openStream();
  const line = reader.next(TIMEOUT);
  for (const byte of Buffer.from('Grüße, 世界 🎉\n')) {
    stream.write(Buffer.from([byte]));
    await new Promise(setImmediate);
  }
  assert.is(await line, 'Grüße, 世界 🎉');
});

test('replaces bytes that are not UTF-8 by U+FFFD', async () => {
  const { stream, reader } = openStream();
  stream.write(Buffer.from([0x61, 0xff, 0xc3, 0x62, 0x0a]));
  assert.is(await reader.next(TIMEOUT), 'a\ufffd\ufffdb');
});

test('returns the remaining text at the end of the stream', async () => {
  const { stream, reader } = openStream();
  stream.end('no newline');
  assert.is(await reader.next(TIMEOUT), 'no newline');
  assert.is(await reader.next(TIMEOUT), undefined);
});

test('returns no line when the stream ends without a byte', async () => {
  const { stream, reader } = openStream();
  stream.end();
  assert.is(await reader.next(TIMEOUT), undefined);
});

test('returns all lines that were written before the end', async () => {
  const { stream, reader } = openStream();
  stream.end('one\ntwo\n');
  assert.is(await reader.next(TIMEOUT), 'one');
  assert.is(await reader.next(TIMEOUT), 'two');
  assert.is(await reader.next(TIMEOUT), undefined);
});

test('returns undefined at a timeout', async () => {
  const { reader } = openStream();
  assert.is(await reader.next(10), undefined);
});

test('returns undefined at a timeout after the first line', async () => {
  const { stream, reader } = openStream();
  stream.write('one\n');
  assert.is(await reader.next(TIMEOUT), 'one');
  assert.is(await reader.next(10), undefined);
});

test('returns undefined for half a line at a timeout while the stream is open', async () => {
  const { stream, reader } = openStream();
  stream.write('{"command":"add"');
  assert.is(await reader.next(10), undefined);
});

for (const [title, chunks] of [
  ['in one chunk', (text: string) => [text]],
  ['in many chunks', (text: string) => text.match(/[\s\S]{1,4096}/g) ?? []],
] as const) {
  test(`returns a line of exactly the limit, ${title}`, async () => {
    const { stream, reader } = openStream();
    const line = reader.next(TIMEOUT);
    for (const chunk of chunks(`${'x'.repeat(LONGEST_LINE)}\n`)) stream.write(chunk);
    assert.is((await line)?.length, LONGEST_LINE);
  });

  test(`throws an error for a line of one byte more than the limit, ${title}`, async () => {
    const { stream, reader } = openStream();
    const line = failureOf(reader.next(TIMEOUT));
    for (const chunk of chunks(`${'x'.repeat(LONGEST_LINE + 1)}\n`)) stream.write(chunk);
    const error = await line;
    assert.is(error.exitCode, EX.DATAERR);
    assert.is(error.message, 'the message is longer than 65536 bytes');
  });
}

test('throws an error for an endless line as soon as it is too long', async () => {
  const { stream, reader } = openStream();
  const line = failureOf(reader.next(TIMEOUT));
  for (let i = 0; i < 18; i++) stream.write('x'.repeat(4096));
  assert.is((await line).exitCode, EX.DATAERR);
  assert.not(stream.writableEnded);
});

test('limits bytes, not characters', async () => {
  const { stream, reader } = openStream();
  const line = failureOf(reader.next(TIMEOUT));
  stream.write(`${'ü'.repeat(LONGEST_LINE / 2)}x\n`);
  assert.is((await line).exitCode, EX.DATAERR);
});

test('returns the next line after a line of exactly the limit', async () => {
  const { stream, reader } = openStream();
  stream.write(`${'x'.repeat(LONGEST_LINE)}\n${'y'.repeat(LONGEST_LINE)}\n`);
  assert.is((await reader.next(TIMEOUT))?.[0], 'x');
  assert.is((await reader.next(TIMEOUT))?.[0], 'y');
});

test('throws the stream’s error', async () => {
  const { stream, reader } = openStream();
  const line = failureOf(reader.next(TIMEOUT));
  stream.destroy(new Error('EIO: i/o error'));
  const error = await line;
  assert.is(error.exitCode, EX.IOERR);
  assert.is(error.message, 'cannot read standard input: EIO: i/o error');
});

test('returns the written lines for any chunks', async () => {
  const lines = fc.array(
    fc
      .string({ unit: 'binary', maxLength: 20 })
      .map((line) => Buffer.from(line.replaceAll('\n', ' ')).toString()),
    { maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(
      lines,
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
      async (written, sizes) => {
        const { stream, reader } = openStream();
        const bytes = Buffer.from(written.map((line) => `${line}\n`).join(''));
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length] ?? 1;
          stream.write(bytes.subarray(at, at + size));
          at += size;
        }
        for (const line of written) assert.is(await reader.next(TIMEOUT), line);
        stream.end();
        assert.is(await reader.next(TIMEOUT), undefined);
      },
    ),
    { numRuns: 500 },
  );
});

test.run();
