import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RiposteError } from '../../../base/errors.ts';
import { Exceptions } from '../../../judgement/exceptions/exceptions.ts';
import { readExceptions } from '../../../judgement/exceptions/read-exceptions.ts';
import type { ExceptedRequest } from '../../../judgement/exceptions/request-condition.ts';
import { textFromBytes, wordFromBytes } from '../../../logs/readers/canonical-text.ts';

const KNOWN = [117102, 117103, 31533];
const rulesOf = (id: number) => (KNOWN.includes(id) ? [id] : []);
const read = (text: string) => new Exceptions(readExceptions(text, '/etc/riposte.except', rulesOf));

const request = (target: string, more: Partial<ExceptedRequest> = {}): ExceptedRequest => ({
  target: wordFromBytes(target),
  userAgent: 'Mozilla/5.0',
  referer: '-',
  user: '-',
  status: '404',
  ...more,
});

const excepts = (line: string, target: string, more?: Partial<ExceptedRequest>) =>
  read(line).of(request(target, more)) !== undefined;

const PATHS: readonly [line: string, matches: readonly string[], others: readonly string[]][] = [
  [
    'path:/nextcloud/',
    ['/nextcloud/', '/nextcloud', '/nextcloud/a?b', '/NextCloud//a', '/%6eextcloud/x', '/nextcloud/./a'],
    [
      '/nextcloud2/',
      '/',
      '/a/nextcloud/',
      '/nextcloud/../.env',
      '/nextcloud/%2e%2e/.env',
      '/nextcloud/..;/x',
    ],
  ],
  ['path:/login', ['/login', '/login?a=1', '/login/'], ['/login/a', '/login.php', '/x?/login']],
  ['path:/shop/*/images/', ['/shop/a/images/b.jpg', '/shop/a/b/images'], ['/shop/images/b', '/shop/a/b.jpg']],
  ['path:/api/*.json', ['/api/a.json', '/api/a/b.json?x'], ['/api/a.json.php', '/api/a.js']],
  ['path:/ rule:117103', ['/', '/a/b'], []],
  ['path:"/with space/"', ['/with%20space/a'], ['/withspace/a']],
  ['path:/caf%C3%A9/', ['/café/'.replace('é', '\xc3\xa9'), '/caf%c3%a9/menu'], ['/cafe/']],
  ['path:/café/', ['/caf%c3%a9/menu'], ['/cafe/']],
];

for (const [line, matches, others] of PATHS)
  test(`compares decoded paths with ${line}`, () => {
    for (const each of matches) assert.ok(excepts(line, each), each);
    for (const each of others) assert.not(excepts(line, each), each);
  });

test('excepts no path that leaves a directory by .., even if it then enters an excepted directory', () => {
  assert.not(excepts('path:/nextcloud/', '/cgi-bin/.%2e/nextcloud/a'));
  assert.not(excepts('path:/nextcloud/', '/x/..%5cnextcloud/'));
});

test('matches when the agent or the referer contains the text, in any case', () => {
  assert.ok(excepts('agent:"Uptime Kuma"', '/', { userAgent: 'uptime kuma/1.23' }));
  assert.not(excepts('agent:"Uptime Kuma"', '/', { userAgent: 'UptimeKuma' }));
  assert.ok(excepts('referer:https://shop.example/', '/', { referer: 'https://shop.example/basket' }));
  assert.not(excepts('referer:https://shop.example/', '/'));
  assert.ok(excepts('agent:"a \\"quoted\\" name"', '/', { userAgent: textFromBytes('x a "quoted" name') }));
});

test('compares a user exactly, and ignores a user whose password was refused', () => {
  assert.ok(excepts('user:editor', '/', { user: 'editor' }));
  assert.not(excepts('user:editor', '/', { user: 'Editor' }));
  assert.not(excepts('user:editor', '/', { user: 'editor', status: '401' }));
});

test('compares a host without its port, and matches no request whose log has no host', () => {
  assert.ok(excepts('host:shop.example', '/', { host: 'Shop.Example:443' }));
  assert.not(excepts('host:shop.example', '/', { host: 'www.shop.example' }));
  assert.not(excepts('host:shop.example', '/'));
});

test('requires all conditions of a line', () => {
  const line = 'path:/a/ agent:curl user:bob';
  assert.ok(excepts(line, '/a/b', { userAgent: 'curl/8', user: 'bob' }));
  assert.not(excepts(line, '/a/b', { userAgent: 'curl/8' }));
  assert.not(excepts(line, '/b', { userAgent: 'curl/8', user: 'bob' }));
});

test('restricts an exception to the rules that it names, and joins the rules of all matching lines', () => {
  const exceptions = read(
    '# ours\n\npath:/a/ rule:117103 # missing images\nagent:Mozilla rule:117102,31533\r\n',
  );
  assert.is(exceptions.size, 2);
  assert.equal([...(exceptions.of(request('/b')) as Set<number>)], [117102, 31533]);
  const both = exceptions.of(request('/a/x')) as Set<number>;
  assert.equal([...both].sort(), [117102, 117103, 31533]);
  assert.is(exceptions.of(request('/a/y')), both);
  assert.is(read('path:/a/ rule:117103\npath:/a/b').of(request('/a/b')), 'all');
});

const WRONG: readonly [line: string, message: RegExp][] = [
  ['/nextcloud/', /'\/nextcloud\/' is not a condition; write path:/],
  ['paths:/nextcloud/', /'paths:' is not a condition/],
  ['path:', /'path:' has no value/],
  ['path: /nextcloud/', /'path:' has no value/],
  ['path:nextcloud/', /path:nextcloud\/ does not begin with \//],
  ['path:/a?b=1', /has a query/],
  ['path:/a/../b', /has a \. or \.\. segment/],
  ['path:/', /excepts every request/],
  ['path:/*', /excepts every request/],
  ['agent:"Uptime Kuma', /has no closing quote/],
  ['agent:Uptime" Kuma"', /has a quote inside/],
  ['agent:""', /too short/],
  ['agent:-', /too short/],
  ['user:-', /user: needs a name/],
  ['host:shop/', /host:shop\/ is not the name of a host/],
  ['rule:117102,', /rule:117102, is neither a number/],
  ['path:/a/ rule:burst', /rule:burst is neither a number/],
  ['path:/a/ rule:999999', /there is no rule 999999/],
  ['Rule:117102', /'Rule:117102' is not a condition/],
  ['path:/a/ \u0007', /'\\u0007' is not a condition/],
];

for (const [line, message] of WRONG)
  test(`names file, line and problem of ${JSON.stringify(line)}`, () => {
    try {
      read(`path:/fine/\n${line}\n`);
      assert.unreachable('was read');
    } catch (error) {
      assert.instance(error, RiposteError);
      assert.is((error as RiposteError).exitCode, 78);
      assert.match((error as Error).message, /^\/etc\/riposte\.except:2: /);
      assert.match((error as Error).message, message);
    }
  });

test('takes time in proportion to the length of a path, for any number of stars', () => {
  const line = `path:/${'*a'.repeat(40)}*b`;
  assert.not(excepts(line, `/${'a'.repeat(16_000)}`));
});

test.run();
