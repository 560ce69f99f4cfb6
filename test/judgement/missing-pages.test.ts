import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RequestJudge } from '../../judgement/request-judge.ts';
import type { AccessRecord } from '../../logs/readers/reading.ts';
import { BROWSER, judgeAll, request, START, times } from './requests.ts';

const test = suite('missing pages');
const missing = (target: string, more: Partial<AccessRecord> = {}) =>
  request(target, { status: '404', ...more });
const pages = (count: number, more: Partial<AccessRecord> = {}) =>
  times(count, (i) => missing(`/catalogue/item-${i}`, more));
const first = (requests: readonly AccessRecord[], step = 1) =>
  judgeAll(new RequestJudge(), requests, step).first;

test('finds a burst at the 16th different missing path', () => {
  const { verdicts, first: at } = judgeAll(new RequestJudge(), pages(16));
  assert.is(at, 16);
  assert.equal(
    verdicts.map((each) => [each.class, each.rule, each.level]),
    [['burst', 117103, 10]],
  );
});

test('finds 16 paths within 120 seconds, and needs more paths when they come more slowly', () => {
  assert.is(first(pages(200), 8), 16);
  assert.is(first(pages(200), 15), 19);
  assert.is(first(pages(200), 30), 21);
  assert.is(first(pages(200), 60), 31);
  assert.is(first(pages(200), 150), undefined);
});

test('counts a path only once, in any spelling and with any query', () => {
  const spellings = ['/a/b', '/a//b', '/a/./b', '/a/%62', '/a/b?x=1', '/a/b?x=2'];
  assert.is(first(times(300, (i) => missing(spellings[i % spellings.length] ?? ''))), undefined);
});

test('counts two paths only as two, however often a source requests them', () => {
  assert.is(
    first(
      times(300, (i) => missing(i % 2 ? '/feed.xml' : '/comments.xml')),
      30,
    ),
    undefined,
  );
});

test('counts a path as a quarter when the referer is a page of the site', () => {
  const referer = 'https://www.example.org/archive';
  assert.is(first(pages(63, { referer })), undefined);
  assert.is(first(pages(64, { referer })), 64);
});

test('takes the site from the log, and treats a referer of another host as no referer', () => {
  const more = { host: 'www.example.org', referer: 'https://forum.example.net/thread' };
  assert.is(first(pages(30, more)), 16);
  assert.is(first(pages(30, { ...more, referer: 'https://www.example.org:443/' })), undefined);
});

test('takes the sites from SITES', () => {
  const judge = () => new RequestJudge({ sites: ['Example.org'] });
  assert.is(judgeAll(judge(), pages(30, { referer: 'https://example.org/' })).first, undefined);
  assert.is(judgeAll(judge(), pages(30, { referer: 'https://example.com/' })).first, 16);
});

test('recognizes a site’s own pages when the visitor came from a search engine', () => {
  const visit = [
    request('/archive', { referer: 'https://www.google.com/' }),
    ...pages(30, { referer: 'https://www.example.org/archive' }),
  ];
  assert.is(first(visit), undefined);
  assert.is(first(pages(30, { referer: 'https://www.google.com/' })), 16);
});

for (const extension of ['webp', 'AVIF', 'woff2', 'js.map', 'pbf', 'jpg?v=3', 'css?4', 'm3u8'])
  test(`does not count files of a page: .${extension}`, () => {
    const referer = 'https://www.example.org/';
    assert.is(first(times(80, (i) => missing(`/static/x${i}.${extension}`, { referer }))), undefined);
  });

for (const extension of ['txt', 'zip', 'sql', 'bak', 'php', 'php?a=.jpg', 'tar.gz', 'jpg/', 'xjpg', 'jpgx'])
  test(`counts a file that no page loads: .${extension}`, () => {
    assert.is(first(times(40, (i) => missing(`/static/x${i}.${extension}`))), 16);
  });

for (const status of '200 301 304 401 405 408 409 410 422 423 429 499 500 502 503'.split(' '))
  test(`does not count an answer ${status}`, () => {
    assert.is(first(pages(60, { status })), undefined);
  });

