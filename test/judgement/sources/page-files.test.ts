import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isPageFile, isUnasked, pageFileKind } from '../../../judgement/sources/page-files.ts';

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

test('recognizes the path of a Go module, but not the path of a folder or a program, nor a path with ..', () => {
  for (const target of [
    '/github.com/a/b/@v/list',
    '/proxy/golang.org/x/net/@v/v0.17.0.mod',
    '/api/go/gopkg.in/yaml.v3/@latest',
  ])
    assert.ok(isUnasked(target), target);
  for (const target of [
    '/admin/@v/list',
    '/admin/x/@latest',
    '/admin.php/x/@v/list',
    '/x.org/../admin/@v/list',
    '/admin?go-get=1',
    '/admin?/github.com/a/@latest',
  ])
    assert.not(isUnasked(target), target);
});

test.run();
