import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { APACHE_SETTINGS } from '../../../active-response/backend/apache/settings.ts';
import { loadSettings as loadAll } from '../../../active-response/settings/load.ts';
import { flagOf, SETTINGS, type ValuesOf } from '../../../active-response/settings/settings.ts';
import { EX } from '../../../base/errors.ts';
import { refuses, temporaryDirectory } from '../support.ts';

const directory = temporaryDirectory();
const conf = join(directory, 'riposte.conf');
const NO_FLAGS = new Map<string, string>();

/** The settings that apache-deny loads: those of all responses, and its own. */
const ALL = { ...SETTINGS, ...APACHE_SETTINGS };
type Settings = ValuesOf<typeof ALL>;

const loadSettings = (
  files: readonly string[],
  flags: ReadonlyMap<string, string>,
  ignore?: (message: string) => void,
) => loadAll(files, flags, ignore, APACHE_SETTINGS) as Settings;

/** The settings from a riposte.conf with this text. */
function load(text: string, flags: Record<string, string> = {}): Settings {
  writeFileSync(conf, text);
  return loadSettings([conf], new Map(Object.entries(flags)));
}

const DEFAULTS: Settings = {
  backend: 'auto',
  action: 'drop',
  ports: [],
  routeType: 'unreachable',
  apacheDeny: 'map',
  apacheFile: '',
  apacheCheck: ['/usr/sbin/apachectl', 'configtest'],
  apacheReload: ['/usr/sbin/apachectl', 'graceful'],
  blockFor: [],
  severeLevel: 12,
  severeRules: [],
  releaseOnStop: true,
  ipv6Prefix: 0,
  allowPrivate: 'auto',
  commandTimeout: 20,
};

/** For every setting: the text of a value other than the default, its parsed form, and a wrong text. */
const VALUES: { [N in keyof Settings]: [written: string, read: Settings[N], wrong: string] } = {
  backend: ['ipset', 'ipset', 'iptables'],
  action: ['reject', 'reject', 'tarpit'],
  ports: ['80,8000-8100', ['80', '8000-8100'], '80,http'],
  routeType: ['blackhole', 'blackhole', 'black hole'],
  apacheDeny: ['apache24', 'apache24', 'nginx'],
  apacheFile: ['/srv/deny.conf', '/srv/deny.conf', 'deny.conf'],
  apacheCheck: ['/bin/true -x', ['/bin/true', '-x'], 'true'],
  apacheReload: ['/bin/true', ['/bin/true'], 'apachectl graceful'],
  blockFor: ['1d,forever', [86_400, Number.POSITIVE_INFINITY], '1d,never'],
  severeLevel: ['High', 12, 'severe'],
  severeRules: [
    '31106,5AF54681-df95-4c26-854f-2565e13cfab0',
    ['31106', '5af54681-df95-4c26-854f-2565e13cfab0'],
    '5af54681-df95',
  ],
  releaseOnStop: ['no', false, 'never'],
  ipv6Prefix: ['56', 56, '31'],
  allowPrivate: ['yes', 'yes', 'maybe'],
  commandTimeout: ['5s', 5, '0'],
};

test('uses the defaults without a file and flags', () => {
  assert.equal(loadSettings([join(directory, 'none')], NO_FLAGS), DEFAULTS);
  assert.equal(loadSettings([], NO_FLAGS), DEFAULTS);
  assert.equal(load(''), DEFAULTS);
});

for (const [name, [written, read, wrong]] of Object.entries(VALUES)) {
  const key = ALL[name as keyof Settings].key;
  const flag = flagOf(name);

  test(`reads ${key} from the file, and --${flag} from the command line`, () => {
    const expected = { ...DEFAULTS, [name]: read };
    assert.equal(load(`${key}=${written}\n`), expected);
    assert.equal(load('', { [flag]: written }), expected);
  });

  test(`prefers --${flag} to ${key}`, () => {
    const fallback = ALL[name as keyof Settings].fallback;
    assert.equal(load(`${key}=${fallback}\n`, { [flag]: written })[name as keyof Settings], read);
    assert.equal(load(`${key}=${written}\n`, { [flag]: fallback }), DEFAULTS);
  });

  test(`names file, line, key and value of a bad ${key}, and the flag of a bad --${flag}`, () => {
    refuses(
      () => load(`# one\n\n${key}=${wrong}\n`),
      EX.CONFIG,
      new RegExp(`^${conf}:3: ${key} is '${wrong}', but must be `),
    );
    refuses(
      () => load('', { [flag]: wrong }),
      EX.USAGE,
      new RegExp(`^--${flag} is '${wrong}', but must be `),
    );
  });
}

