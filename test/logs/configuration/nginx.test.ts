import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { realExecutor } from '../../../base/execute.ts';
import type { ConfiguredLog, ServerConfiguration } from '../../../logs/configuration/configured-log.ts';
import { hostAt } from '../../../logs/configuration/host.ts';
import { buildIn, nginxConfiguration } from '../../../logs/configuration/nginx.ts';
import { directivesOf } from '../../../logs/configuration/nginx-directives.ts';
import { unpacked } from '../../lab/unpacked.ts';
import { hostWith, type Programs } from './fake-host.ts';

const MAIN = '/etc/nginx/nginx.conf';

function read(
  text: string,
  others: Record<string, string> = {},
  programs: Programs = {},
): ServerConfiguration {
  const configuration = nginxConfiguration(hostWith({ [MAIN]: text, ...others }, programs));
  if (configuration === undefined) throw new Error('no nginx was found');
  return configuration;
}

/** The logs that the configuration names: all except nginx’s default logs. */
const named = ({ logs }: ServerConfiguration): ConfiguredLog[] =>
  logs.filter(({ place }) => !place.endsWith('default)'));

/** The first log that these directives of `http { }` name. */
function logIn(http: string): ConfiguredLog | undefined {
  return read(`http { ${http} }`).logs[0];
}

test('finds no nginx on a host without its files', () => {
  assert.is(nginxConfiguration(hostWith({ '/etc/hosts': '' })), undefined);
});

test('joins the strings of a log_format', () => {
  const log = logIn(`log_format main '$remote_addr - '
      "\\"$request\\"" $status;
    access_log /var/log/nginx/a.log main;`);
  assert.equal(log?.format, {
    name: 'main',
    dialect: 'nginx',
    text: '$remote_addr - "$request"$status',
    escaping: 'default',
  });
  assert.is(log?.path, '/var/log/nginx/a.log');
  assert.is(log?.place, `${MAIN}:3`);
});

test('reads escape=', () => {
  for (const value of ['json', 'none', 'default'])
    assert.is(logIn(`log_format x escape=${value} 'a' 'b'; access_log /a x;`)?.format?.escaping, value);
  assert.is(logIn('log_format x "escape=json"; access_log /a x;')?.format?.text, '');
});

test('finds the format combined without a log_format, and the default log when http names no log', () => {
  const combined =
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';
  const named = logIn('access_log /a;');
  assert.equal([named?.path, named?.format?.text], ['/a', combined]);
  const { logs } = read('events { }\nhttp { server { access_log /b; } }');
  assert.equal(
    logs.map(({ path, format }) => [path, format?.text]),
    [
      ['/var/log/nginx/access.log', combined],
      ['/b', combined],
      ['/var/log/nginx/error.log', undefined],
    ],
  );
  assert.is(read('events { }').logs.length, 1);
});

test('finds the logs of servers and locations, and no log for access_log off', () => {
  const { logs } = read(`error_log /e1 warn;
http {
  access_log off;
  log_format x '$remote_addr';
  server { access_log /a x; location / { access_log /b x; if ($x) { access_log /c x; } } error_log /e2; }
}`);
  assert.equal(
    logs.map(({ kind, path }) => `${kind} ${path}`),
    ['error /e1', 'access /a', 'access /b', 'access /c', 'error /e2'],
  );
});

test('includes files by wildcard, from the directory of nginx.conf', () => {
  const configuration = read(
    'http { access_log off; include conf.d/*.conf; include sites-enabled/*; include gone.conf; include none/*; }',
    {
      '/etc/nginx/conf.d/b.conf': 'access_log /b;',
      '/etc/nginx/conf.d/a.conf': 'include deep/more.conf;',
      '/etc/nginx/deep/more.conf': 'access_log /deep;',
      '/etc/nginx/conf.d/a.txt': 'access_log /text;',
      '/etc/nginx/sites-enabled/site': 'server { access_log /site; }',
      '/etc/nginx/sites-enabled/.hidden': 'server { access_log /hidden; }',
    },
  );
  assert.equal(
    named(configuration).map(({ path, place }) => [path, place]),
    [
      ['/deep', '/etc/nginx/deep/more.conf:1'],
      ['/b', '/etc/nginx/conf.d/b.conf:1'],
      ['/site', '/etc/nginx/sites-enabled/site:1'],
    ],
  );
  assert.equal(configuration.problems, ['/etc/nginx/gone.conf is missing']);
});

