import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RequestJudge } from '../../judgement/request-judge.ts';
import type { AccessRecord } from '../../logs/readers/reading.ts';
import { judgeAll, request, times } from './requests.ts';

const test = suite('failed logins');
const post = (target: string, status: string, more: Partial<AccessRecord> = {}) =>
  request(target, { method: 'POST', status, ...more });
const first = (requests: readonly AccessRecord[], step = 1) =>
  judgeAll(new RequestJudge(), requests, step).first;
const again = (record: AccessRecord, count = 40) => times(count, () => record);

test('finds ten failed logins in ten minutes', () => {
  const { verdicts, first: at } = judgeAll(new RequestJudge(), again(post('/wp-login.php', '200'), 10), 60);
  assert.is(at, 10);
  assert.equal(
    verdicts.map((each) => [each.class, each.rule, each.level]),
    [['logins', 117104, 10]],
  );
});

for (const [target, status] of [
  ['/wp-login.php', '200'],
  ['/blog/wp-login.php?redirect_to=x', '403'],
  ['//wp-login.php', '404'],
  ['/WP-LOGIN.php', '503'],
  ['/wp-login.php/x', '200'],
  ['/wp-%6cogin.php', '200'],
  ['/x/../wp-login.php;y', '200'],
  ['http://www.example.org/wp-login.php', '200'],
  ['/wp-login.php?action=postpass', '200'],
  ['/xmlrpc.php', '200'],
  ['/xmlrpc.php/x', '200'],
  ['/administrator/index.php/x', '303'],
  ['/login;jsessionid=1', '401'],
  ['/xmlrpc.php', '403'],
  ['/administrator/', '303'],
  ['/administrator/index.php', '200'],
  ['/admin/login/?next=/admin/', '200'],
  ['/phpmyadmin/index.php', '200'],
  ['/phpmyadmin/', '404'],
  ['/?_task=login', '401'],
  ['/admin/index.php?route=common/login', '200'],
  ['/login', '401'],
  ['/login.php', '403'],
  ['/api/login', '422'],
  ['/api/v2/auth/login', '401'],
  ['/api/auth/signin', '403'],
  ['/api/session', '401'],
  ['/oauth/token', '401'],
  ['/api2/json/access/ticket', '401'],
  ['/console/j_security_check', '401'],
  ['/j_spring_security_check', '403'],
  ['/owa/auth.owa', '401'],
  ['/customer/account/loginPost/', '403'],
  ['/remote/logincheck', '401'],
  ['/login/index.php', '401'],
  ['/api/auth/callback/credentials', '401'],
  ['/api/auth/local', '422'],
  ['/wp-json/jwt-auth/v1/token', '403'],
  ['/index.php?option=com_users&task=user.login', '403'],
  ['/admin1/index.php?controller=AdminLogin&rand=1', '403'],
  ['/dologin.action', '401'],
  ['/ucp.php?mode=login&sid=1', '200'],
  ['/index.php?title=Special:UserLogin&returnto=Main', '200'],
  ['/typo3/index.php?loginProvider=1433416747', '200'],
  ['/cgi-bin/luci', '403'],
  ['/my-account/', '200'],
] as const)
  test(`counts POST ${target} answered ${status}`, () => {
    assert.is(first(again(post(target, status)), 30), 10);
  });

for (const target of [
  '/j_security_check',
  '/owa/auth.owa',
  '/customer/account/loginPost/',
  '/login/index.php',
])
  test(`finds guesses in twenty redirected POST ${target} that no page follows`, () => {
    assert.is(first(again(post(target, '302')), 10), 20);
    const used = times(60, (i) => (i % 2 ? request('/account/orders') : post(target, '302')));
    assert.is(first(used, 5), undefined);
  });

for (const [target, status] of [
  ['/my-account/edit-account/', '200'],
  ['/typo3/index.php?route=/record/commit', '200'],
  ['/broadcasting/auth', '403'],
  ['/author/ann', '403'],
  ['/login', '429'],
  ['/login', '500'],
  ['/api/login', '429'],
  ['/api/form', '422'],
  ['/api/v1/items', '201'],
  ['/blog/login-help', '403'],
  ['/checkout', '422'],
  ['/user/register', '422'],
  ['/wp-login.php?action=lostpassword', '302'],
  ['/wp-login.php?action=postpass', '302'],
  ['/api/user', '200'],
  ['/users/sign_in', '404'],
  ['/administrator/index.php?option=com_content&view=article&layout=edit', '303'],
  ['/phpmyadmin/index.php?route=/sql', '200'],
] as const)
  test(`does not count POST ${target} answered ${status}`, () => {
    assert.is(first(again(post(target, status))), undefined);
  });

for (const [target, status] of [
  ['/login', '200'],
  ['/login', '302'],
  ['/api/login', '200'],
  ['/user/login', '200'],
  ['/api/v1/user/login', '200'],
] as const)
  test(`finds guesses in twenty POST ${target} answered ${status} that no page follows`, () => {
    assert.is(first(again(post(target, status)), 20), 20);
    const used = times(60, (i) => (i % 2 ? request('/account') : post(target, status)));
    assert.is(first(used), undefined);
  });

test('counts POST /user/login as a failed login when the answer is a page, which shows the form again', () => {
  assert.is(first(again(post('/user/login', '200', { size: '5300' }))), 10);
});

test('finds guesses by HTTP authentication that each use a new path', () => {
  const guesses = times(40, (i) => request(`/x${i}/`, { status: '401', user: 'root' }));
  assert.is(first(guesses, 5), 20);
});

test('does not count PUT, which programs send to change an account', () => {
  assert.is(first(again(post('/user', '200', { method: 'PUT' }))), undefined);
});

