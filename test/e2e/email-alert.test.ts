import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { runWithArguments, runWithMessage } from '../lab/execd.ts';
import { ADMIN, MailScene, until } from '../lab/mail-scene.ts';
import { bodyOf, headerNames, headerOf } from '../lab/mail-server.ts';
import { WAZUH5_RULE, wazuh4, wazuh4AgentControl, wazuh5 } from '../lab/managers.ts';
import { labSuite } from '../lab/suite.ts';

const test = labSuite('email-alert under each manager');
const ADDRESS = '203.0.113.9';

let scene: MailScene;
test.before.each(async () => {
  scene = await MailScene.create();
});
test.after.each(() => scene.remove());

/** An alert as OSSEC 4.3 writes it into alerts.log, at this offset. */
const logged = (
  offset: number,
  address: string,
): string => `** Alert 1795166136.${offset}: mail  - web,attack,
2026 Nov 20 09:15:36 vm->/var/log/apache2/access.log
Rule: 31151 (level 10) -> 'Mutiple web server 400 error codes from same source ip.'
Src IP: ${address}
${address} - - [20/Nov/2026] "GET /phpadmin/scripts/setup.php HTTP/1.1" 404 303 "-" "ZmEu"
${address} - - [20/Nov/2026] "GET /typo3/phpmyadmin/scripts/setup.php HTTP/1.1" 404 311 "-" "ZmEu"

`;

test('OSSEC: finds address, level and log by the alert’s id', async () => {
  const first = logged(0, '198.51.100.1');
  await scene.at.write('logs/alerts/alerts.log', first + logged(first.length, ADDRESS));
  // execd passes these arguments to a command whose <expect> is empty.
  const words = ['add', '-', '-', `1795166136.${first.length}`, '31151', '/var/log/apache2/access.log', '-'];
  const { status } = await runWithArguments(scene.at, 'email-alert', words);
  assert.is(status, 0);
  const [mail] = await scene.mails(1);
  assert.ok(mail);
  assert.equal(mail.to, [ADMIN]);
  assert.match(headerOf(mail, 'Subject') ?? '', '203.0.113.9: Mutiple web server 400 error codes');
  const body = bodyOf(mail);
  assert.match(body, 'Rule:     31151, level 10');
  assert.match(body, 'apache-deny blocks the address until 2126-11-20 09:25:36 UTC');
  assert.match(body, 'riposte unblock 203.0.113.9');
  assert.match(body, 'GET /typo3/phpmyadmin/scripts/setup.php');
  assert.not.match(body, '198.51.100.1');
});

test('OSSEC: makes the message from the arguments when there is no alerts.log', async () => {
  await scene.alert();
  const [mail] = await scene.mails(1);
  assert.match(bodyOf(mail ?? { text: '' }), 'Rule 31151 fired');
});

test('Wazuh 4: asks the manager about the alert’s id, and sends the whole alert', async () => {
  const { status, questions } = await runWithMessage(scene.at, 'email-alert', wazuh4('add', ADDRESS));
  assert.is(status, 0);
  assert.match(questions[0] ?? '', '"command":"check_keys","parameters":{"keys":["1795166201.0"]}');
  const [mail] = await scene.mails(1);
  const body = bodyOf(mail ?? { text: '' });
  assert.match(body, 'myapp: bad thing from 203.0.113.9 (level 7)');
  assert.match(body, 'User:     bob');
  assert.match(body, 'Nov 20 09:00:00 host myapp[1]: bad thing');
  const [line] = (await scene.at.log()).slice(-1);
  assert.match(line ?? '', '"riposte":{"outcome":"sent"');
});

test('Wazuh 4: asks about the address, and sends only the address, for agent_control', async () => {
  const { questions } = await runWithMessage(scene.at, 'email-alert', wazuh4AgentControl(ADDRESS));
  assert.match(questions[0] ?? '', '"keys":["203.0.113.9"]');
  assert.match((await scene.mails(1))[0]?.text ?? '', '203.0.113.9: Active response');
});

test('Wazuh 4: sends nothing when the manager answers abort', async () => {
  await runWithMessage(scene.at, 'email-alert', wazuh4('add', ADDRESS), 'abort');
  assert.equal(await scene.events(), ['already']);
  assert.equal(await scene.spool(), {});
});

