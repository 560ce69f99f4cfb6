import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EX } from '../../../active-response/errors.ts';
import { loadSettings } from '../../../active-response/settings/load.ts';
import { flagOf, SETTINGS, type Settings } from '../../../active-response/settings/settings.ts';
import { refuses, temporaryDirectory } from '../support.ts';

const directory = temporaryDirectory();
const conf = join(directory, 'riposte.conf');
const NO_FLAGS = new Map<string, string>();

/** The settings of a riposte.conf with this text. */
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
  allowPrivate: false,
  logs: [],
  hookGroup: '',
  hookDirectory: '/run/riposte',
  metricsListen: '',
  commandTimeout: 20,
};

/** For every setting: another value, as it is written and as it is read, and one that is wrong. */
const VALUES: { [N in keyof Settings]: [written: string, read: Settings[N], wrong: string] } = {
  backend: ['ipset', 'ipset', 'iptables'],
  action: ['reject', 'reject', 'tarpit'],
  ports: ['80,8000-8100', ['80', '8000-8100'], '80,http'],
  routeType: ['blackhole', 'blackhole', 'black hole'],
  apacheDeny: ['apache24', 'apache24', 'nginx'],
  apacheFile: ['/srv/deny.conf', '/srv/deny.conf', 'deny.conf'],
  apacheCheck: ['/bin/true -x', ['/bin/true', '-x'], 'true'],
  apacheReload: ['/bin/true', ['/bin/true'], 'apachectl graceful'],
  blockFor: ['1d,7d', [86_400, 604_800], '1d,forever'],
  severeLevel: ['10', 10, '17'],
  severeRules: ['31106', ['31106'], 'web'],
  allowPrivate: ['yes', true, 'maybe'],
  logs: ['/var/log/a.log, /b', ['/var/log/a.log', '/b'], 'a.log'],
  hookGroup: ['www-data', 'www-data', 'www data'],
  hookDirectory: ['/run/x', '/run/x', 'run/x'],
  metricsListen: ['127.0.0.1:9749', '127.0.0.1:9749', '0.0.0.0:9749'],
  commandTimeout: ['5s', 5, '0'],
};

test('without a file and flags everything is at its default', () => {
  assert.equal(loadSettings([join(directory, 'none')], NO_FLAGS), DEFAULTS);
  assert.equal(loadSettings([], NO_FLAGS), DEFAULTS);
  assert.equal(load(''), DEFAULTS);
});

for (const [name, [written, read, wrong]] of Object.entries(VALUES)) {
  const key = SETTINGS[name as keyof Settings].key;
  const flag = flagOf(name);

  test(`${key} is read from the file, and --${flag} from the command line`, () => {
    const expected = { ...DEFAULTS, [name]: read };
    assert.equal(load(`${key}=${written}\n`), expected);
    assert.equal(load('', { [flag]: written }), expected);
  });

  test(`--${flag} comes before ${key}`, () => {
    const fallback = SETTINGS[name as keyof Settings].fallback;
    assert.equal(load(`${key}=${fallback}\n`, { [flag]: written })[name as keyof Settings], read);
    assert.equal(load(`${key}=${written}\n`, { [flag]: fallback }), DEFAULTS);
  });

  test(`a bad ${key} names file, line, key and value; a bad --${flag} the flag`, () => {
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

test('an unknown key is an error naming file, line and key', () => {
  refuses(
    () => load('BLOCK_FOR=1d\nBLOCKFOR=1d\n'),
    EX.CONFIG,
    new RegExp(`^${conf}:2: unknown key BLOCKFOR$`),
  );
  for (const key of ['block_for', '__proto__', 'constructor', 'blockFor'])
    refuses(() => load(`${key}=1d\n`), EX.CONFIG, new RegExp(`^${conf}:1: unknown key ${key}$`));
});

test('a line that is no KEY=value is an error naming file and line', () => {
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

test('an unknown flag is a wrong usage', () => {
  for (const flag of ['blockfor', 'block_for', 'BLOCK_FOR', '__proto__', 'constructor', 'rm'])
    refuses(() => load('', { [flag]: '1d' }), EX.USAGE, new RegExp(`^unknown option --${flag} `));
});

test('comments, empty lines, quotes and spaces are as in an environment file', () => {
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

test('a file with the line ends of Windows reads the same', () => {
  const text =
    '# comment\r\nBLOCK_FOR="1d,7d"\r\n\r\nFIREWALL_PORTS=80\r\nAPACHE_RELOAD=\r\nALLOW_PRIVATE=yes\r\n';
  assert.equal(load(text), {
    ...DEFAULTS,
    blockFor: [86_400, 604_800],
    ports: ['80'],
    apacheReload: [],
    allowPrivate: true,
  });
});

test('in a file with the line ends of Windows errors have the right line', () => {
  refuses(
    () => load('# one\r\n\r\nBLOCK_FOR=x\r\n'),
    EX.CONFIG,
    new RegExp(`^${conf}:3: BLOCK_FOR is 'x', but must be `),
  );
});

test('a file without a newline at its end reads the same', () => {
  assert.equal(load('BLOCK_FOR=1h').blockFor, [3600]);
});

test('of a key that stands twice the last counts', () => {
  assert.equal(load('BLOCK_FOR=1h\nBLOCK_FOR=2h\n').blockFor, [7200]);
});

test('a line of spaces and a comment behind spaces take no setting along', () => {
  for (const line of ['   ', '\t', '  # indented'])
    assert.equal(
      load(`FIREWALL_ACTION=reject\n${line}\nBLOCK_FOR=1d\n`).blockFor,
      [86_400],
      JSON.stringify(line),
    );
});

test('a line that begins with spaces or a tab is read like others', () => {
  for (const indent of ['  ', '\t'])
    assert.equal(
      load(`FIREWALL_ACTION=reject\n${indent}BLOCK_FOR=1d\n`).blockFor,
      [86_400],
      JSON.stringify(indent),
    );
});

test('a quote that does not end on its line is an error, and takes no other line along', () => {
  const isRefused = (text: string) =>
    refuses(() => load(text), EX.CONFIG, new RegExp(`^${conf}:1: \\w+ is '"`));
  isRefused('APACHE_FILE="/srv/deny.map\nBLOCK_FOR="1d"\n');
  isRefused('BLOCK_FOR="1d\n');
  isRefused('BLOCK_FOR="1d');
});

test('the first file that exists counts, and no other', () => {
  const second = join(directory, 'second.conf');
  writeFileSync(conf, 'FIREWALL_ACTION=reject\n');
  writeFileSync(second, 'BLOCK_FOR=1d\nFIREWALL_ACTION=drop\n');
  assert.equal(loadSettings([conf, second], NO_FLAGS), { ...DEFAULTS, action: 'reject' });
  assert.equal(loadSettings([join(directory, 'none'), second], NO_FLAGS), {
    ...DEFAULTS,
    blockFor: [86_400],
  });
});

test('a file that cannot be read is an error, not a default', () => {
  const unreadable = join(directory, 'directory.conf');
  mkdirSync(unreadable);
  refuses(() => loadSettings([unreadable], NO_FLAGS), EX.IOERR, /^cannot read \/.*directory\.conf: /);
});

test('a bad value is quoted on one printable line', () => {
  refuses(
    () => load('', { action: `a\nb${'x'.repeat(5000)}` }),
    EX.USAGE,
    /^--action is 'a\\u000abx{50,80}…', but must be drop or reject$/,
  );
});

test('what is only to be undone is not held up by a wrong line: it is told of, and does not count', () => {
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

test.run();
