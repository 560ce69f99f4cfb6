import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadSettings } from '../../../active-response/settings/load.ts';
import { SERVER_KEYS } from '../../../active-response/settings/server-keys.ts';
import {
  loadAllSettings,
  loadServerSettings,
  SERVER_SETTINGS,
  type ServerSettings,
} from '../../../active-response/settings/server-settings.ts';
import { EX } from '../../../base/errors.ts';
import { refuses, temporaryDirectory } from '../support.ts';

const conf = join(temporaryDirectory(), 'riposte.conf');

/** The settings from a riposte.conf with this text. */
function load(text: string): ServerSettings {
  writeFileSync(conf, text);
  return loadServerSettings([conf]);
}

const DEFAULTS: ServerSettings = {
  logs: [],
  trustedProxies: [],
  sites: [],
  verifyRobots: true,
  networkAfter: 0,
  blockForCounted: [],
  answerRules: [],
  trustErrorLog: false,
  hookGroup: '',
  hookDirectory: '/run/riposte',
  maxBlocks: 100_000,
  maxImported: 1_000_000,
  metricsListen: '',
  rulesKeyFile: '',
};

/** For every setting: the text of a value other than the default, its parsed form, and a wrong text. */
const VALUES: { [N in keyof ServerSettings]: [written: string, read: ServerSettings[N], wrong: string] } = {
  logs: ['/var/log/a.log, /b=shop', ['/var/log/a.log', '/b=shop'], 'a.log'],
  trustedProxies: ['10.0.0.0/8, cloudflare', ['10.0.0.0/8', 'cloudflare'], 'cloudflair'],
  sites: ['example.org, www.example.org', ['example.org', 'www.example.org'], 'https://example.org'],
  verifyRobots: ['no', false, 'maybe'],
  networkAfter: ['5', 5, '1'],
  blockForCounted: ['10m, 1d', [600, 86_400], '10x'],
  answerRules: ['31151, 31533', ['31151', '31533'], 'web'],
  trustErrorLog: ['yes', true, 'maybe'],
  hookGroup: ['www-data', 'www-data', 'www data'],
  hookDirectory: ['/run/x', '/run/x', 'run/x'],
  maxBlocks: ['5000', 5000, '99'],
  maxImported: ['0', 0, 'many'],
  metricsListen: ['127.0.0.1:9749', '127.0.0.1:9749', '0.0.0.0:9749'],
  rulesKeyFile: ['/etc/rules.pem', '/etc/rules.pem', 'rules.pem'],
};

test('uses the defaults without a file', () => {
  assert.equal(loadServerSettings([]), DEFAULTS);
  assert.equal(load('BLOCK_FOR=1d\nMAIL_TO=root\n'), DEFAULTS);
});

for (const [name, [written, read, wrong]] of Object.entries(VALUES)) {
  const { key } = SERVER_SETTINGS[name as keyof ServerSettings];

  test(`reads ${key}, and names file, line, key and value when it is wrong`, () => {
    assert.equal(load(`${key}=${written}\n`), { ...DEFAULTS, [name]: read });
    refuses(
      () => load(`# one\n\n${key}=${wrong}\n`),
      EX.CONFIG,
      new RegExp(`^${conf}:3: ${key} is '${wrong}', but must be `),
    );
    refuses(() => load(`${key}: x\n`), EX.CONFIG, new RegExp(`^${conf}:1: '${key}: x' is not KEY=value$`));
  });

  test(`lets the scripts load their settings although ${key} is wrong`, () => {
    writeFileSync(conf, `${key}=${wrong}\nBLOCK_FOR=1d\n${key}: x\n`);
    assert.equal(loadSettings([conf], new Map()).blockFor, [86_400]);
  });
}

test('names a wrong item of a list', () => {
  refuses(
    () => load('TRUSTED_PROXIES=10.0.0.0/8, 0.0.0.0/0,cloudflare\n'),
    EX.CONFIG,
    /:1: TRUSTED_PROXIES is '.*', but must be .*\(\/8 or IPv6 \/20 at widest\).*; '0\.0\.0\.0\/0' is wrong$/,
  );
  for (const item of ['/b.log=', '/b.log =combined', '/b.log /c.log', 'b.log'])
    refuses(() => load(`LOGS=/a.log,${item}\n`), EX.CONFIG, new RegExp(`; '${item}' is wrong$`));
  assert.equal(load('LOGS=/a b.log=x, /c=d.log\n').logs, ['/a b.log=x', '/c=d.log']);
});

test('ignores an unknown key, because the settings of the responses report it', () => {
  assert.equal(load('TRUSTED_PROXY=cloudflare\n'), DEFAULTS);
  refuses(
    () => loadSettings([conf], new Map()),
    EX.CONFIG,
    /unknown key TRUSTED_PROXY; do you mean TRUSTED_PROXIES\?$/,
  );
});

test('reports a wrong line once when both tables of settings are loaded', () => {
  writeFileSync(conf, 'LOGS=x\nBLOCK_FOR=x\nNO_KEY=1\nLOGS=/a\n');
  const complaints: string[] = [];
  const settings = loadAllSettings([conf], (message) => complaints.push(message));
  assert.equal(settings.logs, ['/a']);
  assert.equal(
    complaints.map((text) => text.slice(conf.length, conf.length + 3)),
    [':3:', ':2:', ':1:'],
  );
});

test('gives the scripts the keys of all server settings', () => {
  assert.equal(
    SERVER_KEYS,
    Object.values(SERVER_SETTINGS).map(({ key }) => key),
  );
});

test.run();
