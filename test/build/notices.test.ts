import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { noticesOf, packageFilesIn } from '../../build/notices.ts';

const test = suite<{ directory: string; make: (files: Record<string, string>) => string }>('notices');

test.before.each((it) => {
  it.directory = mkdtempSync(join(tmpdir(), 'riposte-notices-'));
  it.make = (files) => {
    const root = join(it.directory, 'node_modules/@someone/thing');
    mkdirSync(root, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
    return join(root, 'index.js');
  };
});

test.after.each(({ directory }) => rmSync(directory, { recursive: true }));

const PACKAGE = '{"name":"@someone/thing","version":"1.2.3","license":"MIT"}';

test('returns the licence of a package, and the notices within its files', ({ make }) => {
  const file = make({
    'package.json': PACKAGE,
    'LICENSE.md': 'Do what you like.\n',
    NOTICE: 'Made by someone.\n',
    'index.js': '/* not this */ /* Copyright someone else */ export {}',
  });
  const text = noticesOf([file, file]);
  assert.match(text, '@someone/thing 1.2.3 (MIT)\n\nDo what you like.\n\nMade by someone.\n\n');
  assert.match(text, '/* Copyright someone else */');
  assert.not.match(text, 'not this');
  assert.is(text.split('@someone/thing 1.2.3').length, 2);
});

for (const [what, files] of [
  ['file with a licence', { 'package.json': PACKAGE }],
  ['licence, but a notice', { 'package.json': PACKAGE, NOTICE: 'Made by someone.' }],
  ['licence in its package.json', { 'package.json': '{"name":"a","version":"1.0.0"}', LICENSE: 'Yes.' }],
] as const)
  test(`refuses a package that has no ${what}`, ({ make }) => {
    const file = make({ ...files, 'index.js': '' });
    assert.throws(() => noticesOf([file]), /has no licence text, or names no licence/);
  });

test("names the files of packages in a bundle, and not the product's own files", () => {
  const input = { bytesInOutput: 1 };
  const metafile = {
    inputs: {},
    outputs: {
      'a.js': {
        bytes: 1,
        imports: [],
        exports: [],
        inputs: { 'cli/main.ts': input, 'node_modules/a/node_modules/@b/c/d/e.js': input },
      },
    },
  };
  assert.equal(packageFilesIn(metafile), ['node_modules/a/node_modules/@b/c/d/e.js']);
});

for (const name of ['chart.js', 'date-fns', 'diff', 'execa', 'minimist', 'nodemailer'])
  test(`names ${name} with its licence in the built notices`, () => {
    const text = readFileSync('dist/THIRD-PARTY-NOTICES.txt', 'utf8');
    const section = text.split(/\n-{79}\n\n/).find((each) => each.startsWith(`${name} `)) ?? '';
    assert.match(section, /copyright|permission is hereby granted/i);
  });

test('lists nodemailer’s copied code in the built notices', () => {
  assert.match(readFileSync('dist/THIRD-PARTY-NOTICES.txt', 'utf8'), 'Copyright Mathias Bynens');
});

test.run();
