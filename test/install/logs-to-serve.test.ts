import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadServerSettings } from '../../active-response/settings/server-settings.ts';
import { initialSettings } from '../../install/initial-settings.ts';
import { type LogsToServe, linesOf, logsToServe } from '../../install/logs-to-serve.ts';
import { webServers } from '../../logs/configuration/web-servers.ts';
import { loadLogFormats } from '../../logs/formats/own-formats.ts';
import { formatFromText } from '../../logs/readers/own-format.ts';
import { hostWith } from '../logs/configuration/fake-host.ts';

const COMBINED = '%h %l %u %t \\"%r\\" %>s %O \\"%{Referer}i\\" \\"%{User-Agent}i\\"';
const SECURITY = 'LoadModule security2_module modules/mod_security2.so\n';

function found(apache: string, nginx = '', isFile = (_: string): boolean => true): LogsToServe {
  const host = hostWith({
    ...(apache === '' ? {} : { '/etc/apache2/apache2.conf': apache }),
    ...(nginx === '' ? {} : { '/etc/nginx/nginx.conf': nginx }),
  });
  return logsToServe(webServers(host), isFile);
}

test('names no format for an access log whose lines show the format', () => {
  const { items, formats, remarks } = found(
    `LogFormat "${COMBINED}" combined\nLogFormat "%v:%p ${COMBINED}" vhost_combined
CustomLog /a.log combined\nCustomLog /b.log vhost_combined\nCustomLog /a.log combined\n`,
  );
  assert.equal(items, ['/a.log', '/b.log']);
  assert.is(formats.size, 0);
  assert.equal(remarks, [
    'found /a.log in /etc/apache2/apache2.conf: combined',
    'found /b.log in /etc/apache2/apache2.conf: vhost_combined',
  ]);
});

test('writes a custom format under a name that no other format has', () => {
  const { items, formats } = found(
    '',
    `http {
log_format main '$remote_addr [$time_local] "$request" $status $request_time';
log_format combined_xff '$remote_addr [$time_iso8601] "$request" $status';
log_format "a b" escape=json '{"a":"$remote_addr","t":"$time_iso8601","r":"$request"}';
access_log /main.log main; access_log /own.log combined_xff; access_log /json.log "a b"; access_log /two.log main;
}`,
  );
  assert.equal(items, ['/main.log=main', '/own.log=own-combined_xff', '/json.log=a_b', '/two.log=main']);
  assert.equal([...formats.keys()], ['main', 'own-combined_xff', 'a_b']);
  assert.is(
    formats.get('a_b'),
    `nginx:escape=json '{"a":"$remote_addr","t":"$time_iso8601","r":"$request"}'`,
  );
});

test('distinguishes formats with the same nickname', () => {
  const { items, formats } = found(
    `<VirtualHost a>\nLogFormat "%a %t \\"%r\\"" own\nCustomLog /a own\n</VirtualHost>
<VirtualHost b>\nLogFormat "%a %t \\"%r\\" %s" own\nCustomLog /b own\n</VirtualHost>
CustomLog /c "%a %t %s"`,
  );
  assert.equal(items, ['/a=own', '/b=own-own', '/c=own-own-2']);
  assert.is(formats.size, 3);
});

test('leaves out logs in which a client can write an address, and says why', () => {
  const { items, remarks } = found(
    `CustomLog /a "%V %h %l %u %t \\"%r\\" %>s %b"\nCustomLog /b "%t \\"%r\\""`,
    'http { access_log off; }',
  );
  assert.equal(items, []);
  assert.match(remarks[0] ?? '', /^left out \/a: \/etc\/apache2\/apache2\.conf:1: .*%V/);
  assert.match(remarks[1] ?? '', /^left out \/b: .*lacks the client's address/);
  assert.is(
    remarks[2],
    'left out /var/log/nginx/error.log: clients can write whole lines into nginx’s error log',
  );
});

test('takes Apache’s error logs when ModSecurity writes there', () => {
  assert.equal(found(`${SECURITY}ErrorLog /error.log`).items, ['/error.log']);
  const { items, remarks } = found('ErrorLog /error.log');
  assert.equal(items, []);
  assert.equal(remarks, ['left out /error.log: without ModSecurity it contains nothing to respond to']);
});

test('leaves out targets that LOGS cannot name', () => {
  const { items, remarks } = found(
    `CustomLog "|/usr/bin/collect" "%h"\nCustomLog /gone "${COMBINED}"\nCustomLog "/a,b" "${COMBINED}"
CustomLog "|/usr/bin/rotatelogs /r.%Y.log 86400" "${COMBINED}"\nCustomLog "/a b" "${COMBINED}"`,
    '',
    (path) => path !== '/gone',
  );
  assert.equal(items, []);
  assert.equal(remarks, [
    'left out |/usr/bin/collect: it is piped into /usr/bin/collect',
    'left out /gone: it does not exist',
    'left out /a,b: its path has a character that LOGS cannot hold',
    'left out /r.*.log: rotatelogs regularly begins a file with another name: give it -L LINK, and name the link in LOGS',
    'left out /a b: its path has a character that LOGS cannot hold',
  ]);
});

test('leaves out a log that is written in two formats', () => {
  const { items, remarks } = found(`CustomLog /a "${COMBINED}"\nCustomLog /a "%a %t \\"%r\\""`);
  assert.equal(items, []);
  assert.match(remarks[0] ?? '', /left out \/a: the web server writes \/a in two formats/);
});

test('writes lines to riposte.conf that Riposte reads back unchanged', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'riposte-logs-'));
  const file = join(directory, 'riposte.conf');
  const logs = found(
    `CustomLog /a "%a '%t' # \\"%r\\" %>s"\nCustomLog /b "\\"%a\\" %t \\"%r\\" \\"%{User-Agent}i\\""\nCustomLog /c "${COMBINED}"`,
    `http { log_format x "$remote_addr [$time_local] '$request' $status"; access_log /d x; }`,
  );
  await writeFile(file, initialSettings(linesOf(logs)));
  assert.equal(loadServerSettings([file]).logs, ['/a=own', '/b=own-own', '/c', '/d=x']);
  const formats = loadLogFormats([file]);
  for (const [name, text] of logs.formats) assert.is(formats.get(name)?.text, text);
  const line = '"203.0.113.7" [20/Nov/2026:09:00:00 +0000] "GET / HTTP/1.1" "x"';
  const reader = formatFromText('b', formats.get('own-own')?.text ?? '').newReader({
    policy: { trustsPeer: false, proxies: undefined },
    now: 0,
  });
  const reading = reader.read(line);
  assert.is(reading.kind === 'access' ? reading.client : reading.kind, '203.0.113.7');
  await rm(directory, { recursive: true });
});

test('writes nothing when nothing was found', () => {
  assert.equal(linesOf(found('')), []);
});

test.run();
