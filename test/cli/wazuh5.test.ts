import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { EX } from '../../base/errors.ts';
import { temporaryDirectory } from '../active-response/support.ts';
import { type Interception, PASSWORD, StandInIndexer } from '../install/wazuh5/stand-in-indexer.ts';
import { newCertificate } from '../lab/mail-server.ts';
import { labSuite } from '../lab/suite.ts';
import { riposte } from './io.ts';

const test = labSuite('riposte wazuh5', 'openssl');

/** Runs the verb against a stand-in indexer. The verb reads the built pack from dist. */
async function scene(tls = newCertificate()) {
  const server = await new StandInIndexer().start(tls);
  const credentials = join(temporaryDirectory(), 'credentials');
  writeFileSync(credentials, `USER=admin\nPASSWORD=${PASSWORD}\n`, { mode: 0o600 });
  const options = ['--indexer', server.url, '--ca', tls.file, '--credentials', credentials];
  return {
    server,
    credentials,
    run: (task: string, ...more: string[]) => riposte(['wazuh5', task, ...options, ...more]),
  };
}

test('installs and removes the built pack over TLS', async () => {
  const { server, run } = await scene();
  const first = await run('install');
  assert.equal([first.exitCode, first.err], [EX.OK, '']);
  assert.match(first.out, /\ntested \d+ lines in the test space\n/);
  assert.match(first.out, /\ninstalled on 127\.0\.0\.1:\d+; the manager applies the pack within minutes\n$/);
  const second = await run('install');
  assert.match(second.out, /^127\.0\.0\.1:\d+ is up to date\n$/);
  const dry = await run('uninstall', '--dry-run');
  assert.match(dry.out, /\nwould delete the integration riposte\nnothing was changed\n$/);
  const last = await run('uninstall');
  assert.equal([last.exitCode, server.content.documents('custom', 'rules')], [EX.OK, []]);
  assert.match((await run('uninstall')).out, /has nothing of Riposte\n$/);
  server.stop();
});

const BAD_ANSWERS: readonly (readonly [string, ReturnType<Interception>, number, RegExp])[] = [
  [
    '401',
    { status: 401, body: 'Unauthorized' },
    EX.NOPERM,
    /^riposte: \S+ refuses the account of \/\S+ \(POST \S+: 401\)\n$/,
  ],
  [
    '403',
    { status: 403, body: { message: 'no permissions' } },
    EX.NOPERM,
    /refuses the account of \/\S+ \(POST \S+: 403\)\n$/,
  ],
  [
    'a page of HTML',
    { raw: '<html>hello</html>' },
    EX.UNAVAILABLE,
    /does not answer with a JSON object to POST \S+ \(200, text\/html\): name the REST interface of a Wazuh indexer, usually port 9200\n$/,
  ],
  ['a list', { raw: '[]', type: 'application/json' }, EX.UNAVAILABLE, /does not answer with a JSON object/],
  [
    'a redirect to another host',
    { raw: '', status: 302, location: 'https://other.example.org/' },
    EX.UNAVAILABLE,
    /redirects to https:\/\/other\.example\.org\/, which is not followed\n$/,
  ],
  [
    'more than the limit',
    { raw: `{"a":"${'x'.repeat(33 * 1024 * 1024)}"}`, type: 'application/json' },
    EX.UNAVAILABLE,
    /its answer is longer than 32 MB\n$/,
  ],
  [
    'that it is busy',
    { status: 429, body: { message: 'slow down', status: 429 } },
    EX.TEMPFAIL,
    /refuses POST \S+ \(429\): slow down\n$/,
  ],
  ['nothing', 'close', EX.TEMPFAIL, /socket hang up\n$/],
  [
    'as another OpenSearch does',
    { status: 404, body: { error: { reason: 'no such index' }, status: 404 } },
    EX.UNAVAILABLE,
    /has no draft space of Wazuh's content manager: name an indexer of Wazuh 5\n$/,
  ],
];

for (const [what, answer, exitCode, message] of BAD_ANSWERS)
  test(`says in one line that the indexer answers ${what}, and changes nothing`, async () => {
    const { server, run } = await scene();
    server.intercept = () => answer;
    const outcome = await run('install');
    assert.match(outcome.err, message);
    assert.equal(
      [outcome.exitCode, outcome.out, outcome.err.trim().split('\n').length, server.changes()],
      [exitCode, '', 1, []],
    );
    assert.not.match(outcome.err, PASSWORD);
    server.stop();
  });

test('never sends the login to a server whose certificate it cannot verify', async () => {
  const { server, run } = await scene();
  const outcome = await run('install', '--ca', newCertificate().file);
  assert.match(
    outcome.err,
    /its certificate cannot be verified \(.*\): name the file of the certificate authority by --ca\n$/,
  );
  assert.equal([outcome.exitCode, server.received], [EX.UNAVAILABLE, []]);
  server.stop();
});

test('says that no server listens', async () => {
  const { server, run } = await scene();
  server.stop();
  const outcome = await run('install');
  assert.match(outcome.err, /connect ECONNREFUSED .*\n$/);
  assert.is(outcome.exitCode, EX.UNAVAILABLE);
});

test('refuses a file of credentials that other accounts can read, that has no password, or that is missing', async () => {
  const { server, run, credentials } = await scene();
  chmodSync(credentials, 0o640);
  assert.match((await run('install')).err, /can be read by accounts other than root: run chmod 600/);
  chmodSync(credentials, 0o600);
  writeFileSync(credentials, 'USER=admin\n');
  const without = await run('install');
  assert.match(without.err, /lacks USER or PASSWORD: write USER=… and PASSWORD=…/);
  assert.is(without.exitCode, EX.CONFIG);
  assert.match((await run('install', '--credentials', `${credentials}x`)).err, /is missing: write USER=/);
  assert.equal(server.received, []);
  server.stop();
});

test('refuses a command line that is wrong, and changes nothing', async () => {
  const { server, run, credentials } = await scene();
  for (const [task, more, message] of [
    ['remove', [], /needs one word, install or uninstall/],
    ['install', ['now'], /needs one word/],
    ['install', ['--timeout', 'forever'], /--timeout is a time such as 10m/],
    ['install', ['--timeout', '0'], /--timeout is a time such as 10m/],
    ['install', ['--location', 'server'], /--location is local, all or an agent's number/],
    ['install', ['--executable', 'block-ip'], /--executable is firewall-drop\.js or route-null\.js/],
    ['install', ['--indexer', 'http://192.0.2.1:9200'], /--indexer is an https:\/\/ URL/],
    [
      'install',
      ['--indexer', 'https://a:b@192.0.2.1:9200'],
      /--indexer is an https:\/\/ URL without a login/,
    ],
  ] as const) {
    const outcome = await run(task, ...more);
    assert.match(outcome.err, message);
    assert.is(outcome.exitCode, EX.USAGE);
  }
  const noPem = await run('install', '--ca', credentials);
  assert.match(noPem.err, /holds no certificate in PEM form/);
  assert.not.match(noPem.err, PASSWORD);
  assert.match((await run('install', '--ca', '/nowhere/ca.pem')).err, /\/nowhere\/ca\.pem/);
  assert.match((await riposte(['wazuh5', 'install'])).err, /name the indexer: --indexer https:\/\/HOST:9200/);
  assert.equal(server.received, []);
  server.stop();
});

test.run();
