/** A line and its expected decoding: the decoder and the client's address, "-" for none. */
export interface DecodedLine {
  what: string;
  line: string;
  decoder: string;
  srcip: string;
}

const request = '[20/Nov/2026:09:00:00 +0000] "GET /a?b=c HTTP/1.1" 404 330';
const agent = '"https://www.example.org/" "Mozilla/5.0 (X11; Linux x86_64) (KHTML, like Gecko)"';
const combined = `- - ${request} ${agent}`;

const decoded = (decoder: string, lines: [what: string, srcip: string, line: string][]): DecodedLine[] =>
  lines.map(([what, srcip, line]) => ({ what, line, decoder, srcip }));

const squid = (client: string, status: string, url: string) =>
  `1795166986.123    200 ${client} ${status} 1234 GET ${url} - FIRSTUP_PARENT/10.0.0.5 text/html`;

const modsecurity = (clients: string) =>
  `[Fri Nov 20 09:29:46.123456 2026] [:error] [pid 1:tid 2] ${clients} ModSecurity: Warning. [id "999004"]`;

const errorLine = (module: string, text: string) =>
  `[Fri Nov 20 09:29:46.123456 2026] [${module}:error] [pid 1:tid 2] [client 203.0.113.7:51234] ${text}`;

const response = (rest: string) =>
  `Fri Nov 20 09:29:46 UTC 2026 /var/ossec/active-response/bin/firewall-drop.js add ${rest} blocked: until later`;

