import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isPageFile, pageFileKind } from '../../../judgement/sources/page-files.ts';

const test = suite('page files');

test('finds the kind by the extension, in either case and with a query', () => {
  assert.is(pageFileKind('/logo.PNG'), 'picture');
  assert.is(pageFileKind('/a/b.css?ver=5'), 'code');
  assert.is(pageFileKind('/app.jar.sha256'), 'part');
});

test('finds no kind for an extension that only contains an extension of a page’s files', () => {
  for (const target of [
    '/a.-css',
    '/a.~~js',
    '/a.css~',
    '/a.css/',
    '/css',
    '/a.xcss',
    '/a.csss',
    '/backup.zip',
  ])
    assert.not(isPageFile(target), target);
});

test.run();