test('ends when files include each other', () => {
  const { logs } = read('http { access_log /a; include other.conf; }', {
    '/etc/nginx/other.conf': 'include nginx.conf;',
  });
  assert.ok(logs.length >= 1);
});

test('says why a log cannot be read', () => {
  const rows = [
    ['access_log syslog:server=127.0.0.1 combined;', 'goes to syslog'],
    ['access_log /var/log/$host.log combined;', 'has a variable in its path'],
    ['access_log /a.gz combined gzip=9 flush=5m;', 'is compressed (gzip)'],
    ['access_log /a gone;', 'has the format gone, which no log_format defines'],
    ['access_log /dev/stdout combined;', 'is not a permanent file'],
    ['error_log stderr; access_log off;', 'goes to standard error'],
    ['error_log memory:32m debug; access_log off;', 'goes to memory'],
  ] as const;
  for (const [text, problem] of rows) assert.is(logIn(text)?.problem, problem, text);
});

test('says that a log of stream { } has connections, not requests', () => {
  const configuration = read(
    "stream { log_format x '$remote_addr'; access_log /a x; } http { access_log /b; }",
  );
  assert.equal(
    named(configuration).map(({ path, problem }) => [path, problem]),
    [
      ['/a', 'has connections (stream { }), not requests'],
      ['/b', undefined],
    ],
  );
});

test('says which requests are missing or late in a log', () => {
  assert.is(
    logIn('access_log /a combined if=$loggable;')?.remark,
    'has only the requests that match if=$loggable',
  );
  assert.is(
    logIn('access_log /a combined buffer=32k;')?.remark,
    'is late: nginx delays lines (buffer=32k, no flush=)',
  );
  assert.is(
    logIn('access_log /a combined buffer=32k flush=5s;')?.remark,
    'is late: nginx delays lines (buffer=32k)',
  );
  assert.is(logIn('access_log /a combined;')?.remark, undefined);
});

test('finds the proxies of the realip module, and ModSecurity', () => {
  const { realIp, hasModSecurity } = read(
    'http { set_real_ip_from 192.0.2.0/24; real_ip_header X-Forwarded-For; server { modsecurity on; } }',
  );
  assert.equal(
    realIp.map(({ text }) => text),
    ['set_real_ip_from 192.0.2.0/24', 'real_ip_header X-Forwarded-For'],
  );
  assert.ok(hasModSecurity);
});

test('reads the output of nginx -T, with the paths of nginx -V', () => {
  const dump = `# configuration file /opt/nginx/conf/nginx.conf:
http {
    include       mime.types;
    include sites/*.conf;
}

# configuration file /opt/nginx/conf/mime.types:
types { text/html html; }
# configuration file /opt/nginx/conf/sites/a.conf:
server {
    access_log logs/a.log;
}
`;
  const version =
    'nginx version: nginx/1.22.1\nconfigure arguments: --prefix=/opt/nginx --with-http_ssl_module';
  const { logs, source, problems } = read(
    '',
    {},
    { '/usr/sbin/nginx -V': { stderr: version }, '/usr/sbin/nginx -T': { stdout: dump } },
  );
  assert.is(source, '/usr/sbin/nginx');
  assert.equal(problems, []);
  assert.equal(
    logs.map(({ path, place }) => [path, place]),
    [
      ['/opt/nginx/logs/access.log', '/opt/nginx/conf/nginx.conf (nginx’s default)'],
      ['/opt/nginx/logs/a.log', '/opt/nginx/conf/sites/a.conf:2'],
      ['/opt/nginx/logs/error.log', '/opt/nginx/conf/nginx.conf (nginx’s default)'],
    ],
  );
});

