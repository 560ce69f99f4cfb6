import { mkdir } from 'node:fs/promises';
import { brokenSuite } from './broken.ts';
import type { HealthyTree } from './healthy.ts';

const LOG = '/var/log/web/access.log';
const LINE = '203.0.113.7 - - [20/Nov/2026:09:00:00 +0000] "GET / HTTP/1.1" 200 196 "-" "curl"\n';
const NAMED = LINE.replace('203.0.113.7', 'client.example.org');
const COMBINED = 'LogFormat "%h %l %u %t \\"%r\\" %>s %O \\"%{Referer}i\\" \\"%{User-Agent}i\\"" combined\n';

/** Writes a file of the host that the tree represents. */
const host = (at: HealthyTree, path: string, text: string): Promise<void> =>
  at.tree.write(`../..${path}`, text, 0o644);

/** Sets LOGS, and writes a log with these lines. */
async function reading(at: HealthyTree, logs: string, lines: string, path = LOG): Promise<void> {
  await at.write('etc/riposte.conf', `LOGS=${logs}\n`);
  await host(at, path, lines);
}

const apache = (at: HealthyTree, text: string): Promise<void> => host(at, '/etc/apache2/apache2.conf', text);
const nginx = (at: HealthyTree, text: string): Promise<void> =>
  host(at, '/etc/nginx/nginx.conf', `http { ${text} }`);

const known = (format: string, isFirm = true): string =>
  JSON.stringify({ [LOG]: { format, origin: 'lines', isFirm, since: '2026-11-20T09:00:00.000Z' } });

