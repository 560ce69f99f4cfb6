import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EX } from '../../../base/errors.ts';
import { formatOfSource, nameOfSource, parseLogSource } from '../../../logs/sources/log-source.ts';
import { refuses, temporaryDirectory } from '../../active-response/support.ts';

test('reads paths, patterns and units, each with and without a format', () => {
  const cases = {
    '/var/log/a.log': { kind: 'file', path: '/var/log/a.log' },
    '/var/log/a.log=combined': { kind: 'file', path: '/var/log/a.log', format: 'combined' },
    '/var/log//x/../a.log=docker:my-2': { kind: 'file', path: '/var/log/a.log', format: 'docker:my-2' },
    '/var/log/apache2/*access*.log': { kind: 'pattern', pattern: '/var/log/apache2/*access*.log' },
    '/srv/*/log?/a.log=shop': { kind: 'pattern', pattern: '/srv/*/log?/a.log', format: 'shop' },
    'journal:nginx': { kind: 'journal', unit: 'nginx.service' },
    'journal:nginx.service': { kind: 'journal', unit: 'nginx.service' },
    'journal:a@b.scope=combined': { kind: 'journal', unit: 'a@b.scope', format: 'combined' },
  };
  for (const [text, source] of Object.entries(cases)) assert.equal(parseLogSource(text), source, text);
});

test('treats = as part of the path when no name of a format follows the last =', () => {
  assert.equal(parseLogSource('/srv/a=b/access.log'), { kind: 'file', path: '/srv/a=b/access.log' });
  assert.equal(parseLogSource('/srv/a=b/access.log=shop'), {
    kind: 'file',
    path: '/srv/a=b/access.log',
    format: 'shop',
  });
  assert.equal(parseLogSource('/srv/a='), { kind: 'file', path: '/srv/a=' });
});

test('takes the whole text as a path when a file has that path', () => {
  const path = join(temporaryDirectory(), 'site=shop');
  assert.equal(parseLogSource(path), { kind: 'file', path: path.slice(0, -5), format: 'shop' });
  writeFileSync(path, '');
  assert.equal(parseLogSource(path), { kind: 'file', path });
  assert.equal(parseLogSource(`${path}=combined`), { kind: 'file', path, format: 'combined' });
});

test('resolves a relative path in the given directory', () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'logs'));
  assert.equal(parseLogSource('logs/a.log=x', directory), {
    kind: 'file',
    path: `${directory}/logs/a.log`,
    format: 'x',
  });
  assert.equal(parseLogSource('*.log', directory), { kind: 'pattern', pattern: `${directory}/*.log` });
  assert.equal(parseLogSource('/b', directory), { kind: 'file', path: '/b' });
});

test('refuses a text that is not a log, and names the text', () => {
  for (const text of ['', 'a.log', '~/a.log', 'syslog:x'])
    refuses(
      () => parseLogSource(text),
      EX.CONFIG,
      /^'.*' is not a log: a log is an absolute path, or journal:UNIT$/,
    );
  for (const text of [
    'journal:',
    'journal:-f',
    'journal:a b',
    'journal:/etc',
    'journal:a=',
    'journal:=x',
    'journal:*',
  ])
    refuses(
      () => parseLogSource(text),
      EX.CONFIG,
      /^'.*' is not a log: the name of a unit must follow journal:$/,
    );
  refuses(() => parseLogSource('/var/log/=combined'), EX.CONFIG, /there is no path before =$/);
});

test('names a source and its format, with journald as the carrier for a unit', () => {
  const [file, pattern, unit] = ['/a=x', '/a*=x', 'journal:a=combined'].map((text) => parseLogSource(text));
  assert.ok(file && pattern && unit);
  assert.equal([file, pattern, unit].map(nameOfSource), ['/a', '/a*', 'journal:a.service']);
  assert.equal([file, pattern, unit].map(formatOfSource), ['x', 'x', 'journald:combined']);
  const formats = ['journal:a', 'journal:a=journald:x', 'journal:a=raw', '/a'].map((text) =>
    formatOfSource(parseLogSource(text)),
  );
  assert.equal(formats, [undefined, 'journald:x', 'raw', undefined]);
});

test.run();
