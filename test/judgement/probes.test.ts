import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RequestJudge } from '../../judgement/request-judge.ts';
import type { AccessRecord } from '../../logs/readers/reading.ts';
import { judgeAll, request, times } from './requests.ts';

const test = suite('probes');
const SITE = 'https://www.example.org';
const first = (requests: readonly AccessRecord[], step = 1) =>
  judgeAll(new RequestJudge(), requests, step).first;
const requests = (targets: readonly string[], more: Partial<AccessRecord> = {}) =>
  targets.map((target) => request(target, more));
const PRODUCTS = ['/phpmyadmin/', '/manager/html', '/owa/'];

for (const status of '200 301 302 401 403 404 444 499 502 503'.split(' '))
  test(`finds three different products, with any status: ${status}`, () => {
    const { verdicts, first: at } = judgeAll(new RequestJudge(), requests(PRODUCTS, { status }));
    assert.is(at, 3);
    assert.equal(
      verdicts.map((each) => [each.class, each.rule, each.level]),
      [['probes', 117102, 10]],
    );
  });

test('names the probed products', () => {
  const [verdict] = judgeAll(new RequestJudge(), requests(PRODUCTS)).verdicts;
  assert.match(verdict?.description ?? '', /phpMyAdmin.*, .*Tomcat.*, /);
});

test('counts one product only once, for any number of its paths', () => {
  const paths = ['/phpmyadmin/', '/pma/', '/phpMyAdmin-4/index.php', '/phpmyadmin2/', '/php-my-admin/'];
  assert.is(first(requests([...paths, '/owa/'])), undefined);
});

test('finds three products within ten minutes, and not within a longer time', () => {
  assert.is(first(requests(PRODUCTS), 300), 3);
  assert.is(first(requests(PRODUCTS), 301), undefined);
});

test('accepts a visitor who uses the products that the site serves', () => {
  const use = (page: string) => [
    request(page),
    request('/style.css', { referer: `${SITE}${page}` }),
    request('/logo.png', { referer: `${SITE}${page}` }),
  ];
  assert.is(first(PRODUCTS.flatMap(use)), undefined);
  assert.is(first(['/wp-login.php', ...PRODUCTS].flatMap(use)), undefined);
});

test('accepts a logged-in user', () => {
  const login = [
    request('/intern/', { status: '401' }),
    request('/intern/', { status: '200', user: 'admin' }),
  ];
  assert.is(first([...login, ...requests(PRODUCTS, { user: 'admin' })]), undefined);
  assert.is(first(requests(PRODUCTS, { user: 'admin' })), 3);
  assert.is(first(requests(PRODUCTS, { user: 'admin', status: '401' })), 3);
});

test('accepts a visitor of products that the site has served to many sources', () => {
  const judge = new RequestJudge();
  for (const [i, target] of PRODUCTS.entries()) {
    const people = times(5, (number) => request(target, { client: `198.51.100.${i * 10 + number}` }));
    assert.is(judgeAll(judge, people).first, undefined);
  }
  assert.is(judgeAll(judge, requests(PRODUCTS)).first, undefined);
  assert.is(judgeAll(judge, requests([...PRODUCTS, '/geoserver/web/', '/.DS_Store'])).first, 5);
});

test('does not count a product as served when only scanners got answers', () => {
  const judge = new RequestJudge();
  for (let i = 0; i < 20; i++) {
    const client = `198.51.100.${i}`;
    const inTurn = [...PRODUCTS.slice(i % 3), ...PRODUCTS.slice(0, i % 3)];
    judgeAll(judge, requests(inTurn.slice(1), { client }));
    judgeAll(judge, requests(inTurn.slice(0, 1), { client }));
  }
  assert.is(judgeAll(judge, requests(PRODUCTS)).first, 3);
});

test('finds three different payloads, but not one payload that repeats', () => {
  const payloads = times(3, (i) => request(`/item.php?id=${i}%20union%20all%20select%201,2,${i}`));
  assert.is(first(payloads), 3);
  assert.is(first(times(30, () => request('/item.php?id=1%20union%20all%20select%201,2'))), undefined);
});

test('counts a kind of payload in a search only once a minute', () => {
  const search = times(30, (i) => request(`/?s=union+all+select+${i},${i}+from+x`));
  assert.is(first(search), undefined);
  assert.is(first(search, 60), 3);
});

test('counts a search only once, for any number of pages of its results', () => {
  const pages = times(9, (i) => request(`/search?q=%3Cscript%3E+alert&page=${i}`));
  assert.is(first(pages, 61), undefined);
});