brokenSuite('doctor: formats of logs', [
  {
    what: 'a log in LOGS does not exist',
    breaks: (at) => at.write('etc/riposte.conf', `LOGS=${LOG}\n`),
    finding: 'PROBLEM log formats',
    seen: /there is no \S+\/var\/log\/web\/access\.log: Riposte cannot read it/,
    fix: /correct LOGS in \S+\/etc\/riposte\.conf/,
  },
  {
    what: 'an item of LOGS is a directory',
    breaks: async (at) => {
      await at.write('etc/riposte.conf', 'LOGS=/var/log/web\n');
      await mkdir(at.tree.path('../../var/log/web'), { recursive: true });
    },
    finding: 'PROBLEM log formats',
    seen: /\/var\/log\/web is a directory/,
    fix: /name the logs in it/,
  },
  {
    what: 'a pattern in LOGS matches no file',
    breaks: (at) => at.write('etc/riposte.conf', 'LOGS=/var/log/web/*.log\n'),
    finding: 'warning log formats',
    seen: /no file matches \S+\/var\/log\/web\/\*\.log/,
    fix: /unless its logs will be created later/,
  },
  {
    what: 'LOGS names a format that does not exist',
    breaks: (at) => reading(at, `${LOG}=combind`, LINE),
    finding: 'PROBLEM log formats',
    seen: /there is no log format 'combind'; the formats are combined/,
    fix: /LOGS \(\/var\/log\/web\/access\.log=FORMAT\)/,
  },
  {
    what: 'LOGS names two formats for one log',
    breaks: (at) => reading(at, `${LOG}=combined,/var/log/*/access.log=vhost_combined`, LINE),
    finding: 'PROBLEM log formats',
    seen: /access\.log has two formats, combined and vhost_combined/,
    fix: /correct LOGS/,
  },
  {
    what: 'a LOG_FORMAT_ line is invalid',
    breaks: async (at) => {
      await reading(at, LOG, LINE);
      await at.write('etc/riposte.conf', `LOGS=${LOG}\nLOG_FORMAT_shop=%h %l\n`);
    },
    finding: 'PROBLEM log formats',
    seen: /riposte\.conf:2: LOG_FORMAT_shop is '%h %l', but must be/,
    fix: /correct that line/,
  },
  {
    what: 'formats.json is damaged',
    breaks: async (at) => {
      await reading(at, LOG, LINE);
      await at.write('var/riposte/formats.json', '{');
    },
    finding: 'PROBLEM log formats',
    seen: /formats\.json is damaged/,
    fix: /remove it/,
  },
  {
    what: 'most lines are in another format',
    breaks: (at) => reading(at, `${LOG}=vhost_combined`, `www.example.org ${LINE}${'x y z\n'.repeat(9)}`),
    finding: 'PROBLEM log formats',
    seen: /9 of the last 10 lines of \S+ cannot be read as vhost_combined: a line has /,
    fix: /LOGS \(\/var\/log\/web\/access\.log=FORMAT\)/,
  },
  {
    what: 'no format fits the lines',
    breaks: (at) => reading(at, LOG, 'one\ntwo\n'),
    finding: 'PROBLEM log formats',
    seen: /is in no format that Riposte recognizes/,
    fix: /LOG_FORMAT_NAME=apache:/,
  },
  {
    what: 'the form of a log does not say which lines come from standard error',
    breaks: (at) => reading(at, LOG, `web-1  | ${LINE}`.repeat(3)),
    finding: 'PROBLEM log formats',
    seen: /\S+ is read as compose:combined, which does not say which lines come from standard error/,
    fix: /docker:FORMAT/,
  },
  {
    what: 'some lines have names in place of addresses',
    breaks: (at) => reading(at, LOG, LINE.repeat(250) + NAMED.repeat(2)),
    finding: 'PROBLEM log formats',
    seen: /2 of the last 200 lines of \S+ have a name in place of the client’s address/,
    fix: /log %a instead of %h/,
  },
  {
    what: 'the lines have no time',
    breaks: async (at) => {
      await reading(at, LOG, '203.0.113.7 "GET / HTTP/1.1" 200\n'.repeat(3));
      await at.write('etc/riposte.conf', `LOGS=${LOG}=shop\nLOG_FORMAT_shop=apache:%a "%r" %>s\n`);
    },
    finding: 'warning log formats',
    seen: /3 of the last 3 lines of \S+ have no readable time/,
    fix: /log %t/,
  },
  {
    what: 'the header of the lines has several addresses, but no proxy is trusted',
    breaks: (at) =>
      reading(at, `${LOG}=xff`, LINE.replace('203.0.113.7', '203.0.113.7, 198.51.100.99').repeat(3)),
    finding: 'warning log formats',
    seen: /3 of the last 3 lines of \S+ have no client: /,
    fix: /TRUSTED_PROXIES/,
  },
  {
    what: 'all lines come from a proxy of TRUSTED_PROXIES, and have no header',
    breaks: async (at) => {
      await reading(at, LOG, LINE.repeat(3));
      await at.write('etc/riposte.conf', `LOGS=${LOG}\nTRUSTED_PROXIES=203.0.113.0/24\n`);
    },
    finding: 'warning log formats',
    seen: /3 of the last 3 lines of \S+ have no client: a line comes from a trusted proxy/,
    fix: /TRUSTED_PROXIES/,
  },
  {
    what: 'the lines have no client although a proxy is trusted',
    breaks: async (at) => {
      await reading(at, LOG, LINE.replace('203.0.113.7', '203.0.113.7, unknown').repeat(3));
      await at.write('etc/riposte.conf', `LOGS=${LOG}=xff\nTRUSTED_PROXIES=192.0.2.0/24\n`);
    },
    finding: 'warning log formats',
    seen: /3 of the last 3 lines of \S+ have no client: a line has a header that does not end with an address/,
    fix: /TRUSTED_PROXIES/,
  },
  {
    what: 'the clients are the proxies of a CDN',
    breaks: (at) => reading(at, LOG, LINE.replace('203.0.113.7', '172.64.1.1').repeat(3) + LINE.repeat(3)),
    finding: 'PROBLEM log formats',
    seen: /3 of the last 6 lines of \S+ come from proxies of cloudflare: a block would shut out all visitors who come/,
    fix: /TRUSTED_PROXIES=cloudflare/,
  },
  {
    what: 'the lines are not in a format of LOG_FORMAT_',
    breaks: async (at) => {
      await reading(at, LOG, LINE);
      await at.write('etc/riposte.conf', `LOGS=${LOG}=shop\nLOG_FORMAT_shop=apache:%a "%r" %>s\n`);
    },
    finding: 'PROBLEM log formats',
    seen: /1 of the last 1 line of \S+ cannot be read as shop/,
    fix: /set LOG_FORMAT_shop in \S+\/etc\/riposte\.conf to this log’s format in the web server’s configuration/,
  },
  {
    what: 'a LOG_FORMAT_ has the name of a built-in format',
    breaks: async (at) => {
      await reading(at, LOG, LINE);
      await at.write('etc/riposte.conf', `LOGS=${LOG}\nLOG_FORMAT_combined=apache:%a "%r" %>s\n`);
    },
    finding: 'PROBLEM log formats',
    seen: /riposte\.conf:2: LOG_FORMAT_combined: combined is a built-in format/,
    fix: /correct that line/,
  },
  {
    what: 'the web server’s configuration has changed since Riposte found a format',
    breaks: async (at) => {
      await reading(at, LOG, LINE);
      await at.write('var/riposte/formats.json', known('combined'));
      await apache(at, `CustomLog ${LOG} "%t %a \\"%r\\" %>s"`);
    },
    finding: 'warning log formats',
    seen: /is read as combined \(the format that Riposte found on 2026-11-20\), but .* now says apache:"%t %a \\"%r\\" %>s"/,
    fix: /riposte serve --forget-format \/var\/log\/web\/access\.log/,
  },
  {
    what: 'a LogFormat of a log that Riposte reads lets a client write the address',
    breaks: async (at) => {
      await reading(at, LOG, LINE);
      await apache(at, `CustomLog ${LOG} "%V %h %l %u %t \\"%r\\" %>s %b"`);
    },
    finding: 'PROBLEM log formats',
    also: ['PROBLEM unsafe formats'],
    seen: /\/etc\/apache2\/apache2\.conf:1: .*%V/,
    fix: /name the format in LOGS/,
  },
  {
    what: 'a log_format of a log that the manager reads lets a client write the address',
    breaks: (at) =>
      nginx(
        at,
        `log_format x escape=none '$remote_addr "$request"'; access_log /var/log/apache2/access.log x;`,
      ),
    finding: 'PROBLEM unsafe formats',
    seen: /access\.log: \/etc\/nginx\/nginx\.conf:1: .*escape=none/,
    fix: /change that format, and reload nginx/,
  },
  {
    what: 'OSSEC reads a log with user names, and cuts its long lines',
    breaks: (at) => nginx(at, `access_log /var/log/apache2/access.log;`),
    finding: 'warning long lines',
    seen: /apache2\/access\.log \(\/etc\/nginx\/nginx\.conf:1\) contains user names/,
    fix: /write - instead of \$remote_user in that log_format, then reload nginx/,
  },
  {
    what: 'OSSEC reads an error log that has an unusual name',
    breaks: async (at) => {
      await apache(at, 'ErrorLog /var/log/apache2/access.log\n');
    },
    finding: 'PROBLEM long lines',
    seen: /apache2\/access\.log is an error log/,
    fix: /remove its <localfile>/,
  },
  {
    what: 'nginx’s error log is in LOGS',
    breaks: async (at) => {
      await reading(at, '/var/log/nginx/error.log', '', '/var/log/nginx/error.log');
      await nginx(at, 'access_log off;');
    },
    finding: 'PROBLEM unsafe formats',
    seen: /\/var\/log\/nginx\/error\.log is nginx’s error log/,
    fix: /remove it from LOGS/,
  },
  {
    what: 'the configuration cannot be read as a whole',
    breaks: (at) => apache(at, 'Include gone.conf\n'),
    finding: 'warning unsafe formats',
    seen: /\/etc\/apache2\/gone\.conf is missing/,
    fix: /apachectl configtest/,
  },
  {
    what: 'Apache looks up names for an access rule',
    breaks: (at) =>
      apache(
        at,
        `${COMBINED}<Directory /srv>\nRequire host example.org\n</Directory>\nCustomLog /var/log/apache2/access.log combined\n`,
      ),
    finding: 'PROBLEM host names',
    also: ['warning long lines'],
    seen: /apache2\.conf:3 \(require host example\.org\) makes Apache write the names of clients to \/var\/log\/apache2\/access\.log/,
    fix: /%a instead of %h in the LogFormat of \/etc\/apache2\/apache2\.conf:5/,
  },
  {
    what: 'Apache trusts a header of every client',
    breaks: (at) =>
      apache(
        at,
        `${COMBINED}RemoteIPHeader X-Forwarded-For\nCustomLog /var/log/apache2/access.log combined\n`,
      ),
    finding: 'PROBLEM client address',
    also: ['warning long lines'],
    seen: /apache2\.conf:2 \(remoteipheader X-Forwarded-For\) makes the server trust a header of every client/,
    fix: /RemoteIPInternalProxy with their addresses/,
  },
  {
    what: 'nginx trusts a header of every client',
    breaks: async (at) => {
      await reading(at, LOG, LINE);
      await nginx(at, `set_real_ip_from ::/0; real_ip_header X-Forwarded-For; access_log ${LOG};`);
    },
    finding: 'PROBLEM client address',
    seen: /nginx\.conf:1 \(set_real_ip_from ::\/0\)/,
    fix: /set_real_ip_from with their addresses.* reload nginx/,
  },
  {
    what: 'nginx trusts X-Real-IP of its proxy',
    breaks: async (at) => {
      await reading(at, LOG, LINE);
      await nginx(at, `set_real_ip_from 192.0.2.1; access_log ${LOG};`);
    },
    finding: 'warning client address',
    seen: /takes the client’s address from a header that many proxies pass on/,
    fix: /X-Forwarded-For instead/,
  },
]);
