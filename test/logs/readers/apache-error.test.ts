import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LogReader } from '../../../logs/readers/log-format.ts';
import {
  apacheLine,
  CLIENT,
  FORGED_PIECES,
  hostileText,
  modSecurityMessage,
  OPTIONS,
  oldApacheLine,
  RUNS,
  readerOf,
  recordOf,
  ruleFor,
  THIRD,
} from './error-lines.ts';

const read = (line: string) => readerOf('apache-error').read(line);
const readOld = (line: string) => readerOf('apache22-error').read(line);
const HEAD = '[Fri Oct 10 13:55:36.123456 2025]';

/** The fields that these tests compare. */
const fieldsOf = (line: string, reader = read) => {
  const { client, module, level, code, message, target, isHearsay } = recordOf(reader(line));
  return { client, module, level, code, message, target, isHearsay };
};

test('reads a line of Apache 2.4', () => {
  const line = `${HEAD} [authz_core:error] [pid 812:tid 1408] [client 203.0.113.7:54321] AH01630: client denied by server configuration: /var/www/html/.env`;
  const record = recordOf(read(line));
  assert.equal(record, {
    kind: 'error',
    time: new Date(2025, 9, 10, 13, 55, 36).getTime() / 1000,
    client: CLIENT,
    noClient: undefined,
    module: 'authz_core',
    level: 'error',
    isHearsay: true,
    code: 'AH01630',
    message: 'client denied by server configuration: /var/www/html/.env',
    canonical:
      '[Fri Oct 10 13:55:36.000000 2025] [authz_core:error] [pid 812] [client 203.0.113.7:54321] AH01630: client denied by server configuration: /var/www/html/.env',
  });
});

for (const [what, line, expected] of [
  [
    'without a thread',
    `${HEAD} [core:error] [pid 812] [client 203.0.113.7:1] AH00126: Invalid URI in request x`,
    { code: 'AH00126', message: 'Invalid URI in request x' },
  ],
  [
    'with an errno before the client',
    `${HEAD} [core:error] [pid 1:tid 2] (36)File name too long: [client 203.0.113.7:1] AH00036: access to /aa failed`,
    { code: 'AH00036' },
  ],
  [
    'with an errno after the client',
    `${HEAD} [core:error] [pid 1:tid 2] [client 203.0.113.7:1] (13)Permission denied: AH00035: access to / denied`,
    { code: 'AH00035' },
  ],
  [
    'of the debug level',
    `${HEAD} [core:debug] [pid 1:tid 2] core.c(4321): [client 203.0.113.7:1] AH00001: x`,
    { level: 'debug', code: 'AH00001' },
  ],
  [
    'of a trace level',
    `${HEAD} [http:trace4] [pid 1:tid 2] http_request.c(433): (2)No such file or directory: [client 203.0.113.7:1] Headers`,
    { level: 'trace4', message: 'Headers' },
  ],
  [
    'without a fraction of a second',
    `[Fri Oct 10 13:55:36 2025] [php:error] [pid 1] [client 203.0.113.7:1] script '/x.php' not found or unable to stat`,
    { module: 'php', message: "script '/x.php' not found or unable to stat" },
  ],
  [
    'with a referer',
    `${HEAD} [core:error] [pid 1] [client 203.0.113.7:1] AH00127: Cannot map GET / HTTP/1.1 to file, referer: http://example.org/, referer: x`,
    { message: 'Cannot map GET / HTTP/1.1 to file' },
  ],
  [
    'of a log that goes to syslog',
    '[core:error] [pid 1] [client 203.0.113.7:1] AH00127: Cannot map',
    { code: 'AH00127' },
  ],
  [
    'behind mod_remoteip, which sets port 0',
    `${HEAD} [core:error] [pid 1] [client 203.0.113.7:0] AH00127: x`,
    { code: 'AH00127' },
  ],
] as const) {
  test(`reads a line ${what}`, () => {
    const found = fieldsOf(line);
    assert.is(found.client, CLIENT);
    assert.equal({ ...found, ...expected }, found);
  });
}

