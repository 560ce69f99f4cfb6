import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findHome, homeAt } from '../../active-response/home.ts';

const rootOf = (script: string, env = {}) => findHome(script, env).root;

test('a script in active-response/bin belongs to the manager two directories above', () => {
  assert.is(rootOf('/var/ossec/active-response/bin/route-null.js'), '/var/ossec');
  assert.is(rootOf('/opt/wazuh agent/active-response/bin/firewall-drop.sh'), '/opt/wazuh agent');
  assert.is(rootOf('/active-response/bin/route-null.js'), '/');
});

test('through a symlink there the name of the link counts', () => {
  assert.is(rootOf('/var/ossec/active-response/bin/my-own-name'), '/var/ossec');
});

test('the place of the script comes before RIPOSTE_HOME', () => {
  assert.is(rootOf('/var/ossec/active-response/bin/route-null.js', { RIPOSTE_HOME: '/srv/r' }), '/var/ossec');
});

test('elsewhere RIPOSTE_HOME counts, and without it /var/lib/riposte', () => {
  assert.is(rootOf('/usr/bin/route-null.js', { RIPOSTE_HOME: '/srv/r' }), '/srv/r');
  assert.is(rootOf('/usr/bin/route-null.js'), '/var/lib/riposte');
  assert.is(rootOf('/usr/bin/route-null.js', { RIPOSTE_HOME: '' }), '/var/lib/riposte');
});

test('a directory that only looks alike is no manager', () => {
  for (const script of [
    '/var/ossec/active-response/route-null.js',
    '/var/ossec/bin/route-null.js',
    '/var/ossec/active-response/bin/sub/route-null.js',
    '/work/dist/active-response/route-null.js',
    '/var/ossec/my-active-response/bin/route-null.js',
  ])
    assert.is(rootOf(script), '/var/lib/riposte', script);
});

test('everything lies where the design has it', () => {
  assert.equal(homeAt('/var/ossec'), {
    root: '/var/ossec',
    settings: ['/var/ossec/etc/riposte.conf', '/etc/riposte.conf'],
    allowList: '/var/ossec/etc/riposte.allow',
    activeResponsesLog: '/var/ossec/logs/active-responses.log',
    blocks: '/var/ossec/var/riposte/blocks',
    ended: '/var/ossec/var/riposte/ended',
    journal: '/var/ossec/var/riposte/events.jsonl',
    apache: '/var/ossec/var/riposte/apache',
    arConf: '/var/ossec/etc/shared/ar.conf',
    ossecConf: '/var/ossec/etc/ossec.conf',
  });
});

test.run();
