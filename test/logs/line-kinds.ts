/**
 * Logs of every format. Each kind writes lines from a client's ordinary or hostile texts, as its server does. The files
 * render.ts, written.ts, error-lines.ts and carried.ts escape texts as the servers do; the tests of the readers use
 * these files, too.
 */
import { TrustedProxies } from '../../logs/proxies/trusted-proxies.ts';
import { formatNamed } from '../../logs/readers/formats.ts';
import { formatFromText } from '../../logs/readers/own-format.ts';
import type { LogFormat, ReaderOptions } from '../../logs/readers/reading.ts';
import { criPiece, dockerPiece, journalEntry, journalPiece } from './carriers/carried.ts';
import { Dice } from './hostile-texts.ts';
import { CLEAR_APACHE, CLEAR_NGINX, NGINX_MAIN, UNCERTAIN } from './readers/definitions.ts';
import {
  apacheLine,
  auditVersion2,
  auditVersion3,
  modSecurityMessage,
  nginxErrorLine,
  oldApacheLine,
} from './readers/error-lines.ts';
import { canonical, renderApache, renderNginx, type Sent } from './readers/render.ts';
import {
  albLine,
  caddyLine,
  cloudfrontLine,
  haproxyHead,
  haproxyLine,
  IIS_FIELDS,
  iisLine,
  nginxJsonLine,
  proxyManagerLine,
  squidHead,
  squidLine,
  traefikLine,
} from './readers/written.ts';
import { bytes, CLIENT, nginxEscaped, percentEscaped, type Sent as Texts, TIME, VICTIM } from './support.ts';

/** The proxy in front of the server, for requests through a proxy. */
export const PROXY = '192.0.2.1';

const optionsOf = (policy: ReaderOptions['policy']): ReaderOptions => ({ policy, now: TIME + 3600 });

/** The peers that are trusted to name the client: none, all, or the listed proxies. */
export const POLICIES = {
  none: optionsOf({ trustsPeer: false, proxies: undefined }),
  '--behind-proxy': optionsOf({ trustsPeer: true, proxies: undefined }),
  TRUSTED_PROXIES: optionsOf({ trustsPeer: false, proxies: new TrustedProxies([PROXY]) }),
} as const;

export interface Kind {
  /** Unique. */
  readonly name: string;
  readonly format: LogFormat;
  /** The lines with which the log begins. */
  readonly before?: readonly string[] | undefined;
  /** A proxy writes the log, so with --behind-proxy the peer in a line is the client, not another proxy. */
  readonly isOfProxy: boolean;
  /** The lines that an ordinary request leaves, if they differ from the lines of `write`. */
  readonly writeOrdinary?: ((sent: Sent) => string[]) | undefined;
  /** The lines that a request leaves in the log, cut at raw line breaks. */
  readonly write: (sent: Sent, dice: Dice) => string[];
  /** The target that the record must have; undefined if the server writes no target or only a part of it. */
  readonly targetOf: (sent: Sent) => string | undefined;
  /** Matches the characters that the server refuses in a method. */
  readonly method: RegExp;
  /** The server logs the decoded target, which may hold line breaks. */
  readonly isDecoded: boolean;
  /** The format has a field for `X-Forwarded-For`. */
  readonly hasHeader: boolean;
  /** The log has the peer's address. Without it, no reader can tell whether a proxy has written the header. */
  readonly hasPeer: boolean;
  /** A client's text may begin a line, so every record of the log is hearsay. */
  readonly isRaw: boolean;
  /** The smallest permitted share of requests whose record has client and target. */
  readonly least: readonly [direct: number, proxied: number];
  /** Divides the kind's number of lines: a kind with 2 makes half as many lines as a kind with 1. */
  readonly share: number;
}

type Given = Pick<Kind, 'name' | 'format' | 'write'> & Partial<Kind>;

const kindOf = (given: Given): Kind => ({
  targetOf: () => undefined,
  method: TOKEN,
  isDecoded: false,
  hasHeader: false,
  hasPeer: true,
  isOfProxy: false,
  isRaw: false,
  least: [1, given.hasHeader === true ? 1 : 0],
  share: 1,
  ...given,
});