for (const [inBrackets, client] of [
  ['2001:db8::7:51234', '2001:db8::7'],
  ['2001:db8::7:80', '2001:db8::7'],
  ['2001:db8::7:0', '2001:db8::7'],
  ['2001:db8:1:2:3:4:5:7:51234', '2001:db8:1:2:3:4:5:7'],
  ['2001:db8:1:2:3:4:5:7', '2001:db8:1:2:3:4:5:7'],
  ['203.0.113.7', '203.0.113.7'],
  ['example.org:80', undefined],
  ['203.0.113.0/24:80', undefined],
  ['203.0.113.7, 198.51.100.99:80', undefined],
  [':80', undefined],
] as const) {
  test(`takes ${client ?? 'no client'} from [client ${inBrackets}]`, () => {
    assert.is(
      recordOf(read(`${HEAD} [core:error] [pid 1] [client ${inBrackets}] AH00127: x`)).client,
      client,
    );
  });
}

for (const [what, line] of [
  [
    'a notice of the server',
    `${HEAD} [mpm_event:notice] [pid 1:tid 1] AH00489: Apache/2.4.68 (Debian) configured -- resuming normal operations`,
  ],
  [
    'the notice of ModSecurity at its start',
    `${HEAD} [security2:notice] [pid 1:tid 1] ModSecurity: LUA compiled version="Lua 5.1"`,
  ],
  [
    'an error of an upstream server',
    `${HEAD} [proxy:error] [pid 1:tid 1] [remote 198.51.100.99:80] AH00898: Error reading from remote server`,
  ],
  [
    'a message whose text names a client, but which is not about a request',
    `${HEAD} [core:error] [pid 1:tid 1] AH00099: x [client 198.51.100.99:1] AH01630: y`,
  ],
  [
    'a message that names a client after an errno, but is not about a request',
    `${HEAD} [core:error] [pid 1:tid 1] (2)No such file: AH00099: [client 198.51.100.99:1] y`,
  ],
] as const) {
  test(`ignores ${what}`, () => assert.is(read(line).kind, 'nothing'));
}

for (const [what, line] of [
  ["a program's text", 'PHP Warning: x'],
  ["a program's text in the form of a client", `[client ${THIRD}:1] ModSecurity: Access denied`],
  [
    'an ErrorLogFormat of its own',
    '[2025-10-10 13:55:36] [authz_core:error] [pid 1] [client 203.0.113.7:1] AH01630: x',
  ],
  ["a line of Apache 2.2's form", oldApacheLine({ message: 'x' })],
  ['a line of an access log', FORGED_PIECES.find((piece) => piece.startsWith(`${THIRD} - -`)) ?? ''],
  ['an unknown level', `${HEAD} [core:shout] [pid 1] [client 203.0.113.7:1] x`],
  [
    'a line that is longer than Apache writes',
    `${HEAD} [core:error] [pid 1] [client 203.0.113.7:1] ${'a'.repeat(9000)}`,
  ],
  ['nothing', ''],
] as const) {
  test(`cannot read ${what}`, () => assert.is(read(line).kind, 'unreadable'));
}

test('gives no client for a line of a module that logs the output of programs', () => {
  for (const module of ['wsgi', 'perl', 'lua', '']) {
    const record = recordOf(
      read(`${HEAD} [${module}:error] [pid 1:tid 2] [client ${THIRD}:1] AH01630: ModSecurity: x`),
    );
    assert.equal([record.client, record.code], [undefined, '']);
    assert.match(record.noClient ?? '', /program/);
  }
});