test('finds an exploit at one request', () => {
  for (const status of ['200', '301', '403', '404']) {
    const { verdicts } = judgeAll(new RequestJudge(), [request('/.env', { status })]);
    assert.is(verdicts[0]?.class, 'unmistakable', status);
  }
  const [severe] = judgeAll(new RequestJudge(), [
    request('/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php'),
  ]).verdicts;
  assert.equal([severe?.rule, severe?.level], [117101, 12]);
});

test('counts one or two exploits as two probes when another host’s page may have caused the requests', () => {
  const led = (target: string, more: Partial<AccessRecord> = {}) =>
    request(target, { referer: 'https://forum.example.net/thread', status: '404', ...more });
  assert.is(first(times(20, () => led('/.env'))), undefined);
  assert.is(first([led('/.env'), led('/.git/config'), led('/.env')]), undefined);
  assert.is(first([led('/.env'), led('/.git/config'), led('/.aws/credentials')]), 3);
  assert.is(first([led('/.env'), request('/owa/')]), 2);
  assert.is(first([led('/.env', { method: 'POST' })]), 1);
  assert.is(first([led('/', { userAgent: '() { :;}; /bin/sh -c id' })]), 1);
  assert.is(first([led('/.env', { host: 'forum.example.net' })]), 1);
});

test('blocks no visitor when the referer may be the URL of a page that contains the text of an exploit', () => {
  for (const target of ['/?x=jndi:ldap://192.0.2.1/a', '/?q=../../../etc/passwd']) {
    const page = `${SITE}${target}`;
    for (const host of [undefined, 'www.example.org']) {
      const files = ['/a.css', '/b.js', '/c.png'].map((file) => request(file, { referer: page, host }));
      const link = request(target, { referer: 'https://forum.example.net/', host });
      assert.is(first([link, ...files]), undefined, target);
    }
  }
  const hostile = 'https://forum.example.net/?jndi:ldap://192.0.2.1/a';
  assert.is(first(times(5, (i) => request(`/${i}`, { referer: hostile }))), undefined);
});

test('finds an exploit in a referer that comes with POST, is not a URL, or changes with each request', () => {
  const referer = 'https://forum.example.net/?jndi:ldap://192.0.2.1/a';
  assert.is(first([request('/', { referer, method: 'POST' })]), 1);
  assert.is(first([request('/', { referer: 'jndi:ldap://192.0.2.1/a' })]), 1);
  assert.is(first(times(5, (i) => request('/', { referer: `${referer}${i}` }))), 3);
});

test('counts an exploit as two probes when the source comes from a page of the site, which may show the exploit as an image', () => {
  const host = 'www.example.org';
  const image = request('/.env', { referer: `${SITE}/forum/1`, status: '404', host });
  assert.is(first([request('/forum/1', { host }), image, image]), undefined);
  assert.is(first([image]), 1);
});

test('counts an exploit as two probes when the source is visiting the site', () => {
  const visit = [
    request('/'),
    request('/style.css', { referer: `${SITE}/` }),
    request('/logo.png', { referer: `${SITE}/` }),
  ];
  assert.is(first([...visit, request('/.env')]), undefined);
  assert.is(first([...visit, request('/.env'), request('/.git/config'), request('/.hg/store')]), 6);
  assert.is(first([request('/'), request('/style.css'), request('/.env')]), 3);
  const judge = new RequestJudge();
  judgeAll(judge, visit);
  assert.is(judgeAll(judge, [request('/.env')], 1, 1_900_000_000).first, 1);
});

test('counts a robot’s probes and exploits like those of any source', () => {
  const userAgent = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
  assert.is(first(requests(PRODUCTS, { userAgent })), 3);
  assert.is(first(requests(['/.env'], { userAgent })), 1);
});

const PLUGINS = [
  '/wp-content/plugins/jetpack/readme.txt',
  '/wp-content/plugins/woocommerce/README.txt',
  '/wp-content/themes/twentytwentytwo/readme.txt',
];

for (const status of '200 301 403 404'.split(' '))
  test(`finds the readmes of three plugins and themes, answered ${status}`, () => {
    const [verdict] = judgeAll(new RequestJudge(), requests(PLUGINS, { status })).verdicts;
    assert.match(verdict?.description ?? '', /: WordPress plugin jetpack, .*woocommerce, WordPress theme/);
  });

test('counts several files of one plugin only once', () => {
  const folder = '/wp-content/plugins/jetpack';
  const files = ['readme.txt', 'changelog.txt', 'README.md'].map((file) => `${folder}/${file}`);
  assert.is(first(requests([...files, ...PLUGINS.slice(0, 2)])), undefined);
});