/** Lines of each server, proxy and response, each with the expected address. */
export const DECODED_LINES: DecodedLine[] = [
  ...decoded('web-accesslog', [
    ['combined', '203.0.113.7', `203.0.113.7 ${combined}`],
    ['combined, IPv6', '2001:db8::7', `2001:db8::7 ${combined}`],
    ['common', '203.0.113.7', `203.0.113.7 - bob ${request}`],
  ]),
  ...decoded('web-accesslog-vhost', [
    ['vhost_combined', '203.0.113.7', `www.example.org:80 203.0.113.7 ${combined}`],
    ['vhost_combined, IPv6 client', '2001:db8::7', `www.example.org:443 2001:db8::7 ${combined}`],
  ]),
  // Behind a proxy, the address in these lines could be the header.
  ...decoded('web-accesslog-unsure', [
    ['one address with leading zeros', '-', `198.051.100.099 ${combined}`],
    ['an address with leading zeros in front', '-', `198.051.100.099 10.0.0.5 ${combined}`],
    ['leading zeros in a list in front', '-', `198.51.100.9, 203.0.113.007 10.0.0.5 ${combined}`],
    ['leading zeros after a virtual host', '-', `www.example.org:80 198.051.100.099 ${combined}`],
    ['vhost_combined, IPv6 vhost', '-', `[2001:db8::1]:80 203.0.113.7 ${combined}`],
    ['vhost_combined, numeric vhost', '-', `192.0.2.10:80 203.0.113.7 ${combined}`],
  ]),
  ...decoded('web-accesslog-xff', [
    ['X-Forwarded-For and %h', '203.0.113.7', `203.0.113.7 10.0.0.5 ${combined}`],
    ['X-Forwarded-For and a public %h', '203.0.113.7', `203.0.113.7 198.51.100.9 ${combined}`],
    ['X-Forwarded-For and %h, IPv6', '2001:db8::7', `2001:db8::7 ::1 ${combined}`],
    ['X-Forwarded-For through two proxies', '203.0.113.7', `203.0.113.7, 10.0.0.9 ${combined}`],
    [
      'X-Forwarded-For through two proxies and %h',
      '203.0.113.7',
      `203.0.113.7, 10.0.0.9 10.0.0.5 ${combined}`,
    ],
    ['X-Forwarded-For through three proxies', '203.0.113.7', `203.0.113.7, 192.168.1.1, fd00::9 ${combined}`],
    [
      'X-Forwarded-For with an invented address',
      '203.0.113.7',
      `192.0.2.1, 203.0.113.7 10.0.0.5 ${combined}`,
    ],
    ['X-Forwarded-For, quoted', '203.0.113.7', `"203.0.113.7, 10.0.0.9" 10.0.0.5 ${combined}`],
    ['X-Forwarded-For with a port', '203.0.113.7', `203.0.113.7:4711, 10.0.0.9 ${combined}`],
    ['no X-Forwarded-For', '-', `- 203.0.113.7 ${combined}`],
    ['X-Forwarded-For, IPv6 in brackets', '2001:db8::7', `[2001:db8::7] 10.0.0.5 ${combined}`],
    [
      'X-Forwarded-For and a user with a space',
      '203.0.113.7',
      `203.0.113.7 10.0.0.5 - a b ${request} ${agent}`,
    ],
    ['a client in a private network', '192.168.1.20', `192.168.1.20, 10.0.0.9 ${combined}`],
    ['a client whose address a proxy has hidden', '-', `203.0.113.7, unknown 10.0.0.5 ${combined}`],
  ]),
  ...decoded('web-accesslog-xff-end', [
    ['X-Forwarded-For at the end', '203.0.113.7', `10.0.0.5 ${combined} "203.0.113.7"`],
    ['X-Forwarded-For at the end, IPv6', '2001:db8::7', `10.0.0.5 ${combined} "2001:db8::7"`],
    [
      'X-Forwarded-For at the end, two proxies',
      '203.0.113.7',
      `10.0.0.5 ${combined} "203.0.113.7, 10.0.0.9"`,
    ],
    ['X-Forwarded-For at the end, leading zeros', '-', `10.0.0.5 ${combined} "198.051.100.099"`],
    ['X-Forwarded-For at the end, a zero in the list', '-', `10.0.0.5 ${combined} "203.0.113.7, 010.0.0.9"`],
    ['X-Forwarded-For at the end, octets of 0', '203.0.0.7', `10.0.0.5 ${combined} "203.0.0.7"`],
    ['a name at the end, as of a Host header', '-', `10.0.0.5 ${combined} "www.example.org"`],
    ['X-Forwarded-For at the end, invented', '203.0.113.7', `10.0.0.5 ${combined} "192.0.2.1, 203.0.113.7"`],
    ['X-Forwarded-For at the end, unquoted', '-', `10.0.0.5 ${combined} 203.0.113.7`],
    ['X-Forwarded-For at the end, none', '-', `203.0.113.7 ${combined} "-"`],
    ['X-Forwarded-For at the end, no list', '-', `10.0.0.5 ${combined} "foo"`],
    [
      'X-Forwarded-For at the end of vhost_combined',
      '203.0.113.7',
      `www.example.org:80 10.0.0.5 ${combined} "203.0.113.7"`,
    ],
    ['X-Forwarded-For at the end, inside', '192.168.1.20', `10.0.0.5 ${combined} "192.168.1.20, 10.0.0.9"`],
    ['X-Forwarded-For at the end, hidden', '-', `10.0.0.5 ${combined} "unknown"`],
  ]),
  ...decoded('web-accesslog-squid', [
    ['squid', '203.0.113.7', squid('203.0.113.7', 'TCP_MISS/404', 'http://www.example.org/a')],
    ['squid, IPv6', '2001:db8::7', squid('2001:db8::7', 'TCP_MISS/404', 'http://www.example.org/a')],
    [
      'squid, from its cache',
      '203.0.113.7',
      squid('203.0.113.7', 'TCP_MEM_HIT/200', 'http://www.example.org/'),
    ],
    ['squid, no request', '203.0.113.7', squid('203.0.113.7', 'NONE/400', 'error:invalid-request')],
  ]),
  ...decoded('apache-errorlog', [
    ['ModSecurity', '203.0.113.7', modsecurity('[client 203.0.113.7:51234] [client 203.0.113.7]')],
    ['ModSecurity, IPv6', '2001:db8::7', modsecurity('[client 2001:db8::7:51234] [client 2001:db8::7]')],
    ['ModSecurity, short port', '203.0.113.7', modsecurity('[client 203.0.113.7:555] [client 203.0.113.7]')],
    ['Apache 2.4', '203.0.113.7', errorLine('authz_core', 'AH01630: client denied: /var/www/.ht')],
    ['Apache 2.4, no code', '203.0.113.7', errorLine('php', 'PHP Warning:  a')],
    ['Apache 2.4, no module', '203.0.113.7', errorLine('', 'PHP Warning:  a')],
    ["Apache 2.4, a program's text", '-', errorLine('wsgi', 'a')],
    [
      'Apache 2.4, no client',
      '-',
      '[Fri Nov 20 09:29:46.123456 2026] [ssl:error] [pid 1] AH02032: x [client 192.0.2.1:1] y: ',
    ],
    [
      'Apache 2.2',
      '203.0.113.7',
      '[Fri Nov 20 09:29:46 2026] [error] [client 203.0.113.7] File does not exist: /x',
    ],
    [
      'Apache 2.2, ModSecurity',
      '203.0.113.7',
      '[Fri Nov 20 09:29:46 2026] [error] [client 203.0.113.7] ModSecurity: Warning. x',
    ],
    ['Apache 2.2, no client', '-', '[Fri Nov 20 09:29:46 2026] [error] x [client 192.0.2.1] y'],
    [
      'Apache 2.2 through syslog',
      '203.0.113.7',
      'Nov 20 09:29:46 host httpd[1]: [error] [client 203.0.113.7] x',
    ],
  ]),
  ...decoded('apache-errorlog-unsure', [
    ['ModSecurity before 2.9.1', '-', modsecurity('[client 203.0.113.7]')],
    ['ModSecurity, two clients', '-', modsecurity('[client 203.0.113.7:51234] [client 192.0.2.1]')],
    [
      'ModSecurity in a path',
      '-',
      errorLine('authz_core', 'AH01630: /x[client 192.0.2.1] ModSecurity: Access denied'),
    ],
  ]),
  ...decoded('nginx-errorlog', [
    [
      "nginx's error log",
      '-',
      '2026/11/20 09:00:00 [error] 1#1: *1 open() "/x" failed (2: No such file or directory), client: 203.0.113.7, server: _, request: "GET /x HTTP/1.1", host: "x"',
    ],
  ]),
  ...decoded('web-accesslog-unusual', [
    [
      'a request without a version',
      '203.0.113.7',
      '203.0.113.7 - - [20/Nov/2026:09:00:00 +0000] "GET /a" 404 330',
    ],
    [
      'a method with a hyphen',
      '203.0.113.7',
      '203.0.113.7 - - [20/Nov/2026:09:00:00 +0000] "M-SEARCH * HTTP/1.1" 404 330',
    ],
    [
      'a quote at the end of the target',
      '203.0.113.7',
      '203.0.113.7 - - [20/Nov/2026:09:00:00 +0000] "GET /a?\\" HTTP/1.1" 404 330',
    ],
    [
      'a TLS greeting',
      '203.0.113.7',
      '203.0.113.7 - - [20/Nov/2026:09:00:00 +0000] "\\x16\\x03\\x01" 400 226 "-" "-"',
    ],
  ]),
  ...decoded('ar_log', [
    ['response', '203.0.113.77', response('- 203.0.113.77 1795166986.1 100508')],
    ['response, IPv6', '2001:db8::77', response('- 2001:db8::77 1795166986.1 100508')],
    ['response for a user', '203.0.113.77', response('bob 203.0.113.77 1795166986.1 100508')],
    ['response by hand', '203.0.113.77', response('- 203.0.113.77 (from_the_server) (no_rule_id)')],
    ['response without an address', '-', response('bob - 1795166986.1 100508')],
  ]),
];