test('names file, line and key of an unknown key', () => {
  refuses(
    () => load('BLOCK_FOR=1d\nBLOCKFOR=1d\n'),
    EX.CONFIG,
    new RegExp(`^${conf}:2: unknown key BLOCKFOR$`),
  );
  for (const key of ['block_for', '__proto__', 'constructor', 'blockFor'])
    refuses(() => load(`${key}=1d\n`), EX.CONFIG, new RegExp(`^${conf}:1: unknown key ${key}$`));
});

test('names file and line of a line that is not KEY=value', () => {
  for (const line of [
    'BLOCK_FOR',
    'BLOCK_FOR: 1d',
    'block for=1d',
    '=1d',
    'export BLOCK_FOR=1d',
    '\u001b[2J',
  ])
    refuses(() => load(`\n${line}\n`), EX.CONFIG, new RegExp(`^${conf}:2: '.*' is not KEY=value$`));
});

test('refuses an unknown flag', () => {
  for (const flag of ['blockfor', 'block_for', 'BLOCK_FOR', '__proto__', 'constructor', 'rm'])
    refuses(() => load('', { [flag]: '1d' }), EX.USAGE, new RegExp(`^unknown option --${flag} `));
});

test('reads comments, empty lines, quotes and spaces as in an environment file', () => {
  const text = `
# a comment
FIREWALL_ACTION = reject
FIREWALL_PORTS="80,443"   # web
BLOCK_FOR='1d, 7d'
APACHE_RELOAD=
`;
  assert.equal(load(text), {
    ...DEFAULTS,
    action: 'reject',
    ports: ['80', '443'],
    blockFor: [86_400, 604_800],
    apacheReload: [],
  });
});

test('reads a file with CRLF in the same way', () => {
  const text =
    '# comment\r\nBLOCK_FOR="1d,7d"\r\n\r\nFIREWALL_PORTS=80\r\nAPACHE_RELOAD=\r\nALLOW_PRIVATE=yes\r\n';
  assert.equal(load(text), {
    ...DEFAULTS,
    blockFor: [86_400, 604_800],
    ports: ['80'],
    apacheReload: [],
    allowPrivate: 'yes',
  });
});

test('counts lines correctly in a file with CRLF', () => {
  refuses(
    () => load('# one\r\n\r\nBLOCK_FOR=x\r\n'),
    EX.CONFIG,
    new RegExp(`^${conf}:3: BLOCK_FOR is 'x', but must be `),
  );
});

test('reads a file without a final newline in the same way', () => {
  assert.equal(load('BLOCK_FOR=1h').blockFor, [3600]);
});

test('uses the last of repeated keys', () => {
  assert.equal(load('BLOCK_FOR=1h\nBLOCK_FOR=2h\n').blockFor, [7200]);
});

test('reads the setting after a line of spaces, and after an indented comment', () => {
  for (const line of ['   ', '\t', '  # indented'])
    assert.equal(
      load(`FIREWALL_ACTION=reject\n${line}\nBLOCK_FOR=1d\n`).blockFor,
      [86_400],
      JSON.stringify(line),
    );
});

test('reads a line that begins with spaces or a tab', () => {
  for (const indent of ['  ', '\t'])
    assert.equal(
      load(`FIREWALL_ACTION=reject\n${indent}BLOCK_FOR=1d\n`).blockFor,
      [86_400],
      JSON.stringify(indent),
    );
});