test('accepts a visitor whose pages load the files of plugins, and an administrator who reads their readmes', () => {
  const files = PLUGINS.map((readme) => readme.replace(/readme.txt$/i, 'style.css?ver=6.4'));
  assert.is(first(requests(files, { status: '404', referer: `${SITE}/` })), undefined);
  const login = [request('/wp-admin/', { status: '401' }), request('/wp-admin/', { user: 'admin' })];
  assert.is(first([...login, ...requests(PLUGINS, { user: 'admin' })]), undefined);
});

const FOLDERS = ['/horde/imp/test.php', '/horde3/imp/test.php', '/imp/test.php'];
const IN_MYSQL = ['/mysql/admin/index.php', '/mysql/dbadmin/index.php', '/mysql/sqlmanager/index.php'];

test('finds a product that is sought in three folders within 20 seconds', () => {
  assert.is(first(requests(FOLDERS, { status: '404' }), 10), 3);
  assert.is(first(requests(IN_MYSQL, { status: '404' })), 3);
});

test('accepts an owner who types three addresses of a login', () => {
  const guesses = ['/wp-login.php', '/blog/wp-login.php', '/wordpress/wp-login.php'];
  assert.is(first(requests(guesses, { status: '404' }), 11), undefined);
  assert.is(first(requests(guesses, { status: '302' })), undefined);
  assert.is(first(requests(guesses, { status: '200' })), undefined);
});

test('counts a folder as missing when a 404 follows its redirect to HTTPS', () => {
  const both = FOLDERS.flatMap((target) => [
    request(target, { status: '301' }),
    request(target, { status: '404' }),
  ]);
  assert.is(first(both), 6);
});

test('accepts a user of a database’s page when the page’s files are missing in three folders', () => {
  const files = ['js/a.js.map', 'themes/b.css', 'doc/c.png'].map((file) => `/mysql/${file}`);
  assert.is(first(requests(files, { status: '404' })), undefined);
});

test('finds a user of an open proxy who requests one host’s pages', () => {
  const pages = ['a/1', 'b/2', 'c/3', 'd/4'].map((path) => `http://www.example.net/${path}`);
  const own = times(20, (i) => request(`/${i}`, { client: '198.51.100.1' }));
  assert.is(first([...own, ...requests(pages, { status: '404' })]), own.length + 3);
  assert.is(first([...own, ...requests(pages, { host: 'www.example.net', status: '404' })]), undefined);
});

const SLOW = ['/phpmyadmin/', '/manager/html', '/owa/', '/geoserver/web/', '/solr/admin/cores'];
const ARCHIVES = ['/back.zip', '/sql.zip', '/orig.tar.gz'];
const HOUR = 3600;

test('finds a slow scan: five missing products in a day, or three backups in a week', () => {
  const missing = { status: '404' };
  assert.is(first(requests(SLOW, missing), 6 * HOUR), 5);
  assert.is(first(requests(SLOW, missing), 7 * HOUR), undefined);
  assert.is(first(requests(SLOW.slice(1), missing), HOUR), undefined);
  assert.is(first(requests(ARCHIVES, missing), 80 * HOUR), 3);
  assert.is(first(requests(ARCHIVES, missing), 85 * HOUR), undefined);
  const [verdict] = judgeAll(new RequestJudge(), requests(ARCHIVES, missing), HOUR).verdicts;
  assert.match(verdict?.description ?? '', /back\.zip, .*sql\.zip, .*orig\.tar\.gz/);
});

test('accepts slow requests for products that answer, and a slow crawler that names its operator', () => {
  const crawler = { status: '404', userAgent: 'ExampleBot/1.0 (+https://www.example.net/bot)' };
  assert.is(first(requests(SLOW, crawler), HOUR), undefined);
  assert.is(first(requests(ARCHIVES, crawler), HOUR), undefined);
  for (const status of ['200', '302', '401'])
    assert.is(first(requests(SLOW, { status }), HOUR), undefined, status);
});

test('accepts a visitor who follows old links to archives on several days', () => {
  const visit = (target: string) => [
    request('/'),
    request('/style.css', { referer: `${SITE}/` }),
    request('/logo.png', { referer: `${SITE}/` }),
    request(target, { status: '404', referer: `${SITE}/` }),
  ];
  const judge = new RequestJudge();
  for (const [day, target] of ARCHIVES.entries())
    assert.is(judgeAll(judge, visit(target), 1, 1_900_000_000 + day * 24 * HOUR).first, undefined);
});

test('counts three guesses of a password in the query of phpMyAdmin', () => {
  const guess = (password: string) =>
    request(`/phpmyadmin/index.php?pma_username=root&pma_password=${password}`);
  assert.is(first(['a', 'b', 'c'].map(guess)), 3);
  assert.is(first(times(20, () => guess('a'))), undefined);
});

test('judges no request without a client', () => {
  assert.is(first([request('/.env', { client: undefined })]), undefined);
});

test.run();
