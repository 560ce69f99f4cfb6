import { appendFile, readdir, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { EARLIER, packOf } from '../evaluate/rule-pack/packs.ts';
import { ATTACK, newerFiles, packFile } from '../install/rule-pack-scene.ts';
import { eachOnItsOwnHost, killServerAfterEach } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { eventually, RunningServer, verb } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';

const test = labSuite('rules update', 'nft');
let host: Host;
let at: Installation;
let server: RunningServer | undefined;
let log = '';

killServerAfterEach(test, () => server);
eachOnItsOwnHost(test, (...made) => ([host, at] = made));
test.before.each(async () => {
  log = `${at.home}/access.log`;
  await writeFile(log, '');
  await at.write('etc/riposte.conf', `LOGS=${log}\n`);
});

const hit = (source: string, path: string) =>
  `${source} - - [${new Date().toUTCString().replace(/^\w+, (\d+) (\w+) (\d+) ([\d:]+) GMT$/, '$1/$2/$3:$4 +0000')}] "GET ${path} HTTP/1.1" 404 10 "-" "Mozilla/5.0"\n`;

async function update(...words: string[]) {
  const { exitCode, stdout, stderr } = await verb(at, ['rules', 'update', ...words]);
  return { exitCode, out: String(stdout), err: String(stderr) };
}

const trust = (key: string) => at.write('etc/riposte.conf', `LOGS=${log}\nRULES_KEY_FILE=${key}\n`);
const isBlocked = (address: string) => async () =>
  (await host.run('nft list ruleset')).includes(`${address} `);

test('shows the sources that new rules would block, changes the rules of a running server, and changes them back', async () => {
  const { pack, key } = await packFile();
  await trust(key);
  await appendFile(log, hit('203.0.113.7', ATTACK));
  server = await RunningServer.start(at, []);

  const rehearsed = await update('--dry-run', pack);
  assert.is(rehearsed.exitCode, 0, rehearsed.err);
  assert.match(rehearsed.out, /^in force: rules \d{8}\.\d{6} of this program\nnew: rules 29990101\.000000\n/);
  assert.match(rehearsed.out, /\nwebshells\.txt: 1 line added, 0 removed\n {2}\+ unmistakable/);
  assert.match(
    rehearsed.out,
    /the rules in force block 0 sources, the new ones 1\nnewly blocked: 1\n.*203\.0\.113\.7/,
  );
  assert.match(rehearsed.out, /dry run: nothing was changed$/);
  assert.is(await at.read('var/riposte/rules/chosen.json'), '');

  const done = await update(pack);
  assert.match(
    done.out,
    /\nnow in force: rules 29990101\.000000; riposte rules update --undo restores the previous rules\n/,
  );
  assert.match(done.out, `riposte serve (process ${server.pid}) reads the new rules by itself`);
  await server.says(/rules read again: \d+/);
  await appendFile(log, hit('203.0.113.8', ATTACK));
  await eventually('203.0.113.8 is blocked', isBlocked('203.0.113.8'), { orElse: () => server?.said ?? '' });
  assert.match((await update(pack)).out, /^in force already: rules 29990101\.000000\n/);

  const undone = await update('--undo');
  assert.match(undone.out, /\nno longer blocked: 2\n/);
  assert.match(undone.out, /\nnow in force: rules \d{8}\.\d{6} of this program; /);
  await server.says(/rules read again: \d+/, 2);
  assert.match((await update()).out, /^in force: rules .* of this program$/);
});

test('refuses a pack that is unsigned, older, damaged or unknown, and changes nothing', async () => {
  const { pack, key } = await packFile();
  const cases: [string, string | Buffer, number, RegExp][] = [
    [
      'unsigned',
      packOf({}, { key: null }),
      77,
      /the pack is not signed; nothing was changed; --allow accepts the pack/,
    ],
    [
      'older',
      packOf({}, { version: EARLIER }),
      77,
      /are older than \d{8}\.\d{6}, which are in force; nothing was changed; --allow/,
    ],
    ['cut', packOf({}).slice(0, -20), 65, /is damaged/],
    ['a page', '<html></html>', 65, /is a web page/],
    ['for a newer one', packOf({}, { needs: '99.0.0' }), 65, /update Riposte first/],
    [
      'of unknown files',
      packOf({ 'rules/unknown.xml': '' }),
      65,
      /does not know rules\/unknown\.xml; update/,
    ],
    ['outside', packOf({ '../../etc/passwd': '' }), 65, /does not know \.\.\/\.\.\/etc\/passwd/],
    [
      'a wrong rule',
      packOf({ 'rules/riposte_scanners.xml': '<group><rule id="1"' }),
      65,
      /cannot use the pack: .*riposte_scanners\.xml/,
    ],
    [
      'a wrong list',
      packOf({ 'judgement/signatures/list/secrets.txt': 'two  columns\n' }),
      65,
      /cannot use the pack: .*secrets\.txt:1/,
    ],
    ['a wrong CDN', packOf({ 'logs/proxies/lists/fastly.json': '{' }), 65, /cannot use the pack/],
  ];
  assert.match((await update(pack)).err, /signed by another key than that of RULES_KEY_FILE/);
  await trust(key);
  for (const [name, text, status, why] of cases) {
    await writeFile(pack, text);
    const { exitCode, err } = await update(pack);
    assert.is(exitCode, status, `${name}: ${err}`);
    assert.match(err, why, name);
  }
  assert.is((await update('--undo')).exitCode, 69);
  assert.equal(await readdir(`${at.home}/var/riposte`).catch(() => []), []);
});

test('accepts an unsigned and older pack with --allow', async () => {
  const { pack } = await packFile(newerFiles(), { version: EARLIER, key: null });
  assert.is((await update('--allow', pack)).exitCode, 0);
  assert.match((await update()).out, `in force: rules ${EARLIER}, unsigned`);
  await appendFile(log, hit('203.0.113.9', ATTACK));
  const { stdout } = await verb(at, ['replay', log]);
  assert.match(String(stdout), '203.0.113.9');
});

test('uses the program’s own rules, and warns, when the pack is damaged', async () => {
  const { pack, key } = await packFile();
  await trust(key);
  await update(pack);
  const [name = ''] = (await readdir(`${at.home}/var/riposte/rules`)).filter(
    (file) => file !== 'chosen.json',
  );
  await at.write(`var/riposte/rules/${name}`, 'x');
  server = await RunningServer.start(at, []);
  await server.says(/this program’s own rules are in force: .*is not a pack of rules/);
  assert.is((await update(pack)).exitCode, 0);
  await server.says(/rules read again/);
});

test.run();