test('suggests the setting whose name begins like an unknown key', () => {
  refuses(
    () => load('TRUSTED_PROXY=cloudflare\n'),
    EX.CONFIG,
    /unknown key TRUSTED_PROXY; do you mean TRUSTED_PROXIES\?$/,
  );
  refuses(
    () => load('LOG_FORMAT=apache:%h\n'),
    EX.CONFIG,
    /LOG_FORMAT; set your own format by LOG_FORMAT_NAME=/,
  );
});

test('refuses an unclosed quote, and reads the other lines', () => {
  const isRefused = (text: string) =>
    refuses(() => load(text), EX.CONFIG, new RegExp(`^${conf}:1: \\w+ is '"`));
  isRefused('APACHE_FILE="/srv/deny.map\nBLOCK_FOR="1d"\n');
  isRefused('BLOCK_FOR="1d\n');
  isRefused('BLOCK_FOR="1d');
});

test('ignores LOG_FORMAT_… lines, whatever their value contains', () => {
  const text = `LOG_FORMAT_shop=apache:%h %l %u %t "%r" %>s # %b\nLOG_FORMAT_my-2 = 'nginx:$remote_addr'\nBLOCK_FOR=1d\n`;
  assert.equal(load(text), { ...DEFAULTS, blockFor: [86_400] });
});

test('names file and line of a LOG_FORMAT_ line without a valid name', () => {
  refuses(
    () => load('LOG_FORMAT_=apache:%h\n'),
    EX.CONFIG,
    /:1: unknown key LOG_FORMAT_; set your own format by LOG_FORMAT_NAME=apache:… or nginx:…$/,
  );
  refuses(() => load('LOG_FORMAT_a b=apache:%h\n'), EX.CONFIG, /:1: '.*' is not KEY=value$/);
});

test('reads only the first file that exists', () => {
  const second = join(directory, 'second.conf');
  writeFileSync(conf, 'FIREWALL_ACTION=reject\n');
  writeFileSync(second, 'BLOCK_FOR=1d\nFIREWALL_ACTION=drop\n');
  assert.equal(loadSettings([conf, second], NO_FLAGS), { ...DEFAULTS, action: 'reject' });
  assert.equal(loadSettings([join(directory, 'none'), second], NO_FLAGS), {
    ...DEFAULTS,
    blockFor: [86_400],
  });
});

test('throws an error when a file cannot be read, and does not use defaults', () => {
  const unreadable = join(directory, 'directory.conf');
  mkdirSync(unreadable);
  refuses(() => loadSettings([unreadable], NO_FLAGS), EX.IOERR, /^cannot read \/.*directory\.conf: /);
});

test('quotes a bad value on one printable line', () => {
  refuses(
    () => load('', { action: `a\nb${'x'.repeat(5000)}` }),
    EX.USAGE,
    /^--action is 'a\\u000abx{50,80}…', but must be drop or reject$/,
  );
});

test('warns of a wrong line, and throws no error, when the caller passes a function for warnings', () => {
  const conf = join(temporaryDirectory(), 'riposte.conf');
  writeFileSync(conf, 'BLOKC_FOR=1d\nFIREWALL_PORTS=http\nno key\nFIREWALL_ACTION=reject\n');
  const told: string[] = [];
  const settings = loadSettings([conf], new Map(), (message) => told.push(message));
  assert.is(settings.action, 'reject');
  assert.equal(settings.ports, []);
  assert.equal(
    told.map((message) => message.slice(conf.length)),
    [
      ':1: unknown key BLOKC_FOR',
      ":3: 'no key' is not KEY=value",
      ":2: FIREWALL_PORTS is 'http', but must be ports and ranges such as 80,443,8000-8100",
    ],
  );
});

test('skips the settings of other responses, even when they are wrong', () => {
  writeFileSync(conf, 'APACHE_DENY=wrong\nNGINX_FIEL=/x\nBLOCK_FOR=1d\n');
  assert.equal(loadAll([conf], NO_FLAGS).blockFor, [86_400]);
  refuses(() => loadSettings([conf], NO_FLAGS), EX.CONFIG, /:1: APACHE_DENY is 'wrong'/);
});

test.run();
