import { chmodSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { type Apache, type Extras, startApache } from '../lab/apache.ts';
import type { Host } from '../lab/host.ts';
import { including, MODSECURITY } from '../lab/modsecurity.ts';
import { type Nginx, type NginxModule, startNginx } from '../lab/nginx.ts';
import { type Php, startPhp } from '../lab/php.ts';
import { ADDRESS, AUDIT_LOG, LANES, type Lane } from './lanes.ts';
import { OTHER_HOST } from './requests.ts';

/** A server that writes the logs of some lanes. */
export interface LoggingServer {
  /** The path of a lane's log of this name, such as `combined`. */
  file(lane: Lane, log: string): string;
  stop(): Promise<void>;
}

/** The name and password `admin`. */
const PASSWORDS = 'admin:{SHA}0DPiKuNIrrVmD8IUCuw1hQxNqZc=\n';

/** These scripts write the text of the query: `complain` to standard error, and `answer` as an invalid header line. */
const CGI_SCRIPTS = {
  complain: `#!/bin/bash
printf '%b\\n' "\${QUERY_STRING//%/\\\\x}" >&2
printf 'Content-Type: text/plain\\n\\nwritten\\n'
`,
  answer: `#!/bin/bash
printf '%b\\n' "\${QUERY_STRING//%/\\\\x}"
printf 'Content-Type: text/plain\\n\\nwritten\\n'
`,
};

const PHP_SCRIPT = `<?php
$text = rawurldecode($_SERVER['QUERY_STRING']);
if (str_starts_with($text, 'throw')) throw new Exception(substr($text, 5));
error_log("cannot find $text");
trigger_error("no such article: $text", E_USER_WARNING);
http_response_code(404);
`;

const LUA_SCRIPT = `
function handle(r)
  r:err(r:unescape(r.args or ''))
  r.status = 404
  return apache2.OK
end
`;

/** Apache with ModSecurity, a protected path, CGI, PHP, Lua and WebDAV, in Debian's default settings. */
export async function startHostileApache(host: Host, php: Php | undefined): Promise<LoggingServer> {
  const pair = await makeKeyPair();
  let directory = '';
  const extras: Extras = {
    modules: MODULES,
    configuration: (itsDirectory) => {
      directory = itsDirectory;
      return apacheConfiguration(directory, pair);
    },
  };
  const apache: Apache = await startApache(
    host,
    including(['honeytraps.conf', 'modsecurity-requests.conf']),
    extras,
  );
  await writePages(directory);
  const stopPhp = php && (await startPhp(host, php, join(directory, 'php.sock')));
  return {
    file: (lane, log) =>
      join(directory, hasMainErrorLog(lane, log) ? 'error.log' : `${lane.name}.${log}.log`),
    stop: async () => {
      await stopPhp?.();
      await apache.stop();
      await rm(dirname(pair.key), { recursive: true, force: true });
    },
  };
}

/** nginx with a protected path and PHP, and with ModSecurity 3 if it is available. */
export async function startHostileNginx(
  host: Host,
  program: string,
  php: Php | undefined,
  modSecurity: NginxModule | undefined,
): Promise<LoggingServer> {
  const lanes = LANES.filter(({ server, needs }) => server === 'nginx' && (!needs || modSecurity));
  const nginx = await startNginx(host, program, (directory) => nginxSites(directory, lanes), modSecurity);
  await writePages(nginx.directory);
  const stopPhp = php && (await startPhp(host, php, join(nginx.directory, 'php.sock')));
  return asLoggingServer(nginx, stopPhp);
}

/** nginx as a reverse proxy in front of both servers. */
export async function startHostileProxy(host: Host, program: string): Promise<LoggingServer> {
  return asLoggingServer(await startNginx(host, program, proxySites));
}

function asLoggingServer(nginx: Nginx, stopPhp?: () => Promise<void>): LoggingServer {
  return {
    file: (lane, log) => join(nginx.directory, `${lane.name}.${log}.log`),
    stop: async () => {
      await stopPhp?.();
      await nginx.stop();
    },
  };
}

const MODULES = [
  ...MODSECURITY.modules,
  'alias',
  'auth_basic',
  'authn_core',
  'authn_file',
  'authz_user',
  'cgid',
  'dav',
  'dav_fs',
  'env',
  'lua',
  'mime',
  'proxy',
  'proxy_fcgi',
  'socache_shmcb',
  'ssl',
];

/** The default lane writes to the main error log, where the standard error of every CGI script goes. */
const hasMainErrorLog = (lane: Lane, log: string) => lane === LANES[0] && log === 'error';

/** Apache's sites, and the part of Debian's configuration that protects each file whose name begins with .ht. */
function apacheConfiguration(directory: string, pair: KeyPair): string {
  const lanes = LANES.filter(({ server }) => server === 'apache');
  const sites = lanes.map((lane) => {
    const { name, port, logs, tls, directives = '' } = lane;
    const customLogs = logs
      .filter(({ format }) => format.directive !== undefined)
      .map(({ name: log, format }) => {
        const text = format.directive?.replace(/["\\]/g, '\\$&');
        return `CustomLog ${directory}/${name}.${log}.log "${text}"`;
      });
    const site = (host: string, more: string) => `
    <VirtualHost *:${port}>
      ServerName ${host}
      DocumentRoot ${directory}/htdocs
      ${hasMainErrorLog(lane, 'error') ? '' : `ErrorLog ${directory}/${name}.error.log`}
      ${more}
      ${customLogs.join('\n      ')}
    </VirtualHost>`;
    if (!tls) return `Listen ${port}${site('web.example', directives)}`;
    // Apache refuses a request for one of these sites over a TLS connection to the other.
    const { key, certificate } = pair;
    const encrypted = `SSLEngine on\n      SSLCertificateFile ${certificate}\n      SSLCertificateKeyFile ${key}`;
    const other = site(OTHER_HOST, `${encrypted}\n      SSLVerifyClient optional_no_ca`);
    return `Listen ${port}${site('web.example', encrypted)}${other}`;
  });
  return `
    ThreadsPerChild 16
    MaxRequestWorkers 32
    LogLevel warn
    KeepAlive Off
    TypesConfig /dev/null
    ${MODSECURITY.configuration(directory)}
    <FilesMatch "^\\.ht">
      Require all denied
    </FilesMatch>
    <Location "/private">
      AuthType Basic
      AuthName "private"
      AuthUserFile ${directory}/passwords
      Require valid-user
    </Location>
    ScriptSock ${directory}/cgid.sock
    ScriptAlias "/cgi-bin/" "${directory}/cgi-bin/"
    # GENERIC names the script as PHP without its process manager expects it.
    ProxyFCGIBackendType GENERIC
    <FilesMatch "\\.php$">
      SetHandler "proxy:unix:${directory}/php.sock|fcgi://localhost/"
    </FilesMatch>
    DavLockDB ${directory}/data/davlock
    <Location "/dav">
      Dav On
    </Location>
    LuaMapHandler "^/lua$" "${directory}/message.lua" handle
    ${sites.join('\n    ')}`;
}

/** ModSecurity 3's configuration: denies the attacks of `attackOf` in requests.ts, and writes an audit log as JSON. */
function modSecurity3(audit: string): string {
  // nginx's worker opens the audit log, and does not run as root.
  writeFileSync(audit, '');
  chmodSync(audit, 0o666);
  return `modsecurity on;
    modsecurity_rules '
      SecRuleEngine On
      SecRequestBodyAccess On
      SecAuditEngine RelevantOnly
      SecAuditLogRelevantStatus "^(?:5|4(?!04))"
      SecAuditLogParts ABIJDEFHZ
      SecAuditLogType Serial
      SecAuditLogFormat JSON
      SecAuditLog ${audit}
      SecRule REQUEST_URI|REQUEST_HEADERS:User-Agent "@rx /etc/passwd|/[.]env|/shell[?]cd|Nikto" "id:11701,phase:1,t:none,t:urlDecodeUni,log,deny,status:403,severity:CRITICAL"
    ';`;
}

function nginxSites(directory: string, lanes: readonly Lane[]): string {
  return `${logFormats(lanes)}
  default_type text/html;
  keepalive_timeout 0;
  client_header_timeout 5s;
  ${lanes
    .map(
      (lane) => `
  server {
    listen ${lane.port} default_server;
    listen [::]:${lane.port} default_server;
    server_name web.example;
    root ${directory}/htdocs;
    ${logDirectives(directory, lane)}
    ${lane.directives ?? ''}
    ${lane.needs === undefined ? '' : modSecurity3(join(directory, `${lane.name}.${AUDIT_LOG.name}.log`))}
    location /private { auth_basic private; auth_basic_user_file ${directory}/passwords; }
    location ~ \\.php$ {
      fastcgi_pass unix:${directory}/php.sock;
      fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
      fastcgi_param REQUEST_METHOD $request_method;
      fastcgi_param REQUEST_URI $request_uri;
      fastcgi_param QUERY_STRING $query_string;
      fastcgi_param REMOTE_ADDR $remote_addr;
      fastcgi_param SERVER_PROTOCOL $server_protocol;
    }
  }`,
    )
    .join('')}`;
}

/** The proxy has a port for each lane behind it, and one log for all lanes. */
function proxySites(directory: string): string {
  const own = LANES.filter(({ server }) => server === 'proxy');
  const lanes = LANES.filter(({ through }) => through !== undefined);
  const appends = `
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;`;
  return `${logFormats(own)}
  keepalive_timeout 0;
  client_header_timeout 5s;
  ${own.map((lane) => logDirectives(directory, lane)).join('')}
  ${lanes
    .map(
      ({ port, through }) => `
  server {
    listen ${port};
    location / {
      proxy_pass http://${ADDRESS.web}:${port};
      proxy_set_header Host $host;${through === 'a proxy that appends' ? appends : ''}
    }
  }`,
    )
    .join('')}`;
}

function logFormats(lanes: readonly Lane[]): string {
  return lanes
    .flatMap(({ name, logs }) =>
      logs
        .filter(({ format }) => format.directive !== undefined)
        .map(({ name: log, format: { directive = '', escaping = 'default' } }) => {
          return `log_format ${name}.${log} escape=${escaping} '${directive}';`;
        }),
    )
    .join('\n');
}

function logDirectives(directory: string, { name, logs }: Lane): string {
  return logs
    .filter((log) => log !== AUDIT_LOG)
    .map(({ name: log, format: { directive, level } }) =>
      directive === undefined
        ? `error_log ${directory}/${name}.${log}.log ${level ?? 'error'};`
        : `access_log ${directory}/${name}.${log}.log ${name}.${log};`,
    )
    .join('\n    ');
}

interface KeyPair {
  readonly key: string;
  readonly certificate: string;
}

/** Makes a key and a self-signed certificate in a new directory. */
async function makeKeyPair(): Promise<KeyPair> {
  const directory = await mkdtemp(join(tmpdir(), 'riposte-key-'));
  const [key, certificate] = [join(directory, 'key.pem'), join(directory, 'certificate.pem')];
  const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=web.example'];
  await execa('openssl', [...words, '-keyout', key, '-out', certificate]);
  return { key, certificate };
}

/** The site's files: pages, scripts and the passwords. */
async function writePages(directory: string): Promise<void> {
  const at = (name: string) => join(directory, name);
  for (const name of ['cgi-bin', 'htdocs/dav']) await mkdir(at(name), { recursive: true });
  await chmod(at('htdocs/dav'), 0o777);
  await writeFile(at('htdocs/dav/file.txt'), 'a file\n');
  await writeFile(at('passwords'), PASSWORDS);
  await writeFile(at('htdocs/fail.php'), PHP_SCRIPT);
  await writeFile(at('message.lua'), LUA_SCRIPT);
  for (const [name, text] of Object.entries(CGI_SCRIPTS)) {
    await writeFile(at(`cgi-bin/${name}`), text);
    await chmod(at(`cgi-bin/${name}`), 0o755);
  }
}
