import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EX, RiposteError } from '../../../base/errors.ts';
import {
  type ConfiguredFormat,
  definitionOf,
  formatOfLog,
  wellKnown,
} from '../../../logs/configuration/configured-format.ts';
import type { FormatText } from '../../../logs/configuration/configured-log.ts';
import { webServers } from '../../../logs/configuration/web-servers.ts';
import { formatFromText } from '../../../logs/readers/own-format.ts';
import type { Reading } from '../../../logs/readers/reading.ts';
import { hostWith } from './fake-host.ts';

const LINE = '203.0.113.7 - - [20/Nov/2026:09:00:00 +0000] "GET /.env HTTP/1.1" 404 196 "-" "curl"';
const OPTIONS = { policy: { trustsPeer: false, proxies: undefined }, now: 1_795_165_200 };

const apache = (text: string): FormatText => ({ name: '', dialect: 'apache', text, escaping: 'default' });
const nginx = (text: string, escaping: FormatText['escaping'] = 'default'): FormatText => ({
  name: '',
  dialect: 'nginx',
  text,
  escaping,
});

const ofApache = (path: string, conf: string): ConfiguredFormat | undefined =>
  formatOfLog(path, webServers(hostWith({ '/etc/apache2/apache2.conf': conf })));
const ofNginx = (path: string, conf: string): ConfiguredFormat | undefined =>
  formatOfLog(path, webServers(hostWith({ '/etc/nginx/nginx.conf': `http { ${conf} }` })));

const read = (found: ConfiguredFormat | undefined, line: string): Reading | undefined =>
  found?.format.newReader(OPTIONS).read(line);

function clientIn(reading: Reading | undefined): string | undefined {
  return reading?.kind === 'access' ? reading.client : `${reading?.kind}`;
}

function refusal(look: () => unknown): string {
  try {
    look();
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    assert.is(error.exitCode, EX.CONFIG);
    return error.message;
  }
  throw new Error('nothing was refused');
}

test('finds the fastest format for a well-known format text', () => {
  const rows: [FormatText, string | undefined][] = [
    [apache('%h %l %u %t "%r" %>s %b'), 'combined'],
    [apache('%a %l %u %t "%r" %s %O "%{Referer}i" "%{User-agent}i"'), 'combined'],
    [apache('%{c}a %l %u %t "%r" %>s %B "%{referer}i" "%{User-Agent}i"'), 'combined'],
    [apache('%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i"'), 'vhost_combined'],
    [apache('%v %h %l %u %t "%r" %>s %b'), 'vhost_combined'],
    [apache('%V:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i"'), undefined],
    [apache('%h %l %u %t "%r" %>s %b "%{Referer}i" "%{X-Forwarded-For}i"'), undefined],
    [apache('%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" "%{X-Forwarded-For}i"'), undefined],
    [
      nginx(
        '$remote_addr - $remote_user [$time_local] "$request" $status $bytes_sent "$http_referer" "$http_user_agent"',
      ),
      'combined',
    ],
    [nginx('$host $remote_addr - $remote_user [$time_local] "$request" $status $bytes_sent'), undefined],
    [nginx('{"remote_addr":"$remote_addr"}', 'json'), undefined],
  ];
  for (const [text, name] of rows) assert.is(wellKnown(text), name, text.text);
});

test('finds the format of a log only when the configuration names the log', () => {
  const conf = 'LogFormat "%h %l %u %t \\"%r\\" %>s %b" common\nCustomLog /var/log/a.log common';
  const found = ofApache('/var/log/a.log', conf);
  assert.is(found?.format.name, 'combined');
  assert.is(found?.definition, undefined);
  assert.is(found?.place, '/etc/apache2/apache2.conf:2');
  assert.is(clientIn(read(found, LINE)), '203.0.113.7');
  assert.is(ofApache('/var/log/b.log', conf), undefined);
});

test('reads a log by a custom LogFormat in single quotes', () => {
  const found = ofApache('/a', `LogFormat '%t "%r" %>s "%a" "%{User-Agent}i"' "own"\nCustomLog /a own`);
  assert.is(found?.format.name, 'apache:own');
  const line = '[20/Nov/2026:09:00:00 +0000] "GET /.env HTTP/1.1" 404 "203.0.113.7" "x\\" 198.51.100.99"';
  assert.is(clientIn(read(found, line)), '203.0.113.7');
  assert.is(clientIn(read(found, LINE)), 'unreadable');
});

