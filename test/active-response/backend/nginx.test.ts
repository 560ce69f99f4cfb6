import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nginxGeo } from '../../../active-response/backend/nginx.ts';
import { parseTarget } from '../../../base/address.ts';
import { realExecutor } from '../../../base/execute.ts';
import { directoryOfPrograms, temporaryDirectory } from '../support.ts';

const HEADER =
  '# Addresses that nginx denies (geo, see nginx.conf.d/deny-geo.conf). Riposte makes this file anew.\n';

/** A file, a ledger, and a program in place of nginx, which counts its runs. */
function scene(text = '') {
  const directory = temporaryDirectory();
  const file = join(directory, 'deny.geo');
  writeFileSync(file, text);
  const programs = directoryOfPrograms({ nginx: `echo $1 >> ${directory}/ran` });
  const ledger = new Set<string>();
  const nginx = join(programs, 'nginx');
  const backend = nginxGeo(file, () => ledger, { check: [nginx, '-t'], reload: [nginx, '-s'] });
  const executor = realExecutor(20, { PATH: '/usr/bin:/bin' });
  return {
    file,
    backend,
    executor,
    unfinished: join(directory, '.deny.geo.unfinished'),
    block(address: string) {
      ledger.add(address);
      backend.apply({ verb: 'block', known: false, address: parseTarget(address) }, executor);
    },
    /** Makes the last reload this many seconds old. */
    age(seconds: number) {
      const time = Date.now() / 1000 - seconds;
      utimesSync(file, time, time);
    },
    ran: () => (existsSync(join(directory, 'ran')) ? readFileSync(join(directory, 'ran'), 'utf8') : ''),
  };
}

test('writes a key of geo for each address and prefix, and lists them', () => {
  const it = scene();
  it.block('203.0.113.9');
  it.age(3);
  it.block('2001:db8::/48');
  assert.is(readFileSync(it.file, 'utf8'), `${HEADER}2001:db8::/48 1;\n203.0.113.9 1;\n`);
  assert.equal([...it.backend.list(it.executor).keys()], ['2001:db8::/48', '203.0.113.9']);
  assert.is(it.ran(), '-t\n-s\n-t\n-s\n');
});

test('asks for a pause only when the last reload was less than two seconds ago', () => {
  const it = scene();
  assert.is(it.backend.pause?.(), 0, 'no pause before the first address');
  it.block('203.0.113.9');
  const pause = it.backend.pause?.() ?? 0;
  assert.ok(pause <= 2000, `${pause}`);
  it.age(2.5);
  assert.is(it.backend.pause?.(), 0);
  it.age(-3600);
  assert.is(it.backend.pause?.(), 0, 'the clock was set back');
});

test('reloads in tidy when a process was killed before it had reloaded', () => {
  const it = scene(`${HEADER}203.0.113.9 1;\n`);
  it.age(3);
  assert.equal(it.backend.tidy?.(it.executor), []);
  writeFileSync(it.unfinished, '4711\n');
  assert.equal(it.backend.tidy?.(it.executor), [
    `checked and reloaded ${it.file}, because an earlier process was killed before it did`,
  ]);
  assert.is(it.ran(), '-t\n-s\n');
  assert.not.ok(existsSync(it.unfinished));
});

test.run();
