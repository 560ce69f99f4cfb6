import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findHome, homeAt } from '../../active-response/home.ts';

const rootOf = (script: string, env = {}) => findHome(script, env).root;

test('finds the manager two directories above a script in active-response/bin', () => {
  assert.is(rootOf('/var/ossec/active-response/bin/route-null.js'), '/var/ossec');
  assert.is(rootOf('/opt/wazuh agent/active-response/bin/firewall-drop.sh'), '/opt/wazuh agent');
  assert.is(rootOf('/active-response/bin/route-null.js'), '/');
});

test('uses the link’s path when the script is a symlink', () => {
  assert.is(rootOf('/var/ossec/active-response/bin/my-own-name'), '/var/ossec');
});

test('prefers the script’s directory to RIPOSTE_HOME', () => {
  assert.is(rootOf('/var/ossec/active-response/bin/route-null.js', { RIPOSTE_HOME: '/srv/r' }), '/var/ossec');
});

test('uses RIPOSTE_HOME elsewhere, and /var/lib/riposte without it', () => {
  assert.is(rootOf('/usr/bin/route-null.js', { RIPOSTE_HOME: '/srv/r' }), '/srv/r');
  assert.is(rootOf('/usr/bin/route-null.js'), '/var/lib/riposte');
  assert.is(rootOf('/usr/bin/route-null.js', { RIPOSTE_HOME: '' }), '/var/lib/riposte');
});

test('does not treat a similar directory as a manager', () => {
  for (const script of [
    '/var/ossec/active-response/route-null.js',
    '/var/ossec/bin/route-null.js',
    '/var/ossec/active-response/bin/sub/route-null.js',
    '/work/dist/active-response/route-null.js',
    '/var/ossec/my-active-response/bin/route-null.js',
  ])
    assert.is(rootOf(script), '/var/lib/riposte', script);
});

test('places everything as documented', () => {
  assert.equal(homeAt('/var/ossec'), {
    root: '/var/ossec',
    data: '/var/ossec/var/riposte',
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
