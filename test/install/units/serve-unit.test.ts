import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UNIT, unitText } from '../../../install/units/serve-unit.ts';
import { missing } from '../../lab/tools.ts';

const test = suite('unit');
const hasSystemd = missing('systemd-analyze').length === 0;
const directory = mkdtempSync(join(tmpdir(), 'riposte-unit-'));
test.after(() => rmSync(directory, { recursive: true }));

const PATHS = { node: process.execPath, program: join(directory, 'riposte'), home: '/var/lib/riposte' };
const setting = (text: string, key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1];

/** Runs systemd-analyze on the unit. @returns its exit code, its output, and its complaints about the unit */
async function analyze(text: string, ...verb: string[]) {
  const file = join(directory, UNIT);
  writeFileSync(file, text);
  writeFileSync(PATHS.program, '#!/bin/sh\n', { mode: 0o755 });
  const { all, exitCode } = await execa('systemd-analyze', [...verb, file], { all: true, reject: false });
  return { exitCode, about: all.split('\n').filter((line) => line.includes(UNIT)), all };
}

test('runs the server of its home, lets the server write only its own files, and grants only needed capabilities', () => {
  const text = unitText({ ...PATHS, home: '/var/ossec', writes: ['/srv/apache'] });
  assert.is(setting(text, 'ExecStart'), `${process.execPath} ${PATHS.program} serve --home /var/ossec`);
  assert.is(setting(text, 'ReadWritePaths'), '/run -/var/ossec/var/riposte -/var/ossec/logs -/srv/apache');
  assert.is(setting(text, 'ProtectSystem'), 'strict');
  assert.is(setting(text, 'NoNewPrivileges'), 'yes');
  assert.is(setting(text, 'Type'), 'notify');
  assert.is(setting(text, 'SyslogIdentifier'), 'riposte', 'the name in the journal');
  assert.is(setting(text, 'LimitNICE'), '-20', 'the thread for scripts may raise its priority');
  assert.match(setting(text, 'CapabilityBoundingSet') ?? '', /^CAP_NET_ADMIN /);
  assert.not.match(text, /CAP_SYS_ADMIN|CAP_SETUID|CAP_SYS_MODULE/);
});

test('escapes blanks, quotes and special characters in a path, and refuses a newline', () => {
  const text = unitText({ ...PATHS, home: '/srv/a "b" %h $HOME' });
  assert.match(setting(text, 'ExecStart') ?? '', '--home "/srv/a \\"b\\" %%h $$HOME"');
  assert.throws(() => unitText({ ...PATHS, home: '/srv/a\nExecStart=/bin/sh' }), /cannot hold this path/);
});

if (hasSystemd) {
  test('passes the checks of systemd', async () => {
    for (const home of [PATHS.home, '/srv/a "b" %h $HOME']) {
      const { about } = await analyze(unitText({ ...PATHS, home }), 'verify', '--man=no');
      assert.equal(about, []);
    }
    // To show that the check itself works, let systemd report a wrong line.
    const wrong = unitText(PATHS).replace('PrivateTmp=yes', 'PrivateTmp=maybe');
    assert.is.not((await analyze(wrong, 'verify', '--man=no')).about.length, 0);
  });

  test('gets systemd’s rating of a sandbox', async () => {
    const { exitCode, all } = await analyze(unitText(PATHS), 'security', '--offline=true', '--threshold=45');
    assert.is(exitCode, 0, all);
    console.log(`  ${/Overall exposure level.*/.exec(all)?.[0]}`);
  });
} else {
  console.log('skipped: the unit, read by systemd: needs systemd-analyze');
  test.skip('passes the checks of systemd', () => {});
}

test.run();
