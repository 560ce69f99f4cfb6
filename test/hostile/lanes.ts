/**
 * Lanes: the ways in which requests reach a server, each with the logs that the server writes for that way. The server
 * writes each request of a lane to all logs of that lane. So a test of another log format needs no further requests.
 */

/** The addresses of the lab's own servers. */
export const ADDRESS = {
  web: '198.51.100.1',
  web6: '2001:db8:51::1',
  /** The proxy's address towards the web servers. */
  proxy: '198.51.100.5',
  /** The proxy's address towards the clients. */
  proxyFront: '198.51.100.17',
} as const;

export interface Format {
  /** The common name of a log of this kind. */
  readonly name: string;
  /** LogFormat's or log_format's string; undefined for an error log or an audit log. */
  readonly directive?: string;
  /** nginx's way to write special characters. */
  readonly escaping?: 'default' | 'json' | 'none';
  /** The level of an error log of nginx. */
  readonly level?: 'error' | 'info';
}

/** The place of the client's address in a log. */
export type ClientStands =
  /** The log names the peer. If a proxy is the peer, the server may log the client instead (%a, $remote_addr). */
  | 'as the peer'
  | 'in X-Forwarded-For at the end'
  | 'in X-Forwarded-For in front'
  | 'in X-Forwarded-For, in another place'
  /** The log names only the proxy. */
  | 'nowhere'
  /** An attacker's text comes before the address, or is not escaped, so the product may refuse the format. */
  | 'after text of an attacker';

export interface Log {
  readonly name: string;
  readonly format: Format;
  readonly client: ClientStands;
  /** True if a line holds the user agent. */
  readonly hasAgent: boolean;
  /**
   * True if the line holds X-Forwarded-For without quotes. If the header or the user name contains spaces, the line can
   * be read in several ways, so its client may stay unknown.
   */
  readonly isBare: boolean;
  /** True if the product gets the proxies' addresses. */
  readonly knowsProxies: boolean;
}

export interface Lane {
  readonly name: string;
  /** The server that writes the logs; for the proxy's own logs, the proxy. */
  readonly server: 'apache' | 'nginx' | 'proxy';
  readonly port: number;
  /** undefined: clients reach the server directly. */
  readonly through?: 'a proxy that appends' | 'a proxy that passes on';
  /** True for a lane that gets only the requests that name a server in TLS. */
  readonly tls?: true;
  /** A program that the lane needs. If this machine lacks the program, the tests leave the lane out. */
  readonly needs?: 'ModSecurity 3';
  readonly logs: readonly Log[];
  /** Further directives of the site. */
  readonly directives?: string;
}

const APACHE_END = '%l %u %t "%r" %>s %O';
const APACHE_TEXTS = '"%{Referer}i" "%{User-Agent}i"';
const NGINX_END = '- $remote_user [$time_local] "$request" $status $body_bytes_sent';
const NGINX_TEXTS = '"$http_referer" "$http_user_agent"';
const NGINX_JSON =
  '{"time_iso8601":"$time_iso8601","remote_addr":"$remote_addr","remote_user":"$remote_user",' +
  '"request":"$request","request_method":"$request_method","request_uri":"$request_uri","status":"$status",' +
  '"body_bytes_sent":"$body_bytes_sent","http_host":"$http_host","http_referrer":"$http_referer",' +
  '"http_user_agent":"$http_user_agent","http_x_forwarded_for":"$http_x_forwarded_for"}';

const peer = (name: string, directive: string, escaping?: Format['escaping']): Log =>
  log(name, 'as the peer', { name, directive, ...(escaping && { escaping }) });

const log = (name: string, client: ClientStands, format: Format): Log => ({
  name,
  format,
  client,
  isBare: /(?<!")(?:%\{X-Forwarded-For\}i|\$http_x_forwarded_for)(?!")/.test(format.directive ?? ''),
  hasAgent: /user-agent|http_user_agent/i.test(format.directive ?? ''),
  knowsProxies: client.startsWith('in X-Forwarded-For') || client === 'nowhere',
});

/** A format of the site itself, whose directive the tests give to the product. */
const custom = (name: string, client: ClientStands, directive: string, escaping?: Format['escaping']): Log =>
  log(name, client, { name: 'custom', directive, ...(escaping && { escaping }) });

const unsafe = (name: string, directive: string, escaping?: Format['escaping']): Log =>
  custom(name, 'after text of an attacker', directive, escaping);