test('reads the files when nginx -T fails, and reports the failure', () => {
  const refused = { ok: false, stderr: 'nginx: [emerg] unknown directive "x" in /etc/nginx/nginx.conf:1\n' };
  const version = 'configure arguments: --prefix=/usr/share/nginx --conf-path=/etc/nginx/nginx.conf';
  const { logs, source, problems } = read(
    'http { access_log /a; }',
    {},
    { '/usr/sbin/nginx -V': { stderr: version }, '/usr/sbin/nginx -T': refused },
  );
  assert.is(source, MAIN);
  assert.is(logs[0]?.path, '/a');
  assert.equal(problems, [
    '/usr/sbin/nginx -T does not print the configuration: unknown directive "x" in /etc/nginx/nginx.conf:1',
  ]);
});

test('reads the paths that nginx was built with', () => {
  assert.equal(
    buildIn(
      "configure arguments: --with-cc-opt='-g -O2' --prefix=/usr/share/nginx --conf-path=/etc/nginx/nginx.conf --http-log-path=/var/log/nginx/access.log --error-log-path=stderr",
    ),
    {
      prefix: '/usr/share/nginx',
      file: '/etc/nginx/nginx.conf',
      accessLog: '/var/log/nginx/access.log',
      errorLog: 'stderr',
    },
  );
});

test('splits words as nginx does', () => {
  const words = (text: string): readonly string[] | undefined => directivesOf(text)[0]?.words;
  assert.equal(words(`x "a b" 'c"d' e\\ f "g\\"h" i\\\\ "\\t" "\\d";`), [
    'a b',
    'c"d',
    'e\\ f'.replace(' f', ' f'),
    'g"h',
    'i\\',
    '\t',
    '\\d',
  ]);
  assert.equal(words('x $' + '{a}b; # c'), ['$' + '{a}b']);
  assert.equal(words('x "a;{}#" b#c;'), ['a;{}#', 'b#c']);
  assert.equal(words('# x y;\n z a\n\tb ;'), ['a', 'b']);
});

test('skips blocks of Lua', () => {
  const text = 'http { content_by_lua_block { local a = {1, {2}}; ngx.say("x") } access_log /a; }';
  assert.equal(
    named(read(text)).map(({ path }) => path),
    ['/a'],
  );
});

test('reads any text without an error', () => {
  const odd = [
    '{',
    '}',
    ';',
    '"',
    "'",
    '\\',
    'http',
    'http {',
    'http { access_log',
    'http { access_log; }',
    'http { log_format; access_log /a; }',
    'http { log_format x; access_log /a x; }',
    'include;',
    'include nginx.conf;',
    '#',
    '\0\xff{}',
    '{'.repeat(10_000),
    'a {'.repeat(10_000),
    'x_by_lua_block {',
  ];
  for (const text of [...odd, odd.join('\n')]) read(text);
});

const nginx = await unpacked('nginx');
const withNginx = nginx === undefined ? test.skip : test;

withNginx('reads the configuration that a real nginx prints', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'riposte-nginx-'));
  await mkdir(join(directory, 'sites'));
  await writeFile(join(directory, 'nginx.conf'), NGINX_CONF);
  await writeFile(join(directory, 'sites/a.conf'), 'server { listen 127.0.0.1:1; access_log a.log own; }\n');
  const executor = realExecutor(60, { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' });
  const program = join(nginx ?? '', 'usr/sbin/nginx');
  const run = (_: string, args: readonly string[]) =>
    executor.look({ program, args: ['-p', directory, '-c', join(directory, 'nginx.conf'), ...args] });
  const configuration = nginxConfiguration(hostAt('/', run));
  assert.equal(configuration?.problems, []);
  const log = configuration?.logs.find(({ path }) => path?.endsWith('a.log'));
  assert.is(log?.format?.text, '$remote_addr \\x"$request"');
  assert.is(log?.place, `${join(directory, 'sites/a.conf')}:1`);
  await rm(directory, { recursive: true });
});

const NGINX_CONF = `pid nginx.pid;
error_log error.log;
events { }
http {
  access_log off;
  log_format own '$remote_addr \\\\x' "\\"$request\\"";
  client_body_temp_path t; proxy_temp_path t; fastcgi_temp_path t; uwsgi_temp_path t; scgi_temp_path t;
  include sites/*.conf;
}
`;

test.run();