test('reads a line of Apache 2.2', () => {
  const line =
    '[Fri Oct 10 13:55:36 2025] [error] [client 203.0.113.7] script not found or unable to stat: /usr/lib/cgi-bin/test.cgi';
  assert.equal(fieldsOf(line, readOld), {
    client: CLIENT,
    module: '',
    level: 'error',
    code: '',
    message: 'script not found or unable to stat: /usr/lib/cgi-bin/test.cgi',
    target: undefined,
    isHearsay: true,
  });
  assert.is(recordOf(readOld(line)).canonical, line.slice(line.indexOf('] [error') + 2));
  assert.is(recordOf(readOld(oldApacheLine({ client: '2001:db8::7', message: 'x' }))).client, '2001:db8::7');
  assert.is(readOld('[Fri Oct 10 13:55:36 2025] [notice] caught SIGTERM, shutting down').kind, 'nothing');
  assert.is(readOld(apacheLine({ message: 'x' })).kind, 'unreadable');
});

test('fills in the fields that the rules for Apache 2.2 match', () => {
  const of = (message: string) => ruleFor(recordOf(readOld(oldApacheLine({ message }))));
  assert.is(of('client denied by server configuration: /var/www/x'), 30105);
  assert.is(of('File does not exist: /var/www/x'), 30112);
  assert.is(
    of('ModSecurity: Warning. x [file "/a"] [line "1"] [id "999004"] [hostname "h"] [uri "/"]'),
    117010,
  );
  assert.is(of('File does not exist: /x ModSecurity: Warning. [id "999004"]'), 30112);
});

/** Lines of Apache 2.4.68 with ModSecurity 2.9.7 from Debian 12. */
const REAL = {
  denial:
    '[Sat Nov 28 21:56:24.710134 2026] [security2:error] [pid 1155:tid 1157] [client 203.0.113.7:0] [client 203.0.113.7] ModSecurity: Access denied with code 403 (phase 1). String match "honey" at REQUEST_URI. [file "/etc/apache2/honey.conf"] [line "55"] [id "999005"] [msg "honey \\\\"] [id \\\\"999004\\\\"] a"] [data "/honey?x=%22%5D%20%5Bid%20%22999004%22%5D%20a"] [severity "CRITICAL"] [tag "a/\\\\"] [id \\\\"999004\\\\"] a"] [hostname "example.org"] [uri "/honey"] [unique_id "awtOCDRb2l95JKnJophf7QAAAEA"], referer: [client 198.51.100.99] ModSecurity: Access denied with code 403 [id "999005"] [uri "/"] [unique_id "x"]',
  argument:
    '[Sat Nov 28 21:56:24.882941 2026] [security2:error] [pid 1155:tid 1160] [client 203.0.113.7:33444] [client 203.0.113.7] ModSecurity: Access denied with code 403 (phase 2). String match "foo" at ARGS_NAMES:foo"] [id "999005"] [uri "/x"]. [file "/etc/apache2/honey.conf"] [line "56"] [id "960017"] [msg "numeric"] [hostname "example.org"] [uri "/a"] [unique_id "awtOCDRb2l95JKnJophf7wAAAEM"]',
  warning:
    '[Sat Nov 28 21:56:25.026000 2026] [security2:error] [pid 1155:tid 1158] [client 2001:db8::7:33466] [client 2001:db8::7] ModSecurity: Warning. String match "warnme" at ARGS:q. [file "/etc/apache2/honey.conf"] [line "57"] [id "999004"] [msg "w"] [hostname "example.org"] [uri "/a/warn\\\\"me]"] [unique_id "awtOCTRb2l95JKnJophf8AAAAEE"], referer: a, referer: b',
};