const apacheError: Log = log('error', 'as the peer', { name: 'apache-error' });
const nginxError: Log = log('error', 'as the peer', { name: 'nginx-error', level: 'error' });

const apacheForwarded: Log[] = [
  log('main', 'in X-Forwarded-For at the end', {
    name: 'combined with X-Forwarded-For',
    directive: `%h ${APACHE_END} ${APACHE_TEXTS} "%{X-Forwarded-For}i"`,
  }),
  custom('xff-first', 'in X-Forwarded-For in front', `%{X-Forwarded-For}i ${APACHE_END} ${APACHE_TEXTS}`),
  custom(
    'xff-quoted-first',
    'in X-Forwarded-For in front',
    `"%{X-Forwarded-For}i" %h ${APACHE_END} ${APACHE_TEXTS}`,
  ),
];

const nginxForwarded: Log[] = [
  log('main', 'in X-Forwarded-For at the end', {
    name: 'combined with X-Forwarded-For',
    directive: `$remote_addr ${NGINX_END} ${NGINX_TEXTS} "$http_x_forwarded_for"`,
  }),
  custom('xff-first', 'in X-Forwarded-For in front', `$http_x_forwarded_for ${NGINX_END} ${NGINX_TEXTS}`),
  custom('json', 'in X-Forwarded-For, in another place', NGINX_JSON, 'json'),
];

/** ModSecurity 3's audit log, which holds each denied request as JSON. */
export const AUDIT_LOG: Log = log('audit', 'as the peer', { name: 'modsecurity-audit' });