for (const status of ['400', '403', '404', '444'])
  test(`counts an answer ${status}`, () => assert.is(first(pages(60, { status })), 16));

test('does not count pages that a logged-in user requests', () => {
  const login = [
    request('/intern/', { status: '401' }),
    request('/intern/', { status: '200', user: 'editor' }),
  ];
  assert.is(first([...login, ...pages(60, { user: 'editor' })]), undefined);
  // nginx logs any name that a client sends, so a name alone proves nothing.
  assert.is(first(pages(60, { user: 'editor' })), 16);
});

test('does not count files that WebDAV clients request', () => {
  assert.is(first(pages(60, { method: 'PROPFIND' })), undefined);
  assert.is(first(pages(60, { method: 'HEAD' })), 16);
});

test('does not count files that browsers and crawlers request from every site', () => {
  const names = [
    '/robots.txt',
    '/sitemap.xml',
    '/sitemap_index.xml',
    '/ads.txt',
    '/.well-known/change-password',
  ];
  const all = times(60, (i) => missing(names[i % names.length] ?? ''));
  const judge = new RequestJudge();
  assert.is(judgeAll(judge, [...all, ...pages(15)]).first, undefined);
});

test('counts requests that are not HTTP as one path', () => {
  const garbage = times(60, (i) => missing(`\\x16\\x03\\x01${i}`, { method: '-', status: '400' }));
  assert.is(first(garbage), undefined);
});

test('counts hosts of absolute URLs as different paths', () => {
  assert.is(first(times(30, (i) => missing(`http://198.51.100.${i}/`, { status: '400' }))), 16);
});

test('counts each source separately', () => {
  const judge = new RequestJudge();
  const two = times(30, (i) => missing(`/p/page-${i}`, { client: `203.0.113.${i % 2}` }));
  assert.is(judgeAll(judge, two).first, undefined);
});

test('counts from zero after a verdict', () => {
  assert.is(judgeAll(new RequestJudge(), pages(47)).verdicts.length, 2);
});

for (const userAgent of [
  'Mozilla/5.0 (compatible; SomeNewBot/1.0; +https://bot.example/)',
  'Mozilla/5.0 (compatible; archive.org_bot)',
  'Mozilla/5.0+(compatible; UptimeRobot/2.0)',
  'check_http/v2.3 (monitoring-plugins 2.3)',
  'W3C-checklink/4.81',
  'Debian APT-HTTP/1.3 (2.6.1)',
  'docker/24.0.7 go/go1.20.10',
  'Feedly/1.0',
  'Screaming Frog SEO Spider/19.4',
])
  test(`applies the limit for robots to a client that claims to be a robot: ${userAgent}`, () => {
    const { verdicts, first: at } = judgeAll(new RequestJudge(), pages(100, { userAgent }));
    assert.is(at, 60);
    assert.is(verdicts[0]?.class, 'robot burst');
    assert.is(first(pages(300, { userAgent }), 3), undefined);
  });

for (const userAgent of [BROWSER, 'Wget/1.21', 'curl/8.0', 'python-requests/2.31', 'Go-http-client/1.1', '-'])
  test(`applies the usual limit to a client that does not claim to be a robot: ${userAgent}`, () => {
    assert.is(first(pages(60, { userAgent })), 16);
  });

for (const [what, page] of [
  ['a package’s parts', (i: number) => `/maven/org/example/a${i}/1.0/a${i}-1.0.pom`],
  ['the checksums of packages', (i: number) => `/maven/org/example/a${i}/1.0/a${i}-1.0.jar.sha1`],
  ['an image’s layers', (i: number) => `/v2/app/blobs/sha256:${`${i}`.padStart(64, '0')}`],
] as const)
  test(`does not count ${what}, which clients request before a registry has them`, () => {
    const userAgent = 'docker/24.0.7 go/go1.20.10';
    const missing = times(100, (i) => request(page(i), { status: '404', method: 'HEAD', userAgent }));
    assert.is(first(missing), undefined);
  });

test('continues to count when times go back', () => {
  const judge = new RequestJudge();
  const found = pages(16).map((each, i) => judge.judge(each, START - i));
  assert.is(found.filter(Boolean).length, 1);
});

test.run();