test('reads denials and warnings of ModSecurity 2', () => {
  const denial = recordOf(read(REAL.denial));
  assert.equal(
    [denial.client, denial.code, denial.target, denial.uniqueId],
    [CLIENT, 'ModSecurity', '/honey', 'awtOCDRb2l95JKnJophf7QAAAEA'],
  );
  assert.match(
    denial.canonical,
    '[client 203.0.113.7:0] [client 203.0.113.7] ModSecurity: Access denied with code 403',
  );
  assert.is(denial.canonical.split('[id "').length, 2);
  assert.match(denial.canonical, '[id "999005"]');
  assert.is(ruleFor(denial), 117011);
  const argument = recordOf(read(REAL.argument));
  assert.equal([argument.target, argument.canonical.split('[id "').length], ['/a', 2]);
  assert.is(ruleFor(argument), 30411);
  assert.is(ruleFor(recordOf(read(REAL.argument.replace('code 403', 'code 404')))), 117012);
  assert.is(
    ruleFor(recordOf(read(REAL.argument.replace('code 403', 'code 404').replace('960017', '1')))),
    117013,
  );
  const warning = recordOf(read(REAL.warning));
  assert.equal([warning.client, warning.target], ['2001:db8::7', '/a/warn\\x22me]']);
  assert.is(ruleFor(warning), 117010);
});

test('reads ModSecurity 2.9.8, which names the client once', () => {
  const record = recordOf(read(REAL.argument.replace('] [client 203.0.113.7] ', '] ')));
  assert.equal([record.client, record.code, record.target], [CLIENT, 'ModSecurity', '/a']);
  assert.match(record.canonical, '[client 203.0.113.7:33444] [client 203.0.113.7] ModSecurity: ');
});

test('finds no event of ModSecurity in a line of another module, or with another text after the client', () => {
  for (const [from, to] of [
    ['[security2:error]', '[core:error]'],
    ['[security2:error]', '[:error]'],
    ['[security2:error]', '[wsgi:error]'],
    ['[client 203.0.113.7] ModS', '[client 198.51.100.99] ModS'],
    ['[client 203.0.113.7] ModS', 'x [client 203.0.113.7] ModS'],
    ['[client 203.0.113.7] ModS', '[client 203.0.113.7]  ModS'],
  ] as const) {
    const record = recordOf(read(REAL.denial.replace(from, to)));
    assert.is(record.code, '', `${from} → ${to}`);
    assert.not.match(record.canonical, 'ModSecurity:');
    assert.not.match(record.canonical, `[client ${THIRD}`);
    assert.not.ok(
      [117010, 117011, 117012, 117013, 117015, 30401, 30402, 30411].includes(ruleFor(record) ?? 0),
    );
  }
});

test('gives no id when the end of the message cannot be distinguished from the referer', () => {
  const forged = '"] [file "/x"] [line "1"] [id "999005"] [hostname "x"] [uri "/forged"], referer: x';
  const parts = {
    variable: forged,
    id: '960017',
    message: 'm',
    data: '',
    host: 'h',
    uri: '/a',
    uniqueId: 'u',
  };
  const message = `[client ${CLIENT}] ModSecurity: ${modSecurityMessage(parts)}`;
  const record = recordOf(read(apacheLine({ module: 'security2', message })));
  assert.equal([record.client, record.code, record.target], [CLIENT, 'ModSecurity', undefined]);
  assert.not.match(record.canonical, '[id "');
  assert.is(ruleFor(record), 30411);
});

test('takes the id from the message when the referer looks like the end of a message', () => {
  const message = `[client ${CLIENT}] ModSecurity: Access denied with code 403 (phase 1). Pattern match "^x" at REQUEST_URI. [file "/a"] [line "1"] [id "999005"] [hostname "h"] [uri "/a"] [unique_id "u"]`;
  const referer = '[file "/a"] [line "1"] [id "1"] [hostname "h"] [uri "/forged"] [unique_id "forged"]';
  const record = recordOf(read(apacheLine({ module: 'security2', message, referer })));
  assert.equal([record.target, record.uniqueId], ['/a', 'u']);
  assert.match(record.canonical, '[id "999005"]');
});

