import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ProxyPolicy } from '../../../logs/proxies/client-of.ts';
import { combined } from '../../../logs/readers/combined.ts';
import { LogReader } from '../../../logs/readers/log-format.ts';
import { CLIENT, OPTIONS } from '../support.ts';

const LINE = `${CLIENT} - - [10/Oct/2025:13:55:36 +0000] "GET /.env HTTP/1.1" 404 196 "-" "-"`;
const BEHIND: ProxyPolicy = { trustsPeer: true, proxies: undefined };

const readerOf = (policy = OPTIONS.policy): LogReader =>
  new LogReader({ ...OPTIONS, policy }, { format: combined, origin: 'setting', isFirm: true });

function read(reader: LogReader, count: number, line: string): void {
  for (let i = 0; i < count; i++) reader.read(line);
}

test('reports unreadable lines once they exceed a tenth of the last 200 lines, until few are left', () => {
  const reader = readerOf();
  read(reader, 180, LINE);
  read(reader, 20, 'x');
  assert.is(reader.complaint, undefined);
  reader.read('x');
  assert.match(
    reader.complaint ?? '',
    /^21 of the last 200 lines cannot be read as combined: a line has no client$/,
  );
  read(reader, 180, LINE);
  assert.ok(reader.complaint, '20 of the last 200');
  read(reader, 10, LINE);
  assert.is(reader.complaint, undefined);
});

test('reports requests without a client once they are half of the last 200 lines, until few are left', () => {
  const reader = readerOf(BEHIND);
  read(reader, 19, LINE);
  assert.is(reader.complaint, undefined, 'too few');
  reader.read(LINE);
  assert.match(
    reader.complaint ?? '',
    /^20 of the last 20 lines have no client, so Riposte blocks no source for these lines: a line comes from a trusted proxy/,
  );
  const named = readerOf();
  read(named, 101, LINE.replace(CLIENT, 'client.example.org'));
  read(named, 99, LINE);
  assert.match(named.complaint ?? '', 'names a host');
  read(named, 40, LINE);
  assert.ok(named.complaint);
  read(named, 20, LINE);
  assert.is(named.complaint, undefined);
});

test.run();