/** All lanes. The defaults of Apache on Debian, and of nginx, come first. */
export const LANES: readonly Lane[] = [
  {
    name: 'apache',
    server: 'apache',
    port: 8001,
    logs: [
      peer('combined', `%h ${APACHE_END} ${APACHE_TEXTS}`),
      apacheError,
      peer('vhost_combined', `%v:%p %h ${APACHE_END} ${APACHE_TEXTS}`),
      peer('common', `%h ${APACHE_END}`),
      log('peer-first', 'as the peer', { name: 'combined', directive: `%a ${APACHE_END} ${APACHE_TEXTS}` }),
      log('times', 'as the peer', {
        name: 'combined',
        directive: `%h ${APACHE_END} ${APACHE_TEXTS} %D "%{Host}i" "%{Cookie}i" "%{X-Real-IP}i"`,
      }),
      log('main', 'as the peer', {
        name: 'combined with X-Forwarded-For',
        directive: `%h ${APACHE_END} ${APACHE_TEXTS} "%{X-Forwarded-For}i"`,
      }),
      {
        // Direct clients are not known proxies, so their header names no client.
        ...log('main-proxies-known', 'as the peer', {
          name: 'combined with X-Forwarded-For',
          directive: `%h ${APACHE_END} ${APACHE_TEXTS} "%{X-Forwarded-For}i"`,
        }),
        knowsProxies: true,
      },
      custom('host-behind-peer', 'as the peer', `%h %V ${APACHE_END} ${APACHE_TEXTS}`),
      unsafe('agent-first', `%{User-Agent}i %h ${APACHE_END}`),
      unsafe('host-first', `%V:%p %h ${APACHE_END} ${APACHE_TEXTS}`),
      unsafe('host-header-first', `%{Host}i %h ${APACHE_END} ${APACHE_TEXTS}`),
      unsafe('user-first', `%u %h %t "%r" %>s %O`),
      unsafe('path-first', `%U%q %h ${APACHE_END}`),
      unsafe('request-first', `"%r" %>s %h %t ${APACHE_TEXTS}`),
    ],
  },
  {
    name: 'nginx',
    server: 'nginx',
    port: 9001,
    logs: [
      peer('combined', `$remote_addr ${NGINX_END} ${NGINX_TEXTS}`),
      nginxError,
      log('error-info', 'as the peer', { name: 'nginx-error', level: 'info' }),
      log('main', 'as the peer', {
        name: 'combined with X-Forwarded-For',
        directive: `$remote_addr ${NGINX_END} ${NGINX_TEXTS} "$http_x_forwarded_for"`,
      }),
      {
        // Direct clients are not known proxies, so their header names no client.
        ...log('main-proxies-known', 'as the peer', {
          name: 'combined with X-Forwarded-For',
          directive: `$remote_addr ${NGINX_END} ${NGINX_TEXTS} "$http_x_forwarded_for"`,
        }),
        knowsProxies: true,
      },
      log('json', 'as the peer', { name: 'nginx-json', directive: NGINX_JSON, escaping: 'json' }),
      unsafe('json-default', NGINX_JSON),
      unsafe('json-none', NGINX_JSON, 'none'),
      unsafe('combined-none', `$remote_addr ${NGINX_END} ${NGINX_TEXTS}`, 'none'),
      unsafe('host-first', `$host:$server_port $remote_addr ${NGINX_END} ${NGINX_TEXTS}`),
      unsafe('agent-first', `$http_user_agent $remote_addr ${NGINX_END}`),
      unsafe('user-first', `$remote_user $remote_addr [$time_local] "$request" $status`),
      unsafe('uri-first', `$uri $remote_addr ${NGINX_END}`),
    ],
  },
  {
    name: 'nginx-modsecurity',
    server: 'nginx',
    port: 9002,
    needs: 'ModSecurity 3',
    logs: [
      peer('combined', `$remote_addr ${NGINX_END} ${NGINX_TEXTS}`),
      nginxError,
      // ModSecurity 3 escapes this log in its own way. The tests give the product this log without an access log.
      AUDIT_LOG,
    ],
  },
  {
    name: 'apache-info',
    server: 'apache',
    port: 8002,
    directives: 'LogLevel info',
    logs: [peer('combined', `%h ${APACHE_END} ${APACHE_TEXTS}`), apacheError],
  },
  {
    name: 'apache-tls',
    server: 'apache',
    port: 8443,
    tls: true,
    logs: [peer('combined', `%h ${APACHE_END} ${APACHE_TEXTS}`), apacheError],
  },
  {
    name: 'apache-proxied',
    server: 'apache',
    port: 8003,
    through: 'a proxy that appends',
    logs: [
      ...apacheForwarded,
      log('combined', 'nowhere', { name: 'combined', directive: `%h ${APACHE_END} ${APACHE_TEXTS}` }),
      { ...apacheError, client: 'nowhere' },
      custom('cookie-last', 'nowhere', `%h ${APACHE_END} ${APACHE_TEXTS} "%{Cookie}i"`),
      custom('host-last', 'nowhere', `%h ${APACHE_END} ${APACHE_TEXTS} "%{Host}i"`),
      custom(
        'xff-as-identity',
        'in X-Forwarded-For, in another place',
        `%h %{X-Forwarded-For}i %u %t "%r" %>s %O ${APACHE_TEXTS}`,
      ),
      custom(
        'xff-in-parentheses',
        'in X-Forwarded-For, in another place',
        `%h (%{X-Forwarded-For}i) ${APACHE_END} ${APACHE_TEXTS}`,
      ),
    ],
  },
  {
    name: 'nginx-proxied',
    server: 'nginx',
    port: 9003,
    through: 'a proxy that appends',
    logs: [
      ...nginxForwarded,
      log('combined', 'nowhere', { name: 'combined', directive: `$remote_addr ${NGINX_END} ${NGINX_TEXTS}` }),
      { ...nginxError, client: 'nowhere' },
    ],
  },
  {
    name: 'apache-remoteip',
    server: 'apache',
    port: 8004,
    through: 'a proxy that appends',
    directives: `RemoteIPHeader X-Forwarded-For\n      RemoteIPInternalProxy ${ADDRESS.proxy}`,
    logs: [
      log('combined', 'as the peer', { name: 'combined', directive: `%a ${APACHE_END} ${APACHE_TEXTS}` }),
      apacheError,
    ],
  },
  {
    name: 'nginx-realip',
    server: 'nginx',
    port: 9004,
    through: 'a proxy that appends',
    directives: `set_real_ip_from ${ADDRESS.proxy}; real_ip_header X-Forwarded-For;`,
    logs: [peer('combined', `$remote_addr ${NGINX_END} ${NGINX_TEXTS}`), nginxError],
  },
  {
    name: 'apache-passed',
    server: 'apache',
    port: 8005,
    through: 'a proxy that passes on',
    logs: apacheForwarded,
  },
  {
    name: 'nginx-passed',
    server: 'nginx',
    port: 9005,
    through: 'a proxy that passes on',
    logs: nginxForwarded,
  },
  {
    // No request goes down this lane: its logs are the logs of the proxy in front of the other lanes.
    name: 'proxy',
    server: 'proxy',
    port: 0,
    logs: [peer('combined', `$remote_addr ${NGINX_END} ${NGINX_TEXTS}`), nginxError],
  },
];
