import { existsSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { realExecutor } from '../../../base/execute.ts';
import { apacheConfiguration, startIn } from '../../../logs/configuration/apache.ts';
import type { ServerConfiguration } from '../../../logs/configuration/configured-log.ts';
import { hostAt } from '../../../logs/configuration/host.ts';
import { hostWith, type Programs } from './fake-host.ts';

const MAIN = '/etc/apache2/apache2.conf';
const COMBINED = '%h %l %u %t \\"%r\\" %>s %O \\"%{Referer}i\\" \\"%{User-Agent}i\\"';

function read(
  text: string,
  others: Record<string, string> = {},
  programs: Programs = {},
): ServerConfiguration {
  const configuration = apacheConfiguration(hostWith({ [MAIN]: text, ...others }, programs));
  if (configuration === undefined) throw new Error('no Apache was found');
  return configuration;
}

/** Path and text of each access log. */
const accessLogs = (
  configuration: ServerConfiguration,
): (readonly [string | undefined, string | undefined])[] =>
  configuration.logs.filter(({ kind }) => kind === 'access').map(({ path, format }) => [path, format?.text]);

test('finds no Apache on a host without its files', () => {
  assert.is(apacheConfiguration(hostWith({ '/etc/hosts': '' })), undefined);
});

test('finds a nickname when its LogFormat comes after the CustomLog', () => {
  const configuration = read('CustomLog /var/log/a.log short\nLogFormat "%h %t \\"%r\\"" short\n');
  assert.equal(accessLogs(configuration), [['/var/log/a.log', '%h %t "%r"']]);
  assert.is(configuration.logs[0]?.format?.name, 'short');
  assert.is(configuration.logs[0]?.place, `${MAIN}:1`);
});

test('takes the last LogFormat of a nickname', () => {
  const text = 'LogFormat "%h" x\nCustomLog /a x\nLogFormat "%a" x\n';
  assert.equal(accessLogs(read(text)), [['/a', '%a']]);
});

test('treats an unknown nickname as the text itself, as Apache does', () => {
  assert.equal(accessLogs(read('CustomLog /a combind\n')), [['/a', 'combind']]);
});

test('lets a virtual host have a nickname of its own', () => {
  const text = `LogFormat "%h" x
<VirtualHost *:80>
  LogFormat "%a one" x
  CustomLog /one x
</VirtualHost>
<VirtualHost *:81>
  CustomLog /two x
</VirtualHost>`;
  assert.equal(accessLogs(read(text)), [
    ['/one', '%a one'],
    ['/two', '%h'],
  ]);
});

test('replaces variables of Define and of envvars before it reads quotes', () => {
  const envvars = `# export APACHE_LOG_DIR=/nowhere
if [ "\${APACHE_CONFDIR##/etc/apache2-}" != "\${APACHE_CONFDIR}" ] ; then
	SUFFIX="-\${APACHE_CONFDIR##/etc/apache2-}"
else
	SUFFIX=
fi
export APACHE_LOG_DIR=/var/log/apache2$SUFFIX
`;
  const text = `Define NAME "two words"
CustomLog "\${APACHE_LOG_DIR}/\${NAME}.log" "%h"
Define NAME other
CustomLog \${APACHE_LOG_DIR}/\${NAME}.log "%h"
CustomLog \${NOWHERE}/a.log "%h"`;
  const configuration = read(text, { '/etc/apache2/envvars': envvars });
  assert.equal(
    configuration.logs.map(({ path }) => path),
    ['/var/log/apache2/two words.log', '/var/log/apache2/other.log', undefined],
  );
  assert.is(configuration.logs[2]?.problem, 'has a variable that has no value here');
});

test('joins lines at a backslash, even in a comment', () => {
  const text =
    '# comment \\\nCustomLog /not/this "%h"\nCustomLog \\\n  /this \\\n "%h"\r\nErrorLog /error\r\n';
  const { logs } = read(text);
  assert.equal(
    logs.map(({ path, place }) => [path, place]),
    [
      ['/this', `${MAIN}:3`],
      ['/error', `${MAIN}:6`],
    ],
  );
});

test('reads words in single or double quotes, and a quote after a backslash as a part of the word', () => {
  const text = `CustomLog '/a "b".log' "%h \\"%r\\" \\\\ 'x'"`;
  assert.equal(accessLogs(read(text)), [['/a "b".log', `%h "%r" \\ 'x'`]]);
});

test('includes directories, and files by wildcards in any part of a path, and ignores missing files', () => {
  const configuration = read(
    `IncludeOptional sites/*/*.conf
IncludeOptional missing.conf
Include whole
Include /etc/apache2/gone.conf
CustomLog /last "%h"`,
    {
      '/etc/apache2/sites/b/one.conf': 'CustomLog /b "%h"',
      '/etc/apache2/sites/a/one.conf': 'CustomLog /a "%h"',
      '/etc/apache2/sites/a/.hidden.conf': 'CustomLog /hidden "%h"',
      '/etc/apache2/sites/a/other.txt': 'CustomLog /other "%h"',
      '/etc/apache2/whole/deep/file': 'CustomLog /deep "%h"',
    },
  );
  assert.equal(
    configuration.logs.map(({ path }) => path),
    ['/a', '/b', '/deep', '/last'],
  );
  assert.equal(configuration.problems, ['/etc/apache2/gone.conf is missing']);
});

test('ends when files include each other', () => {
  const { problems } = read('Include other.conf', { '/etc/apache2/other.conf': 'Include apache2.conf\n' });
  assert.equal(problems, ['too many files include each other: Riposte did not read the rest of these files']);
});

test('reads relative paths from ServerRoot', () => {
  const text = 'ServerRoot /srv/httpd\nErrorLog logs/error_log\nInclude conf.d/*.conf';
  const { logs } = read(text, { '/srv/httpd/conf.d/a.conf': 'CustomLog logs/access_log "%h"' });
  assert.equal(
    logs.map(({ path }) => path),
    ['/srv/httpd/logs/error_log', '/srv/httpd/logs/access_log'],
  );
});

test('reads the lines in <IfModule> and <IfDefine>, except when a negated condition is known to be false', () => {
  const text = `LoadModule logio_module modules/mod_logio.so
Define TLS
<IfModule log_config_module>
CustomLog /a "%h"
<IfModule !mod_logio.c>
CustomLog /b "%h"
</IfModule>
</IfModule>
<IfDefine !TLS>
CustomLog /c "%h"
</IfDefine>
<IfDefine OTHER>
CustomLog /d "%h"
</IfDefine>
<IfModule !mod_rare.c>
CustomLog /e "%h"
</IfModule>`;
  assert.equal(
    read(text).logs.map(({ path }) => path),
    ['/a', '/d', '/e'],
  );
});

test('asks Apache’s program for the first file of its configuration, its modules and its variables', () => {
  const dump = `Included configuration files:
  (*) /opt/apache/main.conf
    (3) /opt/apache/more.conf
ServerRoot: "/opt/apache"
Main ErrorLog: "/opt/apache/error.log"
Define: DUMP_INCLUDES
Define: SHOP=yes
Loaded Modules:
 core_module (static)
 security2_module (shared)
`;
  const text = `<IfModule security2_module>
CustomLog logs/a "%h"
</IfModule>
<IfModule mod_logio.c>
CustomLog logs/b "%h"
</IfModule>
<IfDefine SHOP>
CustomLog logs/c "%h"
</IfDefine>
<IfDefine OTHER>
CustomLog logs/d "%h"
</IfDefine>
<IfModule prefork.c>
CustomLog logs/e "%h"
</IfModule>`;
  const asking = '/usr/sbin/httpd -t -D DUMP_INCLUDES -D DUMP_RUN_CFG -D DUMP_MODULES';
  const configuration = read('', { '/opt/apache/main.conf': text }, { [asking]: { stdout: dump } });
  assert.is(configuration.source, '/usr/sbin/httpd');
  assert.equal(
    configuration.logs.map(({ path }) => path),
    ['/opt/apache/logs/a', '/opt/apache/logs/c', '/opt/apache/logs/e'],
  );
  assert.ok(configuration.hasModSecurity);
});

test('reads the usual files when Apache refuses its configuration, and reports the refusal', () => {
  const asking = '/usr/sbin/httpd -t -D DUMP_INCLUDES -D DUMP_RUN_CFG -D DUMP_MODULES';
  const said = {
    ok: false,
    stderr: 'AH00526: Syntax error on line 9 of /etc/apache2/apache2.conf:\nInvalid',
  };
  const { logs, problems, source } = read('CustomLog /a "%h"', {}, { [asking]: said });
  assert.is(logs.length, 1);
  assert.is(source, MAIN);
  assert.equal(problems, [
    '/usr/sbin/httpd -t does not print the configuration: AH00526: Syntax error on line 9 of /etc/apache2/apache2.conf:',
  ]);
});

test('gives TransferLog the last LogFormat without a nickname, or the common format if there is none', () => {
  const common = '%h %l %u %t "%r" %>s %b';
  assert.equal(accessLogs(read('TransferLog /a')), [['/a', common]]);
  assert.equal(accessLogs(read('LogFormat "%a"\nTransferLog /a\nCustomLog /b CLF')), [
    ['/a', '%a'],
    ['/b', common],
  ]);
  assert.equal(accessLogs(read('LogFormat "%a %t" x\nLogFormat x\nTransferLog /a\nGlobalLog /g x')), [
    ['/a', '%a %t'],
    ['/g', '%a %t'],
  ]);
});

test('says which requests are missing when a CustomLog has a condition', () => {
  const { logs } = read('CustomLog /a "%h" env=!dontlog\nCustomLog /b "%h" "expr=%{REQUEST_STATUS} >= 400"');
  assert.equal(
    logs.map(({ remark }) => remark),
    [
      'has only the requests that match env=!dontlog',
      'has only the requests that match expr=%{REQUEST_STATUS} >= 400',
    ],
  );
});

test('finds the files of rotatelogs, and says that other programs and syslog cannot be read', () => {
  const rows = [
    ['|/usr/bin/rotatelogs /var/log/a.log 86400', '/var/log/a.log.*', undefined],
    ['||/usr/sbin/rotatelogs -l /var/log/a.%Y-%m-%d.log 86400', '/var/log/a.*-*-*.log', undefined],
    ['|/usr/bin/rotatelogs -L /var/log/a.log -c /var/log/a.%Y%m%d 5M', '/var/log/a.log', undefined],
    ['|$/usr/bin/rotatelogs -t -p /bin/true logs/a.log 5M', '/etc/apache2/logs/a.log', undefined],
    ['|/usr/bin/rotatelogs -n 5 /var/log/a.log 5M', '/var/log/a.log*', undefined],
    ['|/usr/local/bin/collect --to db', undefined, 'is piped into /usr/local/bin/collect'],
    ['|', undefined, 'is piped into a program'],
    ['syslog:local1', undefined, 'goes to the system’s log'],
    ['/dev/null', undefined, 'is not a permanent file'],
  ] as const;
  for (const [target, path, problem] of rows) {
    const [log] = read(`CustomLog "${target}" "%h"`).logs;
    assert.equal([log?.path, log?.problem], [path, problem], target);
  }
});

test('says that Riposte does not fill in a macro', () => {
  const text =
    '<Macro Site $name>\n<VirtualHost *:80>\nCustomLog /var/log/$name.log "%h"\n</VirtualHost>\n</Macro>';
  const [log] = read(text).logs;
  assert.equal([log?.path, log?.problem], [undefined, 'is in a <Macro>, which Riposte does not fill in']);
});

test('reports an ErrorLogFormat that differs from Apache’s default', () => {
  const own = '[%{u}t] [%-m:%l] [pid %P:tid %T] %7F: %E: [client\\ %a] %M% ,\\ referer\\ %{Referer}i';
  const problemOf = (text: string): string | undefined => read(`${text}\nErrorLog /error`).logs[0]?.problem;
  assert.is(problemOf(''), undefined);
  assert.is(problemOf(`ErrorLogFormat "${own}"`), undefined);
  assert.is(problemOf('ErrorLogFormat request "[%t] of %a"'), undefined);
  assert.match(problemOf('ErrorLogFormat "[%t] %M"') ?? '', /its own format \(ErrorLogFormat, \S+:1\)/);
});

test('finds directives that make Apache look up names', () => {
  const text = `HostnameLookups Off
<Directory /srv>
  Require host example.org
  Require not host example.net
  Require ip 192.0.2.0/24
  Require forward-dns example.org
  Allow from 192.0.2.1 10.1 2001:db8::/32 192.0.2.0/255.255.255.0 all env=ok
  Deny from .example.com
  Allow from 192.0.2.1 example.org
</Directory>
<VirtualHost *:80>
HostnameLookups Double
</VirtualHost>`;
  assert.equal(
    read(text).nameLookups.map((each) => `${each.place} ${each.text}`),
    [
      `${MAIN}:3 require host example.org`,
      `${MAIN}:4 require not host example.net`,
      `${MAIN}:8 deny from .example.com`,
      `${MAIN}:9 allow from 192.0.2.1 example.org`,
      `${MAIN}:12 hostnamelookups Double`,
    ],
  );
});

test('finds the proxies of mod_remoteip, and ModSecurity', () => {
  const text = `LoadModule security2_module modules/mod_security2.so
RemoteIPHeader X-Forwarded-For
RemoteIPTrustedProxy 192.0.2.0/24`;
  const { realIp, hasModSecurity } = read(text);
  assert.equal(
    realIp.map((each) => each.text),
    ['remoteipheader X-Forwarded-For', 'remoteiptrustedproxy 192.0.2.0/24'],
  );
  assert.ok(hasModSecurity);
  assert.not(read('').hasModSecurity);
});

test('reads any text without an error', () => {
  const odd = [
    '<',
    '</VirtualHost>',
    '<VirtualHost',
    'CustomLog',
    'CustomLog "',
    'CustomLog "" ""',
    'LogFormat',
    'ErrorLog \\',
    '${',
    'Define',
    'Include',
    `Include "\${X}/a"`,
    'Include [',
    'Include /etc/apache2/[a-',
    '\\',
    '\0\xff',
    'Allow',
    'Require',
    '<IfModule>',
    '<IfDefine !>',
    'CustomLog |rotatelogs',
    'CustomLog "|/usr/bin/rotatelogs -L"',
  ];
  for (const text of [...odd, odd.join('\n')]) read(text);
});

const withDebian = existsSync('/etc/apache2/apache2.conf') ? test : test.skip;

withDebian('reads the same configuration from Debian’s apache2 program and from its files', () => {
  const executor = realExecutor(60, { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' });
  const byProgram = apacheConfiguration(
    hostAt('/', (program, args) => (existsSync(program) ? executor.look({ program, args }) : undefined)),
  );
  const byFiles = apacheConfiguration(hostAt('/'));
  assert.is(byFiles?.source, '/etc/apache2/apache2.conf');
  assert.is(byProgram?.source, '/usr/sbin/apache2ctl');
  for (const configuration of [byProgram, byFiles]) {
    assert.equal(configuration?.problems, []);
    const logs = configuration?.logs ?? [];
    const access = logs.find(({ path }) => path === '/var/log/apache2/access.log');
    assert.is(access?.format?.text, COMBINED.replaceAll('\\"', '"'));
    assert.is(access?.format?.name, 'combined');
    const vhosts = logs.find(({ path }) => path === '/var/log/apache2/other_vhosts_access.log');
    assert.is(vhosts?.format?.text, `%v:%p ${COMBINED.replaceAll('\\"', '"')}`);
    assert.ok(logs.some(({ path, kind }) => kind === 'error' && path === '/var/log/apache2/error.log'));
    assert.is(configuration?.hasModSecurity, existsSync('/etc/apache2/mods-enabled/security2.load'));
  }
  assert.equal(byProgram?.logs, byFiles?.logs);
});

test('finds no first file of the configuration when Apache’s program prints something else', () => {
  assert.is(startIn('Syntax OK\n'), undefined);
});

test.run();