test('Wazuh 5: sends the alert', async () => {
  const { status } = await runWithMessage(scene.at, 'email-alert', wazuh5('enable', ADDRESS));
  assert.is(status, 0);
  const body = bodyOf((await scene.mails(1))[0] ?? { text: '' });
  assert.match(body, 'A scanner (level 9)');
  assert.match(body, `Rule:     ${WAZUH5_RULE}, level 9\n`);
});

test('does nothing for a delete, and says that it cannot take back a message', async () => {
  const words = ['delete', '-', ADDRESS, '1795166136.16', '31151'];
  assert.match(
    (await runWithArguments(scene.at, 'email-alert', words)).stdout,
    'already: email-alert cannot take back a message',
  );
  assert.is((await runWithMessage(scene.at, 'email-alert', wazuh4('delete', ADDRESS))).status, 0);
  assert.is((await runWithMessage(scene.at, 'email-alert', wazuh5('disable', ADDRESS))).status, 0);
  assert.equal(await scene.spool(), {});
});

test('sends an alert without an address', async () => {
  const message = wazuh4('add', ADDRESS).replace(`"srcip":"${ADDRESS}",`, '');
  assert.is((await runWithMessage(scene.at, 'email-alert', message)).status, 0);
  assert.match(bodyOf((await scene.mails(1))[0] ?? { text: '' }), 'The alert names no address to block.');
});

test('lets no text of an attacker become a header, a recipient or another message', async () => {
  const evil =
    'x\\r\\nBcc: victim@example.org\\r\\nRCPT TO:<victim@example.org>\\r\\n.\\r\\nMAIL FROM:<a@b>\\u0000\\u001b';
  const message = wazuh4('add', ADDRESS)
    .replace('"dstuser":"bob"', `"dstuser":"${evil}"`)
    .replace(/"description":"[^"]*"/, `"description":"${evil}"`)
    .replace(/"full_log":"[^"]*"/, `"full_log":"${evil}\\n.\\nmore"`)
    .replace('"location":"/var', `"location":"${evil}/var`);
  assert.is((await runWithMessage(scene.at, 'email-alert', message)).status, 0);
  const mails = await scene.mails(1);
  assert.is(mails.length, 1);
  assert.equal(mails[0]?.to, [ADMIN]);
  assert.not.ok(
    headerNames(mails[0] ?? { text: '' }).some((name) => /bcc|rcpt|mail/i.test(name.replace('MIME', ''))),
  );
  assert.match(bodyOf(mails[0] ?? { text: '' }), 'more');
});

test('takes --mail-level from extra_args, but not --mail-to', async () => {
  const level = wazuh4('add', ADDRESS, ['--mail-level', '8']);
  assert.is((await runWithMessage(scene.at, 'email-alert', level)).status, 0);
  assert.match((await scene.at.journal())[0]?.reason as string, 'level 7 is below MAIL_LEVEL');
  const other = wazuh4('add', ADDRESS, ['--mail-to', 'victim@example.org']);
  const { status, stderr } = await runWithMessage(scene.at, 'email-alert', other);
  assert.is(status, 64);
  assert.match(
    stderr,
    '--mail-to is not accepted in extra_args or on the command line; set it in riposte.conf',
  );
  assert.equal(await scene.spool(), {});
});

test('ignores alerts about its own lines in the log, because each mail would cause another alert', async () => {
  const line =
    'Fri Nov 20 09:29:46 UTC 2026 /var/ossec/active-response/bin/email-alert.js add - - - - failed: no';
  const message = wazuh4('add', ADDRESS)
    .replace(/"full_log":"[^"]*"/, `"full_log":"${line}"`)
    .replace('"location":"/var/log/myapp.log"', '"location":"/var/ossec/logs/active-responses.log"');
  assert.is((await runWithMessage(scene.at, 'email-alert', message)).status, 0);
  assert.equal(await scene.spool(), {});
  assert.equal(await scene.at.log(), []);
});

test('prints the message and writes nothing in a dry run', async () => {
  const { stdout } = await runWithArguments(scene.at, 'email-alert', ['add', '-', ADDRESS, '--dry-run']);
  assert.match(stdout, `To: ${ADMIN}\nSubject: [riposte] `);
  assert.match(stdout, 'apache-deny blocks the address until');
  assert.equal(await scene.spool(), {});
  assert.equal(await scene.at.log(), []);
});

