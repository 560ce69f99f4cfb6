import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { homeAt } from '../../active-response/home.ts';
import { loadSettings } from '../../active-response/settings/load.ts';
import { EX } from '../../base/errors.ts';
import { SourceGuard } from '../../evaluate/source-guard.ts';
import { refuses, temporaryDirectory } from '../active-response/support.ts';
import { PATH } from '../lab/tools.ts';

const test = suite('source guard');
const home = homeAt(temporaryDirectory());
mkdirSync(dirname(home.allowList), { recursive: true });
let now = 0;

const newGuard = (flags: [string, string][] = []) =>
  new SourceGuard({ home, settings: loadSettings([], new Map(flags)), env: { PATH } }, undefined, () => now);

test.before.each(() => writeFileSync(home.allowList, '198.51.100.7\n'));

test('has no objection to an ordinary source', () => {
  for (const source of ['203.0.113.9', '2001:db8:bbbb::9', '::ffff:203.0.113.9'])
    assert.is(newGuard().objection({ address: source, time: 0 }), undefined, source);
});

for (const [source, word, reason] of [
  ['host.example', 'refused', "'host.example' is not an IP address"],
  ['-', 'refused', "'-' is not an IP address"],
  ['', 'refused', 'no address was given'],
  ['203.0.113.0/24', 'refused', "'203.0.113.0/24' is a prefix"],
  ['0.0.0.0', 'refused', "'0.0.0.0' is not a host"],
  ['0.1.2.3', 'refused', "'0.1.2.3' is not a host"],
  ['::', 'refused', "'::' is not a host"],
  ['127.0.0.1', 'held', 'loopback'],
  ['::1', 'held', 'loopback'],
  ['169.254.0.9', 'held', 'link-local'],
  ['224.0.0.1', 'held', 'multicast or broadcast'],
  ['255.255.255.255', 'held', 'multicast or broadcast'],
  ['198.51.100.7', 'held', 'in the allow list'],
  ['173.245.48.9', 'held', 'it is a proxy of cloudflare'],
] as const)
  test(`says that ${source || 'nothing'} is ${word}: ${reason}`, () => {
    const objection = newGuard().objection({ address: source, time: 0 });
    assert.is(objection?.word, word);
    assert.ok(objection?.reason.startsWith(reason), objection?.reason);
  });

test('holds private addresses unless ALLOW_PRIVATE is no', () => {
  for (const source of [
    '10.1.2.3',
    '172.31.9.9',
    '192.168.77.1',
    '100.64.0.9',
    'fd00::77',
    '::ffff:10.1.2.3',
  ]) {
    assert.match(
      newGuard().objection({ address: source, time: 0 })?.reason ?? '',
      /^private \(ALLOW_PRIVATE\) /,
      source,
    );
    assert.is(newGuard([['allow-private', 'no']]).objection({ address: source, time: 0 }), undefined, source);
  }
  for (const source of ['203.0.113.99', '198.18.0.1', '2001:db8::1'])
    assert.is(newGuard().objection({ address: source, time: 0 }), undefined, source);
});

test('held() leaves addresses in the allow list to the guard of the scripts, and holds proxies of CDNs', () => {
  assert.is(newGuard().held({ address: '198.51.100.7', time: 0 }), undefined);
  assert.is(newGuard().held({ address: '173.245.48.9', time: 0 })?.word, 'held');
});

test('holds an address from which a user is logged in, until the session ends', () => {
  const root = temporaryDirectory();
  const file = join(root, 'run/systemd/sessions/1');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, 'STATE=active\nREMOTE_HOST=203.0.113.9\n');
  const guard = new SourceGuard(
    { home, settings: loadSettings([], new Map()), env: { PATH } },
    undefined,
    () => now,
    root,
  );
  const reason = 'a user is logged in to this host from this address';
  assert.equal(guard.held({ address: '203.0.113.9', time: 0 }), { word: 'held', reason });
  assert.is(guard.held({ address: '203.0.113.8', time: 0 }), undefined);
  writeFileSync(file, 'STATE=closing\nREMOTE_HOST=203.0.113.9\n');
  now += 60_000;
  assert.is(guard.held({ address: '203.0.113.9', time: 0 }), undefined);
});

test('holds a source while many clients share it', () => {
  const guard = newGuard();
  for (let i = 0; i < 1100; i++) {
    const record = { userAgent: `Client/${i % 20}`, status: '200' };
    guard.shared.note('203.0.113.9', record, i * 4, 0);
  }
  assert.match(
    guard.held({ address: '203.0.113.9', time: 4400 })?.reason ?? '',
    /many visitors come through it.*; if it is your proxy, set TRUSTED_PROXIES=203\.0\.113\.9$/,
  );
  assert.is(guard.held({ address: '203.0.113.9', time: 40 * 3600 }), undefined);
});

test('reads the allow list again after a while', () => {
  const guard = newGuard();
  assert.is(guard.objection({ address: '203.0.113.9', time: 0 }), undefined);
  writeFileSync(home.allowList, '203.0.113.9\n');
  now += 60_000;
  assert.is(guard.objection({ address: '203.0.113.9', time: 0 })?.reason, 'in the allow list');
});

test('throws when the allow list has an invalid line, even after a valid list was read', () => {
  const guard = newGuard();
  guard.check();
  writeFileSync(home.allowList, 'the office\n');
  now += 60_000;
  refuses(
    () => guard.objection({ address: '203.0.113.9', time: 0 }),
    EX.CONFIG,
    /riposte\.allow:1: 'the office' is not/,
  );
  refuses(() => newGuard().check(), EX.CONFIG, /riposte\.allow:1: 'the office' is not/);
});

test('holds only addresses in the built-in ranges when there is no installation', () => {
  const guard = new SourceGuard({ home: undefined, settings: loadSettings([], new Map()), env: { PATH } });
  assert.is(guard.objection({ address: '127.0.0.1', time: 0 })?.word, 'held');
  assert.is(guard.objection({ address: '198.51.100.7', time: 0 }), undefined);
});

test.run();