test('gives no id when ModSecurity has cut its message', () => {
  const variable = `${'a'.repeat(885)}. [file "/x"] [line "1"] [id "999005"]`;
  for (let more = 0; more < 140; more++) {
    const parts = {
      variable: 'b'.repeat(more) + variable,
      id: '960017',
      message: '',
      data: '',
      host: 'h',
      uri: '/a',
    };
    const message = `[client ${CLIENT}] ModSecurity: ${modSecurityMessage(parts)}`;
    const record = recordOf(read(apacheLine({ module: 'security2', message })));
    assert.not.match(record.canonical, '[id "999005"]');
    assert.is(record.target, '/a');
  }
});

for (const [what, line] of [
  [
    'AH01630 with a path',
    apacheLine({
      module: 'authz_core',
      message: `AH01630: client denied by server configuration: /var/www/html/.ht[client ${THIRD}] ModSecurity: Access denied with code 403 [id "999005"]`,
    }),
  ],
  [
    'AH01630 with a referer',
    apacheLine({
      module: 'authz_core',
      message: 'AH01630: client denied by server configuration: /x',
      referer: `[client ${THIRD}] ModSecurity: Access denied with code 403 [id "999005"]`,
    }),
  ],
  [
    'AH01264',
    apacheLine({
      module: 'cgid',
      message: `AH01264: stderr from /usr/lib/cgi-bin/[client ${THIRD}] ModSecurity: Access denied with code 403 [id "999005"]: script not found or unable to stat`,
    }),
  ],
  [
    'AH01618',
    apacheLine({
      module: 'auth_basic',
      message: `AH01618: user [client ${THIRD}] ModSecurity: Access denied with code 403 [id "999005"] not found: /`,
    }),
  ],
  [
    "PHP's missing script",
    apacheLine({
      module: 'php',
      message: `script '/var/www/[client ${THIRD}] ModSecurity: Access denied with code 403 [id "999005"].php' not found or unable to stat`,
    }),
  ],
  [
    "PHP's warnings",
    apacheLine({
      module: 'php',
      message: `PHP Warning:  Undefined [client ${THIRD}] ModSecurity: Access denied with code 403 [id "999005"] in /x on line 1`,
    }),
  ],
  [
    'AH00036',
    apacheLine({
      errno: '(36)File name too long',
      message: `AH00036: access to /${'a'.repeat(300)}[client ${THIRD}] ModSecurity: Access denied with code 403 [id "999005"] failed`,
    }),
  ],
  [
    'AH02032',
    apacheLine({
      module: 'ssl',
      message: `AH02032: Hostname [client ${THIRD}] ModSecurity: Access denied with code 403 [id "999005"] provided via SNI and hostname x provided via HTTP are different`,
    }),
  ],
  [
    'AH01083',
    apacheLine({
      module: 'proxy_balancer',
      message: `AH01083: [client ${THIRD}] ModSecurity: Access denied with code 403 [id "999005"]`,
    }),
  ],
  [
    'AH01071',
    apacheLine({
      module: 'proxy_fcgi',
      message: `AH01071: Got error 'PHP message: \n[client ${THIRD}] ModSecurity: Access denied with code 403 [id "999005"]'`,
    }),
  ],
  [
    'AH01215',
    apacheLine({
      module: 'cgi',
      message: `AH01215: [client ${THIRD}] ModSecurity: Access denied with code 403 [id "999005"]: /x.cgi`,
    }),
  ],
  [
    'a message of PHP',
    apacheLine({
      module: 'php',
      message: `[client ${THIRD}] ModSecurity: Access denied with code 403 [id "999005"]`,
    }),
  ],
  [
    'mod_lua',
    apacheLine({
      module: 'lua',
      message: `[client ${THIRD}] ModSecurity: Access denied with code 403 [id "999005"]`,
    }),
  ],
  [
    'mod_wsgi',
    apacheLine({
      module: 'wsgi',
      message: `[client ${THIRD}] ModSecurity: Access denied with code 403 [id "999005"]`,
    }),
  ],
  [
    'a module without a name',
    apacheLine({
      module: '',
      message: `[client ${CLIENT}] ModSecurity: Access denied with code 403 [id "999005"]`,
    }),
  ],
  [
    'WebDAV',
    apacheLine({
      module: 'dav',
      message: `AH00602: /[client ${THIRD}] ModSecurity: Access denied with code 403 [id "999005"]  [403, #0]`,
    }),
  ],
] as const) {
  test(`takes no other client and no event from ${what}`, () => {
    const record = recordOf(read(line));
    assert.ok(record.client === CLIENT || record.client === undefined);
    assert.is.not(record.code, 'ModSecurity');
    assert.is(ruleFor(record), 30301);
  });
}

