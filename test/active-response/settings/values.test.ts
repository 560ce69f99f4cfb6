import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  blockTimes,
  command,
  ipv6PrefixLength,
  level,
  logSources,
  oneOf,
  path,
  ports,
  proxies,
  ruleIds,
  seconds,
  yesOrNo,
} from '../../../active-response/settings/values.ts';

/** Names that every object inherits: a parser that looks up words in a table must not accept them. */
const INHERITED = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'];

function rejects(parse: (text: string) => unknown, ...texts: string[]): void {
  for (const text of [...texts, ...INHERITED]) assert.is(parse(text), undefined, JSON.stringify(text));
}

test('reads proxies as addresses, prefixes that are not too wide, and names of CDNs', () => {
  const texts = [
    'cloudflare',
    'fastly',
    'cloudfront',
    '203.0.113.7',
    '10.0.0.0/8',
    '2001:db8::7',
    '2a00::/20',
    'fd00::/8',
    'fc00::/7',
    '::ffff:203.0.113.7',
  ];
  assert.equal(proxies(texts.join(', ')), texts);
  assert.equal(proxies(''), []);
  rejects(
    proxies,
    'cloudflair',
    'Cloudflare',
    'proxy.example',
    '0.0.0.0/0',
    '10.0.0.0/7',
    '::/0',
    'fc00::/6',
    '2a00::/19',
    'fe80::1%eth0',
    '203.0.113.7/33',
    '203.0.113.7:80',
    '10.0.0.1,',
    '10.0.0.1 10.0.0.2',
  );
});

test('reads the length of an IPv6 network that can be blocked, and refuses 0 and lengths below 32', () => {
  for (const [text, value] of [
    ['', 0],
    ['32', 32],
    ['64', 64],
    ['128', 128],
  ] as const)
    assert.is(ipv6PrefixLength(text), value, text);
  rejects(
    ipv6PrefixLength,
    '0',
    '00',
    '000',
    '1',
    '31',
    '031',
    '064',
    '129',
    '-64',
    '64.0',
    '/64',
    '6 4',
    '1e2',
  );
});

test('reads times with units, and seconds without a unit', () => {
  for (const [text, value] of [
    ['600', 600],
    ['90s', 90],
    ['10m', 600],
    ['2h', 7200],
    ['1d', 86_400],
    ['1w', 604_800],
    ['1', 1],
    ['3650d', 315_360_000],
  ] as const)
    assert.is(seconds(text), value, text);
});

test('refuses zero, negative times, and times of more than ten years', () => {
  rejects(
    seconds,
    '',
    '0',
    '0d',
    '-1',
    '3651d',
    '999999999w',
    '9999999999',
    '1.5h',
    '1e3',
    '0x10',
    ' 1',
    '1 ',
    '1D',
    '1y',
    '1d2h',
    'd',
    '1d\n',
    '１',
  );
});

test('keeps the order of times, and reads an empty text as an empty list', () => {
  assert.equal(blockTimes('1d,7d'), [86_400, 604_800]);
  assert.equal(blockTimes(' 60 , 1h '), [60, 3600]);
  assert.equal(blockTimes('1d,forever'), [86_400, Number.POSITIVE_INFINITY]);
  assert.equal(blockTimes(''), []);
  assert.equal(blockTimes('  '), []);
});

test('refuses a list with a bad or empty item', () => {
  rejects(blockTimes, '1d,', ',1d', '1d,,7d', '1d;7d', '1d 7d', '1d,x', ',');
});

test('reads ports as numbers and ranges', () => {
  assert.equal(ports('80,25,110'), ['80', '25', '110']);
  assert.equal(ports('443, 8000-8100'), ['443', '8000-8100']);
  assert.equal(ports('1-65535'), ['1-65535']);
  assert.equal(ports('80-80'), ['80-80']);
  assert.equal(ports(''), []);
});

test('refuses an invalid port', () => {
  rejects(
    ports,
    '0',
    '65536',
    '99999',
    '-1',
    '80-',
    '-80',
    '81-80',
    '80-65536',
    '0-80',
    '80:90',
    'http',
    '80 ,, 81',
    '80;drop',
    '80 }',
    '1-2-3',
    '+80',
    '8e1',
    '80\n81',
  );
});

test('refuses a port with leading zeros: nft reads 025 as octal, port 21', () => {
  rejects(ports, '025', '0080', '8000-08100', '010-020');
});

test('reads rule ids as numbers', () => {
  assert.equal(ruleIds('31106, 117010'), ['31106', '117010']);
  assert.equal(ruleIds(''), []);
  rejects(ruleIds, '31106,', 'web', '-1', '123456789', '1.5', '31106 31151');
});

test('accepts levels from 0 to 16, and the words of Wazuh 5', () => {
  assert.is(level('0'), 0);
  assert.is(level('16'), 16);
  assert.equal(['low', 'Medium', 'high', 'critical'].map(level), [5, 9, 12, 15]);
  rejects(level, '', '17', '-1', '1.5', '012', ' 1');
});

test('reads yes as true and no as false, and refuses everything else', () => {
  assert.is(yesOrNo('yes'), true);
  assert.is(yesOrNo('no'), false);
  for (const text of ['', 'Yes', 'true', '1', 'on', 'y']) assert.is(yesOrNo(text), undefined, text);
});

test('accepts no name of an inherited property as yes or no', () => {
  for (const text of INHERITED) assert.is(yesOrNo(text), undefined, text);
});

test('accepts exactly one of a few words', () => {
  const parse = oneOf('drop', 'reject');
  assert.is(parse('drop'), 'drop');
  assert.is(parse('reject'), 'reject');
  rejects(parse, '', 'DROP', 'drop ', 'dropreject');
});

test('reads files as absolute paths, or none', () => {
  assert.is(path('/etc/deny.map'), '/etc/deny.map');
  assert.is(path(''), '');
  rejects(path, 'deny.map', './deny.map', '~/deny.map', ' /deny.map');
});

test('reads logs as absolute paths, patterns and units, each optionally with a format', () => {
  const texts = [
    '/var/log/a.log',
    '/srv/*/log?/x',
    '/a=combined',
    'journal:nginx',
    'journal:a@b.service=docker:x',
  ];
  assert.equal(logSources(texts.join(', ')), texts);
  assert.equal(logSources(''), []);
  rejects(
    logSources,
    'a.log',
    '/a,',
    'journal:',
    'journal:-u',
    'journal:a b',
    'journal:a/b',
    'journal:a=',
    'syslog:a',
  );
});

test('reads programs as absolute paths with arguments split at spaces, without a shell', () => {
  assert.equal(command('/usr/sbin/apachectl configtest'), ['/usr/sbin/apachectl', 'configtest']);
  assert.equal(command('  /bin/a   b  '), ['/bin/a', 'b']);
  assert.equal(command('/bin/a "b c" $(id)'), ['/bin/a', '"b', 'c"', '$(id)']);
  assert.equal(command(''), []);
  rejects(command, 'apachectl configtest', './apachectl', 'sh -c /bin/a');
});

test.run();