test('answers --list, --sweep, --help and --version', async () => {
  const run = (word: string) => runWithArguments(scene.at, 'email-alert', [word]);
  assert.is((await run('--list')).stdout, 'No message waits.');
  assert.is((await run('--sweep')).stdout, '');
  assert.match((await run('--help')).stdout, 'email-alert.js add - ADDRESS');
  assert.match((await run('--version')).stdout, /^riposte email-alert \d/);
  const { status, stderr } = await run('--frob');
  assert.is(status, 64);
  assert.not.match(stderr, / at /);
});

/** The file that integratord writes: only the alert. */
const alertOf = (message: string): string => JSON.stringify(JSON.parse(message).parameters.alert);

async function install(name = 'custom-riposte-email'): Promise<string> {
  const file = join(scene.at.home, 'integrations', name);
  await mkdir(join(scene.at.home, 'integrations'), { recursive: true });
  await copyFile('dist/active-response/email-alert.js', file);
  await chmod(file, 0o755);
  return file;
}

test('sends an integration’s alert when it runs as root', async () => {
  const file = await install();
  await scene.at.write('tmp/alert', alertOf(wazuh4('add', ADDRESS)));
  const args = [join(scene.at.home, 'tmp/alert'), 'key', 'https://example.org/hook', 'debug'];
  const { exitCode, stderr } = await execa(process.execPath, [file, ...args], { reject: false });
  assert.is(exitCode, 0, stderr);
  assert.match(
    bodyOf((await scene.mails(1))[0] ?? { text: '' }),
    'myapp: bad thing from 203.0.113.9 (level 7)',
  );
});

test('leaves an alert to the next sweep when integratord runs the hook under the manager’s account', async () => {
  if (process.getuid?.() !== 0) return;
  const file = await install();
  const nobody = { uid: 65534, gid: 65534, reject: false, cwd: '/' } as const;
  await execa('chgrp', ['65534', file]);
  await scene.at.write('tmp/alert', alertOf(wazuh4('add', ADDRESS)));
  const run = () => execa(process.execPath, [file, join(scene.at.home, 'tmp/alert'), '', ''], nobody);
  const early = await run();
  assert.is(early.exitCode, 74);
  assert.match(early.stderr, 'run riposte sweep as root to create it');
  await scene.riposte('sweep');
  const inbox = join(scene.at.home, 'var/riposte/spool/inbox');
  assert.is((await stat(inbox)).mode & 0o7777, 0o1730);
  const { exitCode, stderr } = await run();
  assert.is(exitCode, 0, stderr);
  assert.equal(await scene.spool(), { inbox: 1 });
  const peek = await execa('ls', [inbox], nobody);
  assert.is.not(peek.exitCode, 0);
  assert.is((await scene.riposte('sweep')).status, 0);
  assert.match(bodyOf(scene.server.mails[0] ?? { text: '' }), 'myapp: bad thing from 203.0.113.9 (level 7)');
  assert.equal(await scene.spool(), {});
});

test('removes foreign files from the inbox, and follows no link', async () => {
  await install();
  await scene.riposte('sweep');
  const inbox = join(scene.at.home, 'var/riposte/spool/inbox');
  await scene.at.write('secret', '{"description":"secret"}');
  await execa('ln', ['-s', join(scene.at.home, 'secret'), join(inbox, 'a.json')]);
  await execa('mkfifo', [join(inbox, 'b.json')]);
  await scene.at.write('var/riposte/spool/inbox/c.json', 'no JSON');
  const { err } = await scene.riposte('sweep');
  assert.is(err.match(/was not a notice of the integration/g)?.length, 3);
  assert.is(scene.server.mails.length, 0);
  assert.match(await readFile(join(scene.at.home, 'secret'), 'utf8'), 'secret');
});

