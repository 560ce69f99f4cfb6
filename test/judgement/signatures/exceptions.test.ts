import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { signatureList } from '../../../judgement/signatures/list/index.ts';
import { type JudgedRequest, SignatureMatcher } from '../../../judgement/signatures/matcher.ts';
import type { PathException, ReadSignature } from '../../../judgement/signatures/read-list.ts';
import { requestFor } from '../support.ts';
import { encoded, examplePath } from './examples.ts';

const { signatures, exceptions } = signatureList();
const whole = new SignatureMatcher({ signatures, exceptions });
const unmistakable = signatures
  .filter(({ signature }) => signature.kind === 'path' && signature.class === 'unmistakable')
  .map((read) => ({ read, only: new SignatureMatcher({ signatures: [read], exceptions: [] }) }));

/** A path that the exception matches, and a file in it if the exception holds for a folder. */
function exceptedPath(exception: PathException): string {
  return examplePath(exception) + (exception.pattern.endsWith('/**') ? '/x' : '');
}

/** A request whose path has the exception's path after the path of the signature; undefined if their methods differ. */
function requestWithException(read: ReadSignature, exception: PathException): JudgedRequest | undefined {
  const method = exception.compiled.method ?? read.compiled.method ?? 'GET';
  if (read.compiled.method !== undefined && read.compiled.method !== method) return undefined;
  const path = encoded(examplePath(read).replace(/\/$/, '') + exceptedPath(exception));
  const texts = [read.compiled.queryText, exception.compiled.queryText].filter((text) => text !== '');
  const query = texts.length === 0 ? '' : `?a=1&${texts.map(encoded).join('&')}`;
  return requestFor(path + query, { method, status: '200' });
}

for (const exception of exceptions) {
  test(`'${exception.class} ${exception.pattern}' excuses no signature that precedes the exception in the path`, () => {
    let compared = 0;
    const excused: string[] = [];
    for (const { read, only } of unmistakable) {
      const request = requestWithException(read, exception);
      const expected = request && only.match(request);
      if (request === undefined || expected?.class !== 'unmistakable') continue;
      compared++;
      const found = whole.match(request);
      if (found?.class !== 'unmistakable' || (expected.isSevere && !found.isSevere))
        excused.push(request.target);
    }
    assert.ok(compared > 100, `${compared} signatures match`);
    assert.equal(excused, []);
  });
}

for (const exception of exceptions.filter(
  ({ pattern }) => pattern.startsWith('**/') && pattern.endsWith('/**'),
)) {
  test(`'${exception.class} ${exception.pattern}' excuses a signature that follows the exception in the path`, () => {
    for (const folder of ['', '/team/app'])
      for (const file of [
        '/.npmrc',
        '/site/.git/config',
        '/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php',
      ]) {
        const target = folder + encoded(examplePath(exception)) + file;
        const found = whole.match(requestFor(target, { status: '200' }));
        assert.is.not(found?.class, 'unmistakable', target);
        if (exception.class === 'harmless') assert.is(found, undefined, target);
      }
  });
}

for (const [method, target] of [
  ['POST', '/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php/webdav/x'],
  ['PUT', '/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php/.DS_Store'],
  ['POST', '/webdav.old/eval-stdin.php/webdav/eval-stdin.php'],
  ['GET', '/index.php/webdav/x?a=invokefunction&function=call_user_func'],
  ['GET', '/webdav/x?a=invokefunction&function=call_user_func'],
] as const) {
  test(`stays severe when a path of an exception follows a program: ${method} ${target}`, () => {
    assert.is(whole.match(requestFor(target, { method, status: '200' }))?.isSevere, true);
  });
}

test('applies an exception at the leftmost place where it matches', () => {
  const target = '/remote.php/dav/files/ann/eval-stdin.php/remote.php/webdav/x';
  assert.is(whole.match(requestFor(target, { status: '200' })), undefined);
});

test.run();
