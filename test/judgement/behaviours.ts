import type { AccessRecord } from '../../logs/readers/reading.ts';
import { request, times } from './requests.ts';

/** The requests of a source, and whether it is an attack. */
export interface Behaviour {
  readonly name: string;
  readonly isAttack: boolean;
  readonly requests: readonly AccessRecord[];
  /** Seconds between two requests; 1 if not given. */
  readonly step?: number;
}

type More = Partial<AccessRecord>;

const DAY = 24 * 3600;
const PAGE = 'https://www.example.org/shop/';
const FORUM = 'https://forum.example.net/thread/7';

/** Names that scanners try, but that are in no line of the signature list. */
const WORDS =
  'admin old new test dev staging private secret data files upload uploads tmp temp cache log logs stats panel portal user users account member members config conf setup install api v2 internal intranet office mail webmail archive bak copy beta demo'.split(
    ' ',
  );

const missing = (target: string, more: More = {}) => request(target, { status: '404', ...more });
const scan = (target: (word: string) => string, more: More = {}) =>
  WORDS.map((word) => missing(target(word), more));
const repeat = (targets: readonly string[], count: number, more: More | ((i: number) => More) = {}) =>
  times(count, (i) =>
    request(targets[i % targets.length] ?? '/', typeof more === 'function' ? more(i) : more),
  );
const post = (target: string, more: More = {}) => request(target, { method: 'POST', ...more });

const SHELLS = ['/alfa.php', '/wso.php', '/shell.php', '/c99.php', '/cmd.php'];
const BACKUPS = ['/backup.zip', '/www.tar.gz', '/site.zip', '/public_html.zip'];
const COUNTERS = ['/counter.cgi', '/banner.cgi', '/poll.cgi', '/vote.cgi'];
const CONSOLES = ['/grafana/', '/prometheus/', '/alertmanager/', '/redmine/', '/gerrit/', '/munin/'];
const SETTINGS = ['/config.php.bak', '/web.config', '/docker-compose.yml', '/phpinfo.php'];

