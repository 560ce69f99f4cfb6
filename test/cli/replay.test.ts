import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { riposte } from './io.ts';

const replay = suite<{ dir: string }>('replay', { dir: '' });
replay.before.each((context) => {
  context.dir = mkdtempSync(join(tmpdir(), 'riposte-replay-'));
});
replay.after.each(({ dir }) => rmSync(dir, { recursive: true }));

const request = (source: string, second: number, page: string, code = 404) =>
  `${source} - - [20/Nov/2026:09:00:${String(second).padStart(2, '0')} +0000] "GET ${page} HTTP/1.1" ${code} 10 "-" "Mozilla/5.0"`;

/** Fourteen missing pages: one more than stock 31151 lets pass. */
const scan = (source: string) => Array.from({ length: 14 }, (_, i) => request(source, i, `/page${i}`));

interface Report {
  address?: string;
  time?: string;
  rule?: number;
  line?: string;
  summary?: Record<string, unknown>;
}

const reports = (out: string): Report[] =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

replay('tells who would have been blocked, when, by which rule, with the line', async ({ dir }) => {
  const file = join(dir, 'access.log');
  writeFileSync(file, [...scan('203.0.113.9'), request('198.51.100.1', 20, '/a', 200), ''].join('\n'));
  const { out, exitCode } = await riposte(['replay', file]);
  assert.is(exitCode, 0);
  assert.match(
    out,
    /^2026-11-20T09:00:13Z {2}203\.0\.113\.9 {2}rule \d+ \(level 10\) .*\n {4}203\.0\.113\.9 - - .*\/page13 /,
  );
  assert.match(out, /\n15 lines by the log's own time, 2026-11-20T09:00:00Z to 2026-11-20T09:00:20Z/);
  assert.match(out, /\n1 addresses would have been blocked\n$/);
});

replay('a compressed log, a pipe and several logs give the same', async ({ dir }) => {
  const [plain, zipped] = [join(dir, 'a.log'), join(dir, 'b.log.gz')];
  const text = `${scan('203.0.113.9').join('\n')}\n`;
  writeFileSync(plain, text);
  writeFileSync(zipped, gzipSync(text.replaceAll('203.0.113.9', '203.0.113.10')));
  const { out } = await riposte(
    ['replay', '--json', plain, zipped, '-'],
    text.replaceAll('203.0.113.9', '203.0.113.11'),
    7,
  );
  const [a, b, c, { summary } = {}] = reports(out);
  assert.equal([a?.address, b?.address, c?.address], ['203.0.113.9', '203.0.113.10', '203.0.113.11']);
  assert.equal([summary?.lines, summary?.blocked], [42, 3]);
});

replay('a thousand sources that scan in turn are all found', async () => {
  const sources = Array.from({ length: 1000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
  const lines = Array.from({ length: 14 }, (_, turn) =>
    sources.map((source) => request(source, turn, `/p${turn}`)),
  ).flat();
  const { out } = await riposte(['replay', '--json', '-'], lines.join('\n'));
  assert.is(reports(out).at(-1)?.summary?.blocked, 1000);
});

replay(
  'malformed lines, NUL bytes, long lines, mixed formats and times out of order are counted and survived',
  async () => {
    const lines = [
      request('203.0.113.9', 30, '/a', 200),
      request('203.0.113.9', 10, '/b', 200),
      'utter nonsense',
      '',
      request('203.0.113.9', 31, '/nul\0byte', 200),
      `203.0.113.9 - - [20/Nov/2026:09:00:32 +0000] "GET /${'a'.repeat(1_000_000)} HTTP/1.1" 404 1 "-" "x"`,
      'Nov 20 09:00:40 web sshd[1]: x',
      '[Fri Nov 20 09:00:00.123456 2026] [:error] [pid 1] [client 203.0.113.9:1] x',
      '\xff\xfe\x80',
      request('203.0.113.9', 33, '/end', 200),
    ];
    const { out, exitCode } = await riposte(
      ['replay', '--json', '-'],
      Buffer.from(`${lines.join('\r\n')}\r\n`, 'latin1'),
    );
    const summary = reports(out).at(-1)?.summary ?? {};
    assert.is(exitCode, 0);
    const { lines: all, empty, control, cut, withoutTime } = summary;
    assert.equal(
      { all, empty, control, cut, withoutTime },
      { all: 10, empty: 1, control: 1, cut: 1, withoutTime: 2 },
    );
    assert.ok(Number(summary.outOfOrder) >= 1);
    assert.ok(Number(summary.undecoded) >= 2);
  },
);

replay('--level lowers what it takes to be blocked', async () => {
  const line = request('203.0.113.9', 0, '/a');
  const [at10] = reports((await riposte(['replay', '--json', '-'], line)).out);
  const [at5] = reports((await riposte(['replay', '--json', '--level', '5', '-'], line)).out);
  assert.equal([at10?.address, at5?.address, at5?.rule], [undefined, '203.0.113.9', 31101]);
});

replay('a log that is missing or is no gzip is an error that names it', async ({ dir }) => {
  const missing = await riposte(['replay', join(dir, 'none.log')]);
  assert.is(missing.exitCode, 74);
  assert.match(missing.err, /none\.log: .*no such file/i);
  writeFileSync(join(dir, 'x.gz'), 'no gzip');
  const broken = await riposte(['replay', join(dir, 'x.gz')]);
  assert.is(broken.exitCode, 74);
  assert.match(broken.err, /x\.gz: incorrect header/);
});

replay('an empty log and no log', async () => {
  assert.match((await riposte(['replay', '-'], '')).out, /^0 lines/);
  assert.is((await riposte(['replay'])).exitCode, 64);
  assert.is((await riposte(['replay', '--level', 'high', '-'])).exitCode, 64);
});

replay.run();