test('takes the client of a JSON log_format from the key that holds $remote_addr', () => {
  const found = ofNginx(
    '/a',
    `log_format own escape=json '{"client":"$http_x_forwarded_for","t":"$time_iso8601",'
       '"peer":"$remote_addr","r":"$request","s":$status}'; access_log /a own;`,
  );
  const line =
    '{"client":"198.51.100.99","t":"2026-11-20T09:00:00+00:00","peer":"203.0.113.7","r":"GET /\\"peer\\":\\"198.51.100.99\\" HTTP/1.1","s":404}';
  assert.is(clientIn(read(found, line)), '203.0.113.7');
});

test('reads the same lines after a format is saved as its definition and made from it again', () => {
  const rows: [FormatText, string][] = [
    [
      apache('"%a" %t "%r" %>s "%{User-Agent}i"'),
      '"203.0.113.7" [20/Nov/2026:09:00:00 +0000] "GET / HTTP/1.1" 404 "x"',
    ],
    [apache('%a\\t%t\\t"%r"\\t%>s'), '203.0.113.7\t[20/Nov/2026:09:00:00 +0000]\t"GET / HTTP/1.1"\t404'],
    [
      nginx(`'$remote_addr' [$time_local] "$request" $status`),
      `'203.0.113.7' [20/Nov/2026:09:00:00 +0000] "GET / HTTP/1.1" 404`,
    ],
    [
      nginx('{"a":"$remote_addr","t":"$time_iso8601","r":"$request"}', 'json'),
      '{"a":"203.0.113.7","t":"2026-11-20T09:00:00+00:00","r":"GET / HTTP/1.1"}',
    ],
  ];
  for (const [text, line] of rows) {
    const format = formatFromText('x', definitionOf(text));
    assert.is(clientIn(format.newReader(OPTIONS).read(line)), '203.0.113.7', text.text);
  }
});

test('refuses a format in which a client could write the address, and names the format’s place', () => {
  const message = refusal(() => ofApache('/a', 'CustomLog /a "%V %h %l %u %t \\"%r\\" %>s %b"'));
  assert.match(message, /^\/etc\/apache2\/apache2\.conf:1: .*%V/);
  assert.match(
    refusal(() => ofApache('/a', 'CustomLog /a combind')),
    /lacks the client's address/,
  );
  assert.match(
    refusal(() => ofNginx('/a', 'log_format x escape=none \'$remote_addr "$request"\'; access_log /a x;')),
    /nginx\.conf:1: .*escape=none/,
  );
  assert.match(
    refusal(() => ofNginx('/a', 'access_log /a gone;')),
    /has the format gone/,
  );
});

test('refuses a log that is written in two formats', () => {
  const message = refusal(() =>
    ofApache('/a', 'CustomLog /a "%h %l %u %t \\"%r\\" %>s %b"\nCustomLog /a "%a %t \\"%r\\" %>s"'),
  );
  assert.match(
    message,
    'the web server writes /a in two formats (/etc/apache2/apache2.conf:1, /etc/apache2/apache2.conf:2)',
  );
  const alike = 'CustomLog /a "%h %l %u %t \\"%r\\" %>s %b"\nCustomLog /a "%a %l %u %t \\"%r\\" %>s %O"';
  assert.is(ofApache('/a', alike)?.format.name, 'combined');
  const twice = 'CustomLog /a "%h %l %u %t \\"%r\\" %>s %b"\n';
  assert.is(ofApache('/a', twice + twice)?.format.name, 'combined');
});

test('finds the format of each log that rotatelogs creates', () => {
  const conf = 'CustomLog "|/usr/bin/rotatelogs /var/log/a.%Y%m%d.log 86400" "%h %l %u %t \\"%r\\" %>s %b"';
  assert.is(ofApache('/var/log/a.20261120.log', conf)?.format.name, 'combined');
  assert.is(ofApache('/var/log/sub/a.20261120.log', conf), undefined);
});

test.run();