const ATTACKS: readonly Omit<Behaviour, 'isAttack'>[] = [
  ...['200', '301', '302', '403', '502'].flatMap((status) => [
    { name: `sweep for webshells, all answered ${status}`, requests: repeat(SHELLS, 5, { status }) },
    { name: `sweep for backups, all answered ${status}`, requests: repeat(BACKUPS, 4, { status }) },
    { name: `sweep for settings, all answered ${status}`, requests: repeat(SETTINGS, 4, { status }) },
  ]),
  {
    name: 'sweep for webshells on a site that shows the path on its page',
    requests: SHELLS.map((target) => request(target, { size: `${9000 + target.length}` })),
  },
  {
    name: 'sweep for consoles on a site that answers all requests with one page',
    requests: repeat(['/phpmyadmin/', '/manager/html', '/solr/', '/owa/'], 4),
  },
  {
    name: 'sweep for editors’ copies of programs',
    requests: ['db', 'settings', 'mail'].map((word) => missing(`/inc/${word}.php.bak`)),
  },
  {
    name: 'sweep for backups with the name of the site',
    requests: ['zip', 'tar.gz', 'sql'].map((end) => missing(`/www.example.org.${end}`)),
  },
  {
    name: 'tests of one webshell with commands',
    requests: ['whoami', 'cat%20/etc/issue', 'ls%20-la'].map((cmd) => missing(`/x.php?a=1&cmd=${cmd}`)),
  },
  ...['200', '403', '404', '502'].map((status) => ({
    name: `sweep for consoles by the names of products, all answered ${status}`,
    requests: repeat(CONSOLES, 6, { status }),
  })),
  {
    name: 'sweep for consoles that are redirected to HTTPS, and missing there',
    requests: CONSOLES.flatMap((target) => [request(target, { status: '301' }), missing(target)]),
  },
  {
    name: 'sweep for programs of devices in the root',
    requests: COUNTERS.map((target) => missing(target)),
  },
  {
    name: 'payloads in a title parameter, at a program’s path that ends like a tracker’s',
    requests: times(3, (i) => request(`/news.php/collect?title=%27%20union%20select%20${i}--`)),
  },
  {
    name: 'tests of one parameter with conditions of SQL',
    requests: times(5, (i) => request(`/api/items?id=${i}%27%20OR%201=1--`)),
  },
  { name: 'passwords at /login, all answered 200', requests: repeat(['/login'], 40, { method: 'POST' }) },
  {
    name: 'passwords at /login, all answered 302',
    requests: repeat(['/login'], 40, { method: 'POST', status: '302' }),
  },
  {
    name: 'passwords at /login, with a request for the form before each password',
    requests: times(60, (i) => (i % 2 ? post('/login') : request('/login'))),
  },
  {
    name: 'passwords at /api/auth/login, all answered 200',
    requests: repeat(['/api/auth/login'], 40, { method: 'POST', userAgent: 'python-requests/2.31' }),
  },
  {
    name: 'guesses by HTTP authentication, each at a new path',
    requests: times(40, (i) => request(`/${WORDS[i]}/`, { status: '401', user: 'admin' })),
  },
  {
    name: 'three exploits with another host’s referer',
    requests: repeat(['/.env', '/HNAP1/', '/boaform/admin/formLogin'], 3, { status: '404', referer: FORUM }),
  },
  ...['PATCH', 'DELETE', 'POST', 'HEAD', 'FOO'].map((method) => ({
    name: `scan of names with the method ${method}`,
    requests: scan((word) => `/${word}`, { method }),
  })),
  { name: 'scan of names with .css at the end', requests: scan((word) => `/${word}.css`) },
  { name: 'scan of programs with a file after them', requests: scan((word) => `/${word}.php/x.css`) },
  {
    name: 'scan of names with a path parameter that looks like a file',
    requests: scan((word) => `/${word};x.png`),
  },
  { name: 'scan below .well-known', requests: scan((word) => `/.well-known/${word}`) },
  {
    name: 'sweep for WordPress in six folders',
    requests: ['blog', 'wp', 'web', 'site', 'news', 'shop'].map((folder) =>
      missing(`//${folder}/wp-includes/wlwmanifest.xml`),
    ),
  },
  {
    name: 'sweep for WordPress in four folders',
    requests: ['/wp-login.php', ...['blog', 'wp', 'cms'].map((folder) => `/${folder}/wp-login.php`)].map(
      (path) => missing(path),
    ),
  },
  {
    name: 'sweep for archives with the names of backups',
    requests: [missing('/bkup.zip'), missing('/orig.tar.gz'), missing('/sql.rar')],
  },
  {
    name: 'scan for a firewall’s interface',
    requests: [request('/api/sonicos/auth', { status: '404' })],
  },
  {
    name: 'sweep for phpMyAdmin, all redirected',
    requests: times(30, (i) => request(`/${WORDS[i]}/phpmyadmin/index.php`, { status: '302' })),
  },
  {
    name: 'scan of ten names with one product among them',
    requests: [missing('/wp-login.php'), ...scan((word) => `/${word}.php`).slice(0, 9)],
  },
  {
    name: 'requests for pages of three other hosts, as to an open proxy',
    requests: [
      ...times(20, (i) => request(`/page-${i}`)),
      ...['a', 'b', 'c'].map((name) => request(`http://www.${name}.example/`)),
    ],
  },
  {
    name: 'a connection request of Remote Desktop',
    requests: [request('\\x03\\x00\\x00/*\\xE0\\x00Cookie: mstshash=admin', { method: '-', status: '400' })],
  },
  {
    name: 'one password at WordPress’s form, and one by XML-RPC, from a program that claims to be a browser',
    requests: [request('/wp-login.php'), post('/wp-login.php'), post('/xmlrpc.php')],
  },
  {
    name: 'one password by XML-RPC, and one at WordPress’s form, without a request for the form',
    requests: [post('/xmlrpc.php', { status: '403' }), post('/wp-login.php', { status: '403' })],
    step: 50,
  },
  {
    name: 'archives named by numbers, letters and words, days apart',
    requests: ['/2017.zip', '/b.rar', '/source-old.tar.gz'].flatMap((target) => [
      request(target, { status: '301' }),
      missing(target, { referer: `http://www.example.org${target}` }),
    ]),
    step: DAY,
  },
  {
    name: 'archives named by words, within a minute, all redirected to HTTPS',
    requests: ['/site-backup.tar', '/dump.sql.zip', '/mysql.tar.gz'].map((target) =>
      request(target, { status: '301', size: '0' }),
    ),
    step: 20,
  },
  {
    name: 'consoles of three products within a minute, and no webshell among them',
    requests: ['/portainer/', '/sonarqube/sessions/new', '/phpldapadmin/'].map((target) => missing(target)),
    step: 20,
  },
  {
    name: 'archives named by dates and words, within a minute',
    requests: ['/backup-2024-01-31.zip', '/20240131.tar.gz', '/www_old.7z'].map((target) => missing(target)),
    step: 20,
  },
  {
    name: 'two products in three folders within seconds',
    requests: ['/xmlrpc.php', '/wordpress/xmlrpc.php', '/phpMyAdmin/index.php'].map((target) =>
      missing(target),
    ),
    step: 4,
  },
  {
    name: 'three folders without WordPress, within seconds, on a site that has WordPress in another folder',
    requests: [
      request('/wp-login.php', { size: '6804' }),
      ...['wordpress', 'blog', 'wp'].map((folder) => missing(`/${folder}/wp-login.php`)),
    ],
  },
  {
    name: 'forty payloads from a browser that loads each page’s files',
    requests: times(40, (i) => [
      request(`/item.php?id=${i}%20union%20select%201,2`, { size: `${5000 + i}` }),
      request('/item.css', { referer: `https://www.example.org/item.php?id=${i}%20union%20select%201,2` }),
    ]).flat(),
    step: 2,
  },
  {
    name: 'sweep for WordPress in twelve folders within seconds, all redirected to HTTPS',
    requests: WORDS.slice(0, 12).map((word) =>
      request(`//${word}/wp-includes/wlwmanifest.xml`, { status: '301', size: '0' }),
    ),
  },
  {
    name: 'passwords at an application’s sign-in, all answered 400',
    requests: repeat(['/api/v1/auth/signin'], 12, { method: 'POST', status: '400' }),
    step: 3,
  },
  {
    name: 'a script in the referer, which no browser sends unencoded',
    requests: [request('/', { referer: 'https://www.example.net/"><script>alert(1)</script>' })],
  },
  {
    name: 'a program that follows a redirect to HTTPS, and sends the first URL as its referer',
    requests: [
      missing('/.git/config', { host: 'www.example.org', referer: 'http://www.example.org/.git/config' }),
    ],
  },
  {
    name: 'programs of routers and gateways that are in no list, and a console',
    requests: [missing('/cgi-bin/unknown_page.cgi'), missing('/webfig/'), missing('/airflow/login')],
  },
  {
    name: 'passwords at Magento’s form, all redirected',
    requests: repeat(['/index.php/admin/'], 30, { method: 'POST', status: '302' }),
  },
  {
    name: 'guesses of a password by PROPFIND',
    requests: repeat(['/dav/'], 30, { method: 'PROPFIND', status: '401', user: 'admin' }),
    step: 2,
  },
  {
    name: 'scan of names in an API',
    requests: scan((word) => `/api/v1/${word}`),
  },
  { name: 'scan of names below a number', requests: scan((word) => `/2026/${word}`) },
  {
    name: 'scan of names and programs with the query of a Go import',
    requests: [
      ...scan((word) => `/the-${word}?go-get=1`, { userAgent: 'Go-http-client/1.1' }),
      ...scan((word) => `/my-${word}.php?go-get=1`, { userAgent: 'Go-http-client/1.1' }),
    ],
  },
  {
    name: 'scan of names and programs with the query of a Go import, from a program that claims to be a robot',
    requests: [
      ...scan((word) => `/the-${word}?go-get=1`, { userAgent: 'SomeBot/1.0' }),
      ...scan((word) => `/my-${word}.php?go-get=1`, { userAgent: 'SomeBot/1.0' }),
    ],
  },
  { name: 'scan of names as modules of Go', requests: scan((word) => `/${word}/@v/list`) },
  { name: 'scan of programs as modules of Go', requests: scan((word) => `/${word}.php/x/@v/list`) },
  {
    name: 'scan of an API with encoded letters',
    requests: times(20, (i) => missing(`/api/%61%6${1 + (i % 9)}%7${Math.floor(i / 9)}%65`)),
  },
  { name: 'scan of an API with .. in the path', requests: scan((word) => `/api/v1/x/../${word}`) },
  { name: 'scan of names behind .. in the path', requests: scan((word) => `/api/x/.././/../${word}`) },
  {
    name: 'programs of three routers in one folder',
    requests: ['/cgi-bin/luci/', '/cgi-bin/authLogin.cgi', '/cgi-bin/magicBox.cgi'].map((target) =>
      missing(target),
    ),
    step: 20,
  },
  {
    name: 'commands in a parameter, at three names of a webshell',
    requests: ['/x1.php?cmd=id', '/x2.php?cmd=ls%20-la', '/x3.php?cmd=dir;'].map((target) => missing(target)),
  },
];