/** Creates directories in the inbox, as the manager's account, and swaps their subdirectories for links to `kept`. */
const SWAPPER = `
const { mkdirSync, renameSync, symlinkSync, writeFileSync } = require('node:fs');
const [inbox, kept] = process.argv.slice(1);
const attempt = (work) => { try { work(); } catch {} };
for (let tree = 0; ; tree++) {
  const names = Array.from({ length: 20 }, (_, n) => inbox + '/t' + tree + '.json/d' + n);
  attempt(() => mkdirSync(inbox + '/t' + tree + '.json', { mode: 0o777 }));
  for (const name of names) attempt(() => {
    mkdirSync(name); writeFileSync(name + '/file0', ''); symlinkSync(kept, name + '.link');
  });
  if (tree === 3) console.log('ready');
  for (let round = 0; round < 100; round++) for (const name of names) {
    attempt(() => { renameSync(name, name + '.real'); renameSync(name + '.link', name); });
    attempt(() => { renameSync(name, name + '.link'); renameSync(name + '.real', name); });
  }
}`;

test('removes no file outside the inbox, and none in another account’s directory, when the account swaps directories for links', async () => {
  if (process.getuid?.() !== 0) return;
  await execa('chgrp', ['65534', await install()]);
  await scene.riposte('sweep');
  const [inbox, kept] = ['inbox', '../kept'].map((name) => join(scene.at.home, 'var/riposte/spool', name));
  await mkdir(kept as string);
  for (let n = 0; n < 50; n++) await writeFile(join(kept as string, `file${n}`), '');
  const nobody = { uid: 65534, gid: 65534, reject: false, buffer: false, stdin: 'ignore' } as const;
  const swapper = execa(process.execPath, ['-e', SWAPPER, inbox as string, kept as string], nobody);
  await new Promise((ready) => swapper.stdout.once('data', ready));
  let said = '';
  for (let sweep = 0; sweep < 5; sweep++) said += (await scene.riposte('sweep')).err;
  swapper.kill('SIGKILL');
  await swapper;
  said += (await scene.riposte('sweep')).err;
  assert.is((await readdir(kept as string)).length, 50);
  assert.match(
    said,
    /inbox\/t0\.json was not a notice of the integration, but a directory, which Riposte has moved; look at the moved directory and remove it: /,
  );
  const aside = /remove it: (\S+)/.exec(said)?.[1] ?? '';
  assert.ok((await readdir(aside)).length > 0);
  assert.equal(await scene.spool(), {});
});

test('reports a missing or wrong alert file in one line', async () => {
  const file = await install();
  const run = (...args: string[]) => execa(process.execPath, [file, ...args], { reject: false });
  assert.is((await run()).exitCode, 64);
  const missing = await run('/nonexistent/alert');
  assert.is(missing.exitCode, 74);
  assert.match(missing.stderr, /^email-alert: cannot read \/nonexistent\/alert: .*$/);
  await scene.at.write('tmp/alert', 'not JSON');
  assert.is((await run(join(scene.at.home, 'tmp/alert'))).exitCode, 65);
});

test('says that the address is not blocked when no response has blocked it', async () => {
  await scene.alert('1795166136.16', '198.51.100.77');
  await until(() => scene.server.mails.length === 1, 'the message');
  assert.match(bodyOf(scene.server.mails[0] ?? { text: '' }), 'No response on this host blocks the address.');
});

test('reports a block that a response makes a moment after the alert', async () => {
  const [waits, goes] = ['waits', 'goes'].map((name) => join(scene.at.home, name)) as [string, string];
  // The sender waits for a block until the alert is two seconds old. Here the clock does not move, and the test ends
  // the wait.
  await scene.at.write(
    'wait.cjs',
    `const timers = require('node:timers/promises');
    const { existsSync, writeFileSync } = require('node:fs');
    Date.now = () => ${Date.now()};
    const sleep = timers.setTimeout;
    timers.setTimeout = async () => {
      writeFileSync('${waits}', '');
      while (!existsSync('${goes}')) await sleep(20);
    };
    require('node:module').syncBuiltinESMExports();`,
  );
  const env = { NODE_OPTIONS: `--require=${scene.at.home}/wait.cjs` };
  await scene.alert('1795166136.16', '198.51.100.77', env);
  await until(() => existsSync(waits), 'the sender to wait');
  await scene.block('198.51.100.77');
  await writeFile(goes, '');
  assert.match(bodyOf((await scene.mails(1))[0] ?? { text: '' }), 'apache-deny blocks the address until');
});

test.run();