test('does not count a request for the login form', () => {
  assert.is(first(again(request('/wp-login.php'))), undefined);
});

test('finds failed logins by HTTP authentication only when the client sent a user name', () => {
  assert.is(first(again(request('/intern/', { status: '401', user: 'root' })), 30), 10);
  assert.is(first(again(request('/intern/', { status: '401' })), 5), undefined);
});

test('does not count an expired session that polls', () => {
  const polls = times(60, (i) => request(`/api/v1/widget/${i % 12}`, { status: '401' }));
  assert.is(first(polls, 2), undefined);
});

test('forgets failed logins when a login succeeds', () => {
  const failed = again(post('/wp-login.php', '200'), 6);
  const used = [post('/wp-login.php', '302'), request('/wp-admin/')];
  assert.is(first([...failed, ...used, ...failed, ...used, ...failed]), undefined);
  const wrong = again(request('/files/', { status: '401', user: 'ann' }), 9);
  assert.is(first([...wrong, request('/files/', { user: 'ann' }), ...wrong]), undefined);
  const refused = again(post('/api/login', '401'), 9);
  assert.is(first([...refused, post('/api/login', '200'), ...refused]), undefined);
  const joomla = again(post('/administrator/index.php', '303'), 9);
  const editor = request('/administrator/index.php?option=com_content');
  assert.is(first([...joomla, editor, ...joomla]), undefined);
});

test('accepts an office whose people all log in within ten minutes', () => {
  const people = times(60, (i) => (i % 3 ? request('/wp-admin/') : post('/wp-login.php', '302')));
  assert.is(first(people), undefined);
});

test('finds failed logins at a site that redirects each attempt, because no page follows', () => {
  assert.is(first(again(post('/wp-login.php', '302'))), 11);
});

test('accepts WordPress’s own programs, which get different answers from xmlrpc.php', () => {
  const userAgent = 'wp-android/24.1 (Android 14)';
  assert.is(
    first(times(60, (i) => post('/xmlrpc.php', '200', { userAgent, size: `${400 + i}` }))),
    undefined,
  );
  assert.is(first(again(post('/xmlrpc.php', '200', { userAgent }))), 11);
});

const HOUR = 3600;

test('finds ten slow guesses in a week', () => {
  assert.is(first(again(post('/xmlrpc.php', '200')), 18 * HOUR), 10);
  assert.is(first(again(post('/xmlrpc.php', '200')), 19 * HOUR), undefined);
  assert.is(first(again(post('/wp-login.php', '200')), 3 * HOUR), 10);
  assert.is(first(again(post('/wp-login.php', '301')), 3 * HOUR), 10);
  assert.is(first(again(post('/phpmyadmin/', '200')), HOUR / 2), 10);
  assert.is(first(again(post('/admin/login/?next=/admin/', '200')), HOUR / 2), 10);
});

test('accepts programs that post slowly to xmlrpc.php', () => {
  for (const userAgent of [
    'Jetpack by WordPress.com',
    'wp-android/24.1 (Android 14)',
    'Mozilla/4.0 (compatible; MSIE 9.11; Windows NT 6.2; Open Live Writer 1.0)',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) wp-iphone/24.1',
    'WordPress/6.4; https://www.example.net; verifying pingback from 192.0.2.1',
    'MarsEdit/5.1',
  ])
    assert.is(first(again(post('/xmlrpc.php', '200', { userAgent })), HOUR), undefined, userAgent);
  assert.is(
    first(
      times(40, (i) => post('/xmlrpc.php', '200', { size: `${400 + (i % 4)}` })),
      HOUR,
    ),
    undefined,
  );
});

test('accepts a user who fails a few times before each login', () => {
  const day = [
    ...again(post('/wp-login.php', '200'), 3),
    post('/wp-login.php', '302'),
    request('/wp-admin/'),
  ];
  assert.is(first(times(8, () => day).flat(), 4 * HOUR), undefined);
});

test('accepts an editor who logs in again when the session has expired', () => {
  const referer = 'https://www.example.org/wp-login.php?interim-login=1&wp_lang=de_DE';
  assert.is(first(again(post('/wp-login.php', '200', { referer })), 8 * HOUR), undefined);
});

test('accepts a program that repeats an old password slowly', () => {
  assert.is(first(again(request('/remote.php/dav/', { status: '401', user: 'ann' })), HOUR / 2), undefined);
  assert.is(first(again(post('/api/login', '401')), HOUR / 2), undefined);
  assert.is(first(again(post('/administrator/index.php', '303')), HOUR), undefined);
});

test('counts a robot’s failed logins like those of any source', () => {
  const userAgent = 'Mozilla/5.0 (compatible; Googlebot/2.1)';
  assert.is(first(again(post('/wp-login.php', '200', { userAgent }))), 10);
});

test('counts each login page separately, and accepts a visitor who forgot the passwords of two sites', () => {
  const two = times(18, (i) => post(i % 2 ? '/wp-login.php' : '/user/login', '200'));
  assert.is(first(two), undefined);
});

for (const target of ['/wp-login.php', '/xmlrpc.php'])
  test(`finds guessed passwords at ${target} from a browser that loaded a page after its first attempt`, () => {
    const page = { referer: 'https://www.example.org/' };
    const visit = [request('/'), request('/style.css', page), request('/main.css', page)];
    const login = post(target, '200', { size: '4100' });
    assert.is(first([login, ...visit, ...again(login)]), 23);
  });

test('finds slow failed logins of a source that became a visitor after the first failed login', () => {
  const page = 'https://www.example.org/';
  const file = request('/style.css', { referer: page });
  const guess = post('/wp-login.php', '200');
  const round = [request('/'), file, file, file, guess];
  assert.is(first([guess, ...times(40, () => round).flat()], 130), 96);
});

test.run();