test('takes no other client and no event from any text of a client', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('core', 'authz_core', 'cgid', 'php', 'proxy_fcgi', 'dav', 'security2', 'lua', ''),
      fc.constantFrom('AH01630: denied: ', 'script ', 'AH01071: Got error ', 'Request body: '),
      hostileText(),
      fc.option(hostileText(), { nil: undefined }),
      fc.constantFrom(CLIENT, '2001:db8::7'),
      (module, begin, message, referer, client) => {
        const found = read(
          apacheLine({
            module,
            client,
            message: `${begin}${message}`,
            ...(referer === undefined ? {} : { referer }),
          }),
        );
        const record = recordOf(found);
        assert.ok(record.client === client || (record.client === undefined && ['lua', ''].includes(module)));
        assert.is.not(record.code, 'ModSecurity');
        assert.not.match(record.canonical, /ModSecurity:/i);
        assert.not.match(record.canonical.slice(HEAD.length), /\].*\].*\].*\]/);
      },
    ),
    { numRuns: RUNS },
  );
});

test('takes ids, paths and clients only from ModSecurity’s own text in its messages', () => {
  fc.assert(
    fc.property(
      fc.record({
        variable: hostileText(4),
        message: hostileText(3),
        data: hostileText(3),
        host: hostileText(2),
      }),
      hostileText(3).map((path) => `/${path.replaceAll('?', '')}`),
      fc.option(hostileText(4), { nil: undefined }),
      fc.option(fc.constant('awtOCDRb2l95JKnJophf7QAAAEA'), { nil: undefined }),
      fc.boolean(),
      (texts, uri, referer, uniqueId, isOld) => {
        const said = modSecurityMessage({
          ...texts,
          uri,
          id: '960017',
          ...(uniqueId === undefined ? {} : { uniqueId }),
        });
        const message = isOld ? `ModSecurity: ${said}` : `[client ${CLIENT}] ModSecurity: ${said}`;
        const parts = { module: 'security2', message, ...(referer === undefined ? {} : { referer }) };
        const record = recordOf(isOld ? readOld(oldApacheLine(parts)) : read(apacheLine(parts)));
        assert.equal([record.client, record.code], [CLIENT, 'ModSecurity']);
        assert.not.match(record.canonical, '[id "999005"]');
        assert.not.match(record.canonical, '[uri "/forged"]');
        assert.ok(record.target === undefined || record.target.startsWith('/'), record.target);
        assert.is.not(record.target, '/forged');
        assert.ok(record.uniqueId === undefined || record.uniqueId === uniqueId);
        assert.not.match(record.canonical, `[client ${THIRD}`);
      },
    ),
    { numRuns: RUNS },
  );
});

test('detects the formats by their lines', () => {
  for (const [format, line] of [
    [
      'apache-error',
      apacheLine({
        module: 'authz_core',
        message: 'AH01630: client denied by server configuration: /var/www/html/.env',
      }),
    ],
    [
      'apache22-error',
      oldApacheLine({ message: 'script not found or unable to stat: /usr/lib/cgi-bin/test.cgi' }),
    ],
    ['apache-error', `${HEAD} [mpm_event:notice] [pid 1:tid 1] AH00489: Apache/2.4.68 (Debian) configured`],
  ] as const) {
    const reader = new LogReader(OPTIONS);
    assert.is.not(reader.read(line).kind, 'unreadable');
    assert.is(reader.state.format, format);
  }
});

test.run();