/** The characters that no token of RFC 9110 holds, and the characters that nginx refuses in a method. */
const TOKEN = /[^!#$%&'*+.^_`|~0-9A-Za-z-]/g;
const NGINX_TOKEN = /[^A-Z_-]/g;

const PLAIN_METHOD = /^[A-Za-z0-9_-]{1,40}$/;

/** The target of a valid request line, without the spaces around it. */
function targetInLine({ line, method, target, version }: Sent, escaped = canonical): string | undefined {
  const isInOrder = line === undefined && PLAIN_METHOD.test(method) && /^HTTP\/[0-9.]+$/.test(version);
  return isInOrder ? escaped(target.replace(/ +$/, '')) : undefined;
}

/** The target in a log of another server: in a field of its own, or between a method and a version. */
const targetAlone = ({ target }: Sent): string => canonical(bytes(target));
const targetBetween = ({ method, target }: Sent): string | undefined =>
  PLAIN_METHOD.test(method) ? canonical(bytes(target.replace(/ +$/, ''))) : undefined;

const COMBINED = '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"';

interface Rendered extends Partial<Kind> {
  readonly name: string;
  readonly format: LogFormat;
  readonly directives: string;
}

function apacheKind({ directives, ...given }: Rendered): Kind {
  const hasLine = directives.includes('%r');
  return kindOf({
    write: (sent) => [renderApache(directives, sent)],
    targetOf: hasLine ? targetInLine : ({ target }) => canonical(target),
    isDecoded: !hasLine,
    hasHeader: /X-Forwarded-For/i.test(directives),
    ...given,
  });
}

function nginxKind({
  directives,
  escaping = 'default',
  ...given
}: Rendered & { escaping?: 'default' | 'json' }): Kind {
  const hasLine = directives.includes('$request"');
  return kindOf({
    write: (sent) => [renderNginx(directives, escaping, sent)],
    targetOf: hasLine ? targetInLine : ({ target }) => canonical(target),
    method: NGINX_TOKEN,
    hasHeader: /x_forwarded_for/i.test(directives),
    ...given,
  });
}

const named = (name: string): { name: string; format: LogFormat } => ({ name, format: formatNamed(name) });

/** The formats of Apache and nginx, which other servers use, too. */
function accessKinds(): Kind[] {
  return [
    apacheKind({ ...named('combined'), directives: COMBINED }),
    apacheKind({ ...named('combined'), name: 'common', directives: '%h %l %u %t "%r" %>s %b' }),
    apacheKind({
      ...named('combined'),
      name: 'combined with more at the end',
      directives: `${COMBINED} "%{Cookie}i" %D`,
    }),
    nginxKind({ ...named('combined'), name: 'combined of nginx', directives: NGINX_MAIN }),
    nginxKind({
      ...named('combined'),
      name: 'combined with X-Forwarded-For at the end',
      directives: `${NGINX_MAIN} "$http_x_forwarded_for"`,
      hasHeader: false,
    }),
    apacheKind({ ...named('vhost_combined'), directives: `%v:%p ${COMBINED}` }),
    apacheKind({
      ...named('vhost_combined'),
      name: 'vhost_combined without a port',
      directives: `%v ${COMBINED}`,
    }),
    nginxKind({ ...named('nginx-main'), directives: `${NGINX_MAIN} "$http_x_forwarded_for"` }),
    apacheKind({ ...named('combined_xff'), directives: `${COMBINED} "%{X-Forwarded-For}i"` }),
    apacheKind({
      ...named('xff'),
      directives: `%{X-Forwarded-For}i ${COMBINED.slice(3)}`,
      hasPeer: false,
      least: [0, UNCERTAIN_SHARE],
    }),
    apacheKind({
      ...named('xff'),
      name: 'xff in the common format',
      directives: '%{X-Forwarded-For}i %l %u %t "%r" %>s %b',
      hasPeer: false,
      least: [0, UNCERTAIN_SHARE],
    }),
    apacheKind({
      ...named('xff_host'),
      directives: `%{X-Forwarded-For}i ${COMBINED}`,
      least: [UNCERTAIN_SHARE, UNCERTAIN_SHARE],
    }),
    apacheKind({
      ...named('host_xff'),
      directives: `%h (%{X-Forwarded-For}i) ${COMBINED.slice(3)}`,
      least: [1, UNCERTAIN_SHARE],
    }),
  ];
}

/** The share for a format with a client's header or user name next to the address: hostile texts there may hide it. */
const UNCERTAIN_SHARE = 0.5;

/** Formats that an administrator has written. */
function ownKinds(): Kind[] {
  const own = (server: string, text: string) => ({
    name: `${server}:${text}`,
    format: formatFromText('shop', `${server}:${text}`),
  });
  return [
    ...CLEAR_APACHE.map((directives) => apacheKind({ ...own('apache', directives), directives })),
    ...UNCERTAIN.map((directives) => {
      const proxied = !directives.includes('X-Forwarded-For') ? 0 : directives.includes('Cookie') ? 0.3 : 0.5;
      return apacheKind({ ...own('apache', directives), directives, least: [UNCERTAIN_SHARE, proxied] });
    }),
    ...CLEAR_NGINX.map((directives) => nginxKind({ ...own('nginx', directives), directives })),
    ...CLEAR_NGINX.map((directives) =>
      nginxKind({ ...own('nginx', `escape=json ${directives}`), directives, escaping: 'json' }),
    ),
  ];
}

/** The texts of a request, for the functions of written.ts. */
const textsOf = ({ user, method, target, headers }: Sent): Texts => ({
  user: user ?? '-',
  method,
  target,
  referer: headers.referer ?? '-',
  userAgent: headers['user-agent'] ?? '-',
  host: headers.host ?? 'www.example.org',
  forwarded: headers['x-forwarded-for'] ?? '-',
});

function otherKinds(): Kind[] {
  const kind = (
    name: string,
    write: (texts: Texts, peer: string, dice: Dice) => string,
    given: Partial<Kind> = {},
  ): Kind => {
    const format = given.format ?? formatNamed(name);
    return kindOf({
      targetOf: targetAlone,
      ...given,
      name,
      format,
      write: (sent, dice) => [write(textsOf(sent), sent.peer, dice)],
    });
  };
  const json = formatNamed('nginx-json');
  return [
    kind('nginx-json', (texts, peer) => nginxJsonLine(texts, undefined, peer), {
      targetOf: targetBetween,
      hasHeader: true,
    }),
    kind('nginx-json without escape=json', (texts, peer) => nginxJsonLine(texts, nginxEscaped, peer), {
      format: json,
      targetOf: targetBetween,
      hasHeader: true,
    }),
    kind(
      'nginx-json with escape=none',
      // Remove line breaks: with them a client can write whole lines in this format, as the documentation says.
      (texts, peer) => nginxJsonLine(texts, (text) => bytes(text).replaceAll('\n', ''), peer),
      {
        format: json,
        before: [nginxJsonLine(textsOf(ordinary(CLIENT)))],
        targetOf: () => undefined,
        hasHeader: true,
        least: [0.3, 0],
      },
    ),
    kind(
      'caddy',
      (texts, peer) =>
        caddyLine(texts, `"remote_ip":"${peer}","remote_port":"54321","client_ip":"${VICTIM}"`),
      { hasHeader: true },
    ),
    kind('traefik-json', (texts, peer) =>
      traefikLine(texts, `"ClientAddr":"${peer}:51432","ClientHost":"${peer}"`),
    ),
    kind(
      'traefik-json with X-Forwarded-For',
      (texts, peer) => {
        const host = texts.forwarded === '' || texts.forwarded === '-' ? peer : texts.forwarded;
        return traefikLine(
          texts,
          `"ClientAddr":"${peer}:51432","ClientHost":${JSON.stringify(bytes(host)).replace(/[^ -~]/g, '?')}`,
        );
      },
      { format: formatNamed('traefik-json'), hasHeader: true, least: [0.4, 1] },
    ),
    kind('haproxy', (texts, peer) => haproxyLine(texts, true, haproxyHead(`${peer}:54321`)), {
      targetOf: targetBetween,
    }),
    kind('haproxy without headers', (texts, peer) => haproxyLine(texts, false, haproxyHead(`${peer}:1`)), {
      format: formatNamed('haproxy'),
      targetOf: targetBetween,
    }),
    kind(
      'haproxy, cut at 1,024 bytes',
      (texts, peer) => haproxyLine(texts, true, haproxyHead(`${peer}:54321`)).slice(0, 1024),
      { format: formatNamed('haproxy'), targetOf: () => undefined, least: [0.9, 0] },
    ),
    kind('iis', (texts, peer) => iisLine(texts, undefined, peer), {
      before: [IIS_FIELDS],
      targetOf: ({ target }) => canonical([...target].map((byte) => (byte <= ' ' ? '+' : byte)).join('')),
    }),
    kind('nginx-proxy-manager', (texts, peer) => proxyManagerLine(texts, undefined, undefined, peer)),
    kind(
      'nginx-proxy-manager without a proxy',
      (texts, peer) => proxyManagerLine(texts, '[10/Oct/2025:13:55:36 +0000] 404 -', '', peer),
      { format: formatNamed('nginx-proxy-manager') },
    ),
    kind('alb', (texts, peer) => albLine(texts, `${peer}:2817`), { targetOf: targetBetween }),
    kind('cloudfront', (texts, peer) => cloudfrontLine(texts, '', peer), {
      targetOf: ({ target }) => percentEscaped(target),
    }),
    kind(
      'cloudfront with X-Forwarded-For',
      (texts, peer) =>
        cloudfrontLine(
          texts,
          `\t${percentEscaped(texts.forwarded || '-')}\tTLSv1.3\tTLS_AES_128_GCM_SHA256\tError\tHTTP/2.0\t-\t-\t11040\t` +
            '0.001\tError\ttext/html\t78\t-\t-',
          peer,
        ),
      {
        format: formatNamed('cloudfront'),
        hasHeader: true,
        targetOf: ({ target }) => percentEscaped(target),
      },
    ),
    kind('squid', (texts, peer) => squidLine(texts, undefined, squidHead(peer)), {
      isOfProxy: true,
      targetOf: ({ target }) => percentEscaped(target),
    }),
    kind(
      'squid with whitespace in URLs',
      (texts, peer) => squidLine(texts, (text) => bytes(text), squidHead(peer)),
      { format: formatNamed('squid'), isOfProxy: true },
    ),
  ];
}

const OWN_MODULES = [
  'core',
  'authz_core',
  'auth_basic',
  'cgid',
  'php',
  'proxy_fcgi',
  'dav',
  'ssl',
  'security2',
];
const PROGRAM_MODULES = ['wsgi', 'perl', 'lua', ''];

/** A message of an Apache module about a request. */
function apacheMessage({ user, target, headers, line, method, version }: Sent, dice: Dice): string {
  return dice.pick([
    `AH01630: client denied by server configuration: /var/www/html${target}`,
    `AH01618: user ${user} not found: ${target}`,
    `AH00036: access to ${target} failed`,
    `script '/var/www/html${target}' not found or unable to stat`,
    `AH01071: Got error 'PHP message: PHP Warning:  ${headers['user-agent']}'`,
    `AH02032: Hostname ${headers.host} provided via SNI and hostname x provided via HTTP are different`,
    `AH00126: Invalid URI in request ${line ?? `${method} ${target} ${version}`}`,
    `AH01215: ${headers.cookie}: /usr/lib/cgi-bin/x`,
  ]);
}

const refererOf = ({ headers }: Sent): { referer?: string } =>
  headers.referer === undefined ? {} : { referer: headers.referer };

function modSecurityOf({ user, target, headers }: Sent, dice: Dice): string {
  return modSecurityMessage({
    variable: user ?? 'a',
    id: dice.pick(['999005', '960017']),
    message: headers['user-agent'] ?? 'm',
    data: headers.cookie ?? '',
    host: headers.host ?? 'h',
    uri: target,
    ...(dice.once(2) ? { uniqueId: 'awtOCDRb2l95JKnJophf7QAAAEA' } : {}),
  });
}

function errorKinds(): Kind[] {
  const kind = (name: string, format: string, write: Kind['write'], given: Partial<Kind> = {}): Kind =>
    kindOf({ isDecoded: true, ...given, name, format: formatNamed(format), write });
  return [
    kind('apache-error', 'apache-error', (sent, dice) => [
      apacheLine({
        module: dice.pick(OWN_MODULES),
        client: sent.peer,
        message: apacheMessage(sent, dice),
        ...(dice.once(3) ? { errno: '(36)File name too long' } : {}),
        ...refererOf(sent),
      }),
    ]),
    kind(
      'apache-error of modules that pass on the output of programs',
      'apache-error',
      (sent, dice) => {
        const text = dice.once(2) ? (sent.user ?? '-') : sent.target.slice(1);
        const line = apacheLine({ module: dice.pick(PROGRAM_MODULES), client: sent.peer, message: text });
        return [dice.once(2) ? line : line.replace(`[client ${sent.peer}:54321] `, '')];
      },
      { least: [0, 0] },
    ),
    kind(
      'apache-error with the output of scripts',
      'apache-error',
      ({ target, peer }, dice) =>
        dice.once(4)
          ? [apacheLine({ client: peer, message: `AH01630: denied: ${target}` })]
          : target.slice(1).split('\n'),
      { isRaw: true, least: [0, 0], share: 2 },
    ),
    kind('apache22-error', 'apache22-error', (sent, dice) => [
      oldApacheLine({
        client: sent.peer,
        message: apacheMessage(sent, dice).replace(/^AH\d+: /, ''),
        ...refererOf(sent),
      }),
    ]),
    kind('ModSecurity 2 in apache-error', 'apache-error', (sent, dice) => [
      apacheLine({
        module: 'security2',
        client: sent.peer,
        message: `${dice.once(3) ? '' : `[client ${sent.peer}] `}ModSecurity: ${modSecurityOf(sent, dice)}`,
        ...refererOf(sent),
      }),
    ]),
    kind('ModSecurity 2 in apache22-error', 'apache22-error', (sent, dice) => [
      oldApacheLine({
        client: sent.peer,
        message: `ModSecurity: ${modSecurityOf(sent, dice)}`,
        ...refererOf(sent),
      }),
    ]),
    kind('nginx-error', 'nginx-error', (sent) => nginxErrorLines(sent, false), {
      isRaw: true,
      least: [0.3, 0],
    }),
    kind('ModSecurity 3 in nginx-error', 'nginx-error', (sent) => nginxErrorLines(sent, true), {
      isRaw: true,
      least: [0.3, 0],
    }),
    kind(
      'modsecurity-audit of ModSecurity 3',
      'modsecurity-audit',
      ({ peer, target, headers }, dice) => {
        const { 'x-forwarded-for': forwarded, 'user-agent': agent, cookie, referer } = headers;
        const shape = auditVersion3({
          id: dice.pick(['999005', '960017']),
          uri: target,
          message: agent ?? 'm',
          match: referer ?? 'x',
          headers: {
            [cookie ?? 'Accept']: headers.host ?? 'a',
            ...(forwarded === undefined ? {} : { 'X-Forwarded-For': forwarded }),
          },
        });
        return [JSON.stringify(shape).replace(CLIENT, peer)];
      },
      { hasHeader: true, isDecoded: false, least: [1, 0.99], share: 2 },
    ),
    kind(
      'modsecurity-audit of ModSecurity 2',
      'modsecurity-audit',
      (sent, dice) => {
        const message = modSecurityOf(sent, dice);
        const said = `[file "apache2_util.c"] [line 275] [level 3] [client ${sent.peer}] ModSecurity: ${message}`;
        const other = `[file "x.c"] [line 879] [level 3] ${apacheMessage(sent, dice)}`;
        return [JSON.stringify(auditVersion2(message, [other, said]))];
      },
      { least: [1, 0], share: 3 },
    ),
  ];
}

function nginxErrorLines({ peer, target, headers }: Sent, isOfModSecurity: boolean): string[] {
  const parts = {
    path: target.slice(1),
    request: target.slice(1).replaceAll('\n', '%0a'),
    host: headers.host ?? 'h',
    referrer: headers.referer ?? '-',
    client: peer,
    isOfModSecurity,
  };
  return nginxErrorLine(parts).slice(0, 2047).split('\n');
}

/** Decodes a line as UTF-8, as Docker does before it writes JSON: other bytes are lost. */
const asText = (line: string): string => Buffer.from(line, 'latin1').toString();

/** Cuts a line at up to three places. */
function cut(line: string, dice: Dice): string[] {
  const places = Array.from({ length: 1 + dice.below(3) }, () => dice.below(line.length)).sort(
    (a, b) => a - b,
  );
  return [0, ...places].map((from, index) => line.slice(from, places[index] ?? line.length));
}

const OLD_SYSLOG = 'Oct 10 13:55:36 web1 nginx[812]: ';

const WRAPPINGS: readonly {
  readonly carrier: string;
  readonly what: string;
  readonly wrap: (line: string, dice: Dice) => string[];
  readonly least: number;
}[] = [
  { carrier: 'syslog', what: '', wrap: (line) => [`${OLD_SYSLOG}${line}`], least: 1 },
  {
    carrier: 'syslog',
    what: ' of RFC 5424',
    wrap: (line) => [`<190>1 2025-10-10T13:55:36Z web1 nginx 812 - - ${line}`],
    least: 1,
  },
  {
    carrier: 'syslog',
    what: ', cut at 1,024 bytes',
    wrap: (line) => (line.match(/.{1,1024}/gs) ?? []).map((piece) => `${OLD_SYSLOG}${piece}`),
    least: 0.5,
  },
  { carrier: 'journald', what: '', wrap: (line) => [journalEntry(asMessage(line))], least: 1 },
  {
    carrier: 'journald',
    what: ', split',
    wrap: (line, dice) =>
      cut(line, dice).map((piece, index, all) =>
        // journald removes spaces from the ends of pieces.
        journalPiece(asMessage(piece.trim()), index < all.length - 1 ? 'line-max' : undefined),
      ),
    least: 0.4,
  },
  { carrier: 'docker', what: '', wrap: (line) => [dockerPiece(`${asText(line)}\n`)], least: 1 },
  {
    carrier: 'docker',
    what: ', split',
    wrap: (line, dice) => {
      const pieces = cut(line, dice);
      return pieces.map((piece, index) =>
        dockerPiece(index < pieces.length - 1 ? asText(piece) : `${asText(piece)}\n`),
      );
    },
    least: 0.9,
  },
  { carrier: 'cri', what: '', wrap: (line) => [criPiece(line)], least: 1 },
  {
    carrier: 'cri',
    what: ', split',
    wrap: (line, dice) =>
      cut(line, dice).map((piece, index, all) => criPiece(piece, index < all.length - 1 ? 'P' : 'F')),
    least: 1,
  },
  { carrier: 'compose', what: '', wrap: (line) => [`web-1  | ${line}`], least: 1 },
];

/** journalctl prints a text that is not UTF-8 as a list of its bytes. */
function asMessage(line: string): unknown {
  const text = asText(line);
  return bytes(text) === line ? text : [...Buffer.from(line, 'latin1')];
}

function carriedKinds(inner: readonly Kind[]): Kind[] {
  return WRAPPINGS.flatMap(({ carrier, what, wrap, least }) =>
    inner.map((kind) => {
      const lossless = least === 1;
      const [whole] = WRAPPINGS.filter((each) => each.carrier === carrier);
      return {
        ...kind,
        name: `${carrier}:${kind.name}${what}`,
        format: formatNamed(`${carrier}:${kind.format.name}`),
        before: kind.before?.flatMap((line) => whole?.wrap(line, new Dice(0)) ?? []),
        writeOrdinary: (sent: Sent) =>
          kind.write(sent, new Dice(0)).flatMap((line) => whole?.wrap(line, new Dice(0)) ?? []),
        write: (sent: Sent, dice: Dice) => kind.write(sent, dice).flatMap((line) => wrap(line, dice)),
        targetOf: lossless ? kind.targetOf : () => undefined,
        least: [kind.least[0] * least, kind.least[1] * least] as const,
        share: 3,
      };
    }),
  );
}

/** A request as any browser sends it. */
export const ordinary = (peer: string, forwarded?: string): Sent => ({
  peer,
  user: undefined,
  method: 'GET',
  target: '/index.html',
  version: 'HTTP/1.1',
  status: 404,
  size: 196,
  headers: {
    host: 'www.example.org',
    'user-agent': 'Mozilla/5.0',
    ...(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }),
  },
  time: TIME,
  site: 'www.example.org',
});

/** All kinds of logs. */
export function lineKinds(): readonly Kind[] {
  const alone = [...accessKinds(), ...otherKinds(), ...errorKinds(), ...ownKinds()];
  const inner = ['combined', 'nginx-main', 'nginx-json', 'caddy', 'haproxy', 'apache-error', 'iis'];
  return [...alone, ...carriedKinds(alone.filter(({ name }) => inner.includes(name)))];
}
