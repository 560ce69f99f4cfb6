import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { flavours } from '../../../../active-response/backend/apache/flavours.ts';
import { APACHE_SETTINGS } from '../../../../active-response/backend/apache/settings.ts';
import { homeAt } from '../../../../active-response/home.ts';
import type { ValuesOf } from '../../../../active-response/settings/settings.ts';
import { parseTarget } from '../../../../base/address.ts';
import { dryExecutor } from '../../../../base/execute.ts';
import { settingsWith, temporaryDirectory } from '../../support.ts';

const home = homeAt(temporaryDirectory());

/** The output of a block in a dry run. */
function rehearsal(flavour: string, some: Partial<ValuesOf<typeof APACHE_SETTINGS>> = {}): string[] {
  const said: string[] = [];
  const change = { verb: 'block', known: false, address: parseTarget('203.0.113.9') } as const;
  flavours[flavour]?.(settingsWith(some), home).apply(
    change,
    dryExecutor(1, {}, (line) => said.push(line)),
  );
  return said;
}

test('has every configurable flavour, under its own name', () => {
  assert.equal(Object.keys(flavours), ['map', 'apache24', 'apache22']);
  for (const [name, flavour] of Object.entries(flavours)) {
    assert.is(APACHE_SETTINGS.apacheDeny.parse(name), name);
    assert.is(flavour(settingsWith(), home).name, name);
  }
});

test('gives each flavour a file of its own in the home', () => {
  assert.equal(rehearsal('map'), [`would append '203.0.113.9 deny' to ${join(home.apache, 'deny.map')}`]);
  assert.is(
    rehearsal('apache24')[0],
    `would write ${join(home.apache, 'deny.apache24.conf')} with 'Require not ip 203.0.113.9'`,
  );
  assert.is(
    rehearsal('apache22')[0],
    `would write ${join(home.apache, 'deny.apache22.conf')} with 'Deny from 203.0.113.9'`,
  );
});

test('uses APACHE_FILE when it is set', () => {
  const apacheFile = '/srv/deny';
  assert.equal(rehearsal('map', { apacheFile }), ["would append '203.0.113.9 deny' to /srv/deny"]);
  assert.is(
    rehearsal('apache24', { apacheFile })[0],
    "would write /srv/deny with 'Require not ip 203.0.113.9'",
  );
});

test('checks before it reloads, and does not reload without a command', () => {
  const commands = { apacheCheck: ['/bin/check', '-t'], apacheReload: ['/bin/reload'] };
  assert.equal(rehearsal('apache24', commands).slice(1), [
    'would run: /bin/check -t',
    'would run: /bin/reload',
  ]);
  assert.equal(rehearsal('apache22', { ...commands, apacheReload: [] }).slice(1), [
    'would run: /bin/check -t',
  ]);
});

test.run();