const HOSTS = ['www', 'shop', 'blog', 'mail'];
const LOGIN_POLLS = times(12, () => post('/user/login', { size: '187', referer: PAGE }));

const ORDINARY: readonly Omit<Behaviour, 'isAttack'>[] = [
  { name: 'an application that polls its session by POST /user/login', requests: LOGIN_POLLS, step: 5 },
  {
    name: 'an application that renews its token and uses the token',
    requests: times(80, (i) => (i % 2 ? request('/api/orders') : post('/api/auth/login'))),
  },
  {
    name: 'a monitor that logs in once a minute',
    requests: repeat(['/api/login'], 120, { method: 'POST', userAgent: 'check_http/v2.3' }),
    step: 60,
  },
  {
    name: 'a reader of a page with two exploits as images',
    requests: repeat(['/.env', '/boaform/admin/formLogin'], 6, { status: '404', referer: FORUM }),
  },
  {
    name: 'a monitor that polls products of this site',
    requests: repeat(['/server-status', '/phpmyadmin/', '/nagios/'], 30, { userAgent: 'Munin' }),
    step: 20,
  },
  {
    name: 'a script that polls products of this site',
    requests: repeat(['/server-status', '/phpmyadmin/', '/nagios/'], 30, (i) => ({
      userAgent: 'curl/8.0',
      size: `${[3100, 18_400, 900][i % 3]}`,
    })),
    step: 20,
  },
  {
    name: 'an administrator who opens three consoles of this site',
    requests: [
      request('/phpmyadmin/', { size: '17800' }),
      request('/wp-login.php', { size: '6100' }),
      request('/roundcube/', { size: '4900' }),
    ],
    step: 30,
  },
  {
    name: 'an application that requests records by number, all of which are gone',
    requests: times(40, (i) => missing(`/api/items/${1000 + i * 7}`, { userAgent: 'okhttp/4.12' })),
  },
  {
    name: 'an application that requests records by UUID, all of which are gone',
    requests: times(40, (i) =>
      missing(`/api/v1/users/6f1c9c1e-3c6b-4f0e-9d55-${`${100_000_000_000 + i}`}/avatar`, {
        userAgent: 'Dart/3.2 (dart:io)',
      }),
    ),
  },
  {
    name: 'an application that requests records by an article’s number, all of which are gone',
    requests: times(40, (i) =>
      missing(`/wp-json/wc/v3/products/sku-${i}`, { userAgent: 'WooCommerce API Client-PHP/3.1.0' }),
    ),
  },
  {
    name: 'an application that looks up names, most of which do not exist',
    requests: scan((word) => `/api/users/${word}`, { userAgent: 'GuzzleHttp/7' }),
  },
  {
    name: 'a client of an object store that looks for each object before writing it',
    requests: times(60, (i) => missing(`/bucket/2024/part-${i}.parquet`, { method: 'HEAD' })),
  },
  {
    name: 'a script that looks for releases by version',
    requests: times(24, (i) =>
      missing(`/releases/v1.${i}.0/tool-1.${i}.0-linux.tar.gz`, { userAgent: 'curl/8.7.1' }),
    ),
  },
  {
    name: 'go, which asks a proxy for modules that the proxy does not have',
    requests: scan((word) => `/proxy/github.com/${word}/@v/list`, { userAgent: 'Go-http-client/1.1' }),
  },
  {
    name: 'a player that looks for texts and pictures beside films',
    requests: scan((word) => `/films/${word}/movie.nfo`, { userAgent: 'Kodi/20.2 (Linux; Android 11)' }),
  },
  {
    name: 'a server of Matrix that asks for unknown events',
    requests: scan((word) => `/_matrix/federation/v1/event/$${word}`, { userAgent: 'unnamed/1.0' }),
  },
  {
    name: 'a calendar that repeats an old password once a minute',
    requests: repeat(['/dav/calendars/editor/'], 60, { method: 'PROPFIND', status: '401', user: 'editor' }),
    step: 60,
  },
  {
    name: 'a file manager whose extension looks for repositories in each folder of a share',
    requests: scan((word) => `/share/${word}/.git`, { method: 'PROPFIND' }).slice(0, 30),
  },
  {
    name: 'a visitor who reads a page about SQL on another site, whose statistics this site keeps',
    requests: times(20, (i) =>
      request(
        `/matomo.php?idsite=1&url=${encodeURIComponent('https://www.example.net/?q=union select')}&h=${i}`,
        { status: '204', referer: 'https://www.example.net/' },
      ),
    ),
    step: 30,
  },
  {
    name: 'a student who searches for five payloads, and sees each page of results',
    requests: ['<script>alert(1)</script>', "' or 1=1--", '../../etc/passwd', 'union select', 'sleep(5)']
      .map((words) => `/search?q=${encodeURIComponent(words)}`)
      .flatMap((target) => [
        request(target),
        request('/style.css', { referer: `https://www.example.org${target}` }),
      ]),
    step: 40,
  },
  {
    name: 'an editor of a wiki who searches for payloads, and whose browser loads the styles from a program',
    requests: ['<script>alert(1)</script>', 'union select', '../../etc/passwd']
      .map((words) => `/index.php?search=${encodeURIComponent(words)}`)
      .flatMap((target) => [
        request(target),
        request('/load.php?modules=site.styles', { referer: `https://www.example.org${target}` }),
      ]),
    step: 20,
  },
  {
    name: 'an application that deletes records that are gone',
    requests: times(40, (i) => missing(`/api/items/${1000 + i}`, { method: 'DELETE' })),
  },
  {
    name: 'an administrator who looks for phpMyAdmin at three addresses',
    requests: [missing('/phpmyadmin/'), missing('/pma/'), missing('/myadmin/')],
    step: 20,
  },
  {
    name: 'a robot that requests paths with .. above the root',
    requests: times(30, (i) =>
      request(`/../${WORDS[i]}`, {
        status: '400',
        userAgent: 'Mozilla/5.0 (X11; Linux; rv:14.0; ips-agent) Gecko',
      }),
    ),
  },
  {
    name: 'a telephone that loads its settings',
    requests: repeat(['/y000000000066.cfg', '/000000000000.cfg', '/805ec0123456.cfg'], 9, {
      status: '404',
      userAgent: 'Yealink SIP-T46S 66.86.0.15',
    }),
  },
  {
    name: 'a mail whose images are gone',
    requests: times(30, (i) => missing(`/news/2026/image-${WORDS[i]}.jpg`)),
  },
  {
    name: 'a page with missing thumbnails',
    requests: [request('/shop/'), ...times(40, (i) => missing(`/thumbs/p-${i}.webp`, { referer: PAGE }))],
  },
  {
    name: 'a page whose scripts are gone after a release, without a referer',
    requests: [request('/'), ...times(25, (i) => missing(`/assets/chunk-${WORDS[i]}.js`))],
  },
  {
    name: 'another site’s page that shows images of this site',
    requests: times(40, (i) => missing(`/img/photo-${WORDS[i]}.png`, { referer: FORUM })),
  },
  {
    name: 'a calendar client that looks for its collections',
    requests: [
      request('/.well-known/caldav', { method: 'PROPFIND', status: '404' }),
      ...scan((word) => `/dav/${word}/`, { method: 'PROPFIND' }).slice(0, 25),
    ],
  },
  {
    name: 'a file manager that looks for its own files in each folder of a share',
    requests: scan((word) => `/files/${word}/`, { method: 'PROPFIND', status: '207' }).flatMap((folder) =>
      ['.DS_Store', '._report.pdf', 'desktop.ini', 'Thumbs.db', 'AutoRun.inf'].map((name) =>
        missing(`${folder.target}${name}`, { method: 'PROPFIND', userAgent: 'WebDAVFS/3.0.0' }),
      ),
    ),
  },
  {
    name: 'a client that synchronizes a folder whose files are gone',
    requests: [
      ...scan((word) => `/cloud/${word}.odt`, { userAgent: 'Mozilla/5.0 (Windows) mirall/3.12' }),
      ...scan((word) => `/ocs/${word}`, { userAgent: 'Mozilla/5.0 (Windows) mirall/3.12' }).slice(0, 14),
    ],
  },
  {
    name: 'a student who loads numbered archives and dumps of a course',
    requests: [
      ...times(6, (i) => request(`/${i + 1}.zip`, { size: `${50_000 + i * 7919}`, referer: PAGE })),
      ...WORDS.slice(0, 8).map((word, i) => request(`/sql/${word}.sql`, { size: `${4000 + i * 1777}` })),
    ],
    step: 20,
  },
  {
    name: 'a program that loads numbered archives of a course that are gone',
    requests: times(20, (i) => missing(`/${i + 1}.zip`, { userAgent: 'Wget/1.21.3' })).slice(0, 15),
    step: 30,
  },
  {
    name: 'a program that loads archives of words and numbers, three of which are gone',
    requests: [
      request('/all.zip', { size: '910224', userAgent: 'curl/8.5.0' }),
      ...['/1.zip', '/src.tar.xz', '/full_2023.7z'].map((target) =>
        missing(target, { userAgent: 'curl/8.5.0' }),
      ),
    ],
  },
  {
    name: 'a reader who follows a page’s links to archives that are gone',
    requests: ['/2017.zip', '/b.rar', '/source-old.tar.gz'].map((target) =>
      missing(target, { referer: PAGE }),
    ),
  },
  {
    name: 'a program that loads three archives, which are redirected to another host',
    requests: ['/all.zip', '/data.tar.gz', '/full.sql.gz'].map((target) =>
      request(target, { status: '302', userAgent: 'curl/8.5.0' }),
    ),
  },
  {
    name: 'a script that loads old releases of a program',
    requests: ['app-1.2.zip', 'app-1.3.zip', 'lib-2.0.tar.gz', 'tool-0.9.tar.xz'].map((file) =>
      missing(`/${file}`, { userAgent: 'curl/8.5.0' }),
    ),
    step: 3,
  },
  {
    name: 'an author who mistypes a password, and whose browser’s extension posts by XML-RPC',
    requests: [
      request('/wp-login.php'),
      request('/wp-admin/css/login.min.css', { referer: 'https://www.example.org/wp-login.php' }),
      post('/wp-login.php'),
      post('/xmlrpc.php'),
    ],
  },
  {
    name: 'a mistyped password in a browser, and WordPress’s app in the same network',
    requests: [post('/wp-login.php'), post('/xmlrpc.php', { userAgent: 'wp-iphone/24.1' })],
  },
  {
    name: 'a mistyped password, the right password, and a blog editor that claims to be the browser',
    requests: [
      post('/wp-login.php'),
      post('/wp-login.php', { status: '302' }),
      request('/wp-admin/'),
      post('/xmlrpc.php'),
    ],
    step: 5,
  },
  {
    name: 'WordPress’s app that looks for a blog in two folders, and a database’s page in the same network',
    requests: ['/xmlrpc.php?rsd', '/xmlrpc.php', '/blog/xmlrpc.php', '/phpmyadmin/'].map((target) =>
      missing(target, { userAgent: 'wp-android/24.1' }),
    ),
  },
  {
    name: 'a monitor of three addresses of a blog and a database that have moved',
    requests: repeat(['/blog/wp-login.php', '/xmlrpc.php', '/phpmyadmin/'], 60, {
      status: '404',
      userAgent: 'Uptime-Kuma/1.23.3',
    }),
    step: 20,
  },
  {
    name: 'an owner who tries addresses of a blog and of a database by hand',
    requests: ['/blog/wp-login.php', '/wp-login.php', '/phpmyadmin/', '/pma/'].map((target) =>
      missing(target),
    ),
    step: 15,
  },
  {
    name: 'a browser that opens last week’s pages of a blog and a database',
    requests: [
      request('/'),
      request('/style.css', { referer: 'https://www.example.org/' }),
      ...['/blog/wp-login.php', '/phpmyadmin/', '/pma/'].map((target) => missing(target)),
    ],
  },
  {
    name: 'a reader of a course about attacks, who opens five examples and sees each page',
    requests: times(5, (i) => {
      const target = `/lesson/${i}?name=%3Cscript%3Ealert(${i})%3C/script%3E`;
      return [
        request(target, { referer: 'https://www.google.com/' }),
        request('/style.css', { referer: `https://www.example.org${target}` }),
        request('/logo.png', { referer: `https://www.example.org${target}` }),
      ];
    }).flat(),
    step: 10,
  },
  {
    name: 'a user of a playground for SQL, whose statements are in the address',
    requests: [
      request('/play?code=SELECT%201'),
      request('/play.css', { referer: 'https://www.example.org/play?code=SELECT%201' }),
      ...times(6, (i) => request(`/play?code=SELECT%20a%20FROM%20b%20UNION%20SELECT%20${i}`)).flatMap(
        (each, i) =>
          i === 0
            ? [each, request('/play.js', { referer: `https://www.example.org${each.target}` })]
            : [each],
      ),
    ],
    step: 30,
  },
  {
    name: 'a reader of shared examples, whose browser has the files of the page already',
    requests: [
      request('/index.php?name=%3Cscript%3Ealert(1)%3C/script%3E'),
      request('/main.css', {
        referer: 'https://www.example.org/index.php?name=%3Cscript%3Ealert(1)%3C/script%3E',
      }),
      ...times(4, (i) => request(`/index.php?name=%3Cscript%3Ealert(${i + 2})%3C/script%3E`)),
    ],
    step: 15,
  },
  {
    name: 'a person who filters issues by fields with quotes',
    requests: times(20, (i) =>
      request(`/rest/api/2/search?jql=${encodeURIComponent(`"Link"="A-${i}" or "Team"="${i}"`)}`),
    ),
  },
  {
    name: 'a browser that sends preflights to an API that is gone',
    requests: scan((word) => `/api/${word}`, { method: 'OPTIONS' }).slice(0, 30),
  },
  {
    name: 'git clone over HTTP of a missing repository',
    requests: repeat(['/team/app.git/info/refs?service=git-upload-pack', '/team/app/info/refs'], 8, {
      status: '404',
      userAgent: 'git/2.43.0',
    }),
  },
  {
    name: 'an editor of WordPress who saves and uploads',
    requests: times(60, (i) =>
      i % 3
        ? post('/wp-admin/admin-ajax.php', { referer: 'https://www.example.org/wp-admin/post.php' })
        : request(`/wp-json/wp/v2/posts/${i}?_locale=user`, { method: i % 2 ? 'POST' : 'GET' }),
    ),
  },
  {
    name: 'a shop’s visitor who fills a cart',
    requests: times(60, (i) => (i % 2 ? post('/cart/add') : request(`/product/${WORDS[i % 40]}`))),
  },
  {
    name: 'a visitor who searches for words of SQL',
    requests: ['union select', 'drop table', "o'brien or 1=1", 'select from users'].map((words) =>
      request(`/search?q=${encodeURIComponent(words)}`),
    ),
    step: 70,
  },
  {
    name: 'a WebSocket client that connects again and again',
    requests: repeat(['/socket.io/?EIO=4&transport=websocket'], 60, { status: '404' }),
  },
  {
    name: 'a visitor of a server that logs absolute URLs',
    requests: times(40, (i) => request(`http://${HOSTS[i % 4]}.example.org/page-${i}`)),
  },
  {
    name: 'a monitor of a product in twelve folders of this site',
    requests: times(60, (i) => request(`/site-${WORDS[i % 12]}/wp-login.php`)),
    step: 5,
  },
  {
    name: 'an editor who mistypes a password twelve times in a browser',
    requests: times(12, () => [
      request('/wp-login.php'),
      request('/wp-admin/css/login.min.css', { referer: 'https://www.example.org/wp-login.php' }),
      request('/wp-includes/js/zxcvbn.min.js', { referer: 'https://www.example.org/wp-login.php' }),
      post('/wp-login.php', { referer: 'https://www.example.org/wp-login.php' }),
    ]).flat(),
    step: 5,
  },
  {
    name: 'go, which looks for the repositories of imports',
    requests: scan((word) => `/team/${word}?go-get=1`, { userAgent: 'Go-http-client/1.1' }),
  },
  {
    name: 'an editor who opens three folders in a file manager',
    requests: ['a.jpg', 'b.jpg', 'c.jpg'].map((file) =>
      request(`/admin/connector.php?cmd=ls&target=l1_AAA&intersect[]=${file}`),
    ),
    step: 5,
  },
  {
    name: 'an application whose parameter has values that begin like commands',
    requests: ['cmd=identify', 'cmd=directory&page=1', 'cmd=directory&page=2', 'cmd=idle', 'cmd=id_list'].map(
      (query) => request(`/app.php?${query}`),
    ),
  },
  {
    name: 'a reader of a page with a map of three layers',
    requests: ['a', 'b', 'c'].map((name) =>
      request(
        `/plugins/content/plugin_googlemap2_proxy.php?url=https%3A%2F%2Fwww.example.com%2F${name}.kml`,
        { referer: PAGE },
      ),
    ),
  },
  ...[
    '/wp-content/plugins/ait-csv-import-export/admin/upload-handler.php',
    '/components/com_b2jcontact/izupload.php?id=7',
    '/customnode/install/git_url',
    '/iWebOffice2015/OfficeServer.php',
    '/aspera/faspex/package_relay/relay_package',
  ].map((target) => ({
    name: `a user of a product whose own page sends POST ${target}`,
    requests: repeat([target], 12, { method: 'POST', referer: PAGE }),
  })),
  {
    name: 'a designer of reports who opens a connection',
    requests: [post('/webroot/decision/remote/design/channel', { userAgent: 'FineReport Designer' })],
  },
  {
    name: 'an administrator who filters a table in a framework’s administration by POST',
    requests: repeat(['/index.php/admin', '/index.php/admin/'], 60, { method: 'POST', size: '8412' }),
    step: 5,
  },
  {
    name: 'a person who opens folders in elFinder',
    requests: times(20, (i) => request(`/files/connector.php?cmd=ls&target=l1_${i}&intersect[]=a.jpg`)),
  },
  {
    name: 'a user who pages through the names and identities of a directory',
    requests: ['directory', 'dir', 'identify', 'idle', 'id_list', 'pwd-reset', 'uname'].flatMap((cmd) =>
      times(4, (i) => request(`/app.php?cmd=${cmd}&page=${i}`)),
    ),
  },
  ...['301', '302', '304', '401'].map((status) => ({
    name: `a browser that opens last week’s consoles, all answered ${status}`,
    requests: repeat(CONSOLES, 6, { status }),
  })),
  {
    name: 'an administrator who opens consoles, and logs in at each of them',
    requests: CONSOLES.flatMap((target, i) => [
      request(target, { status: '302' }),
      request(`${target}login`, { size: `${2000 * (i + 1)}` }),
      request(target, { size: `${9000 * (i + 1)}` }),
    ]),
  },
  {
    name: 'a reader of an old page whose counters are gone',
    requests: [
      request('/'),
      request('/style.css', { referer: 'https://www.example.org/' }),
      ...COUNTERS.map((target) => missing(target, { referer: 'https://www.example.org/' })),
    ],
  },
  {
    name: 'a reader of an old page whose counters are gone, without referers',
    requests: [request('/'), request('/style.css'), ...COUNTERS.map((target) => missing(target))],
  },
  ...['404', '302', '304'].map((status) => ({
    name: `a reader of a set of frames that are all answered ${status}`,
    requests: [
      request('/'),
      ...['/main.asp', '/home.asp', '/status.asp'].map((target) =>
        request(target, { status, referer: 'https://www.example.org/' }),
      ),
    ],
  })),
  ...[undefined, 'www.example.org'].map((host) => ({
    name: `a reader of another site’s page with an image at the same path of this site, in a log with host ${host}`,
    requests: [missing('/.env', { host, referer: 'https://forum.example.net/.env' })],
  })),
  {
    name: 'a visitor who forgot a password and tries nine times',
    requests: [...repeat(['/login'], 9, { method: 'POST' }), request('/account')],
    step: 8,
  },
];

export const BEHAVIOURS: readonly Behaviour[] = [
  ...ATTACKS.map((each) => ({ ...each, isAttack: true })),
  ...ORDINARY.map((each) => ({ ...each, isAttack: false })),
];
