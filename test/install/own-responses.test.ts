import { appendFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { EX } from '../../base/errors.ts';
import { Host } from '../lab/host.ts';
import { ManagerTree } from '../lab/manager-tree.ts';
import { labSuite } from '../lab/suite.ts';
import { differences, snapshot } from '../lab/tree-snapshot.ts';
import { run } from './run.ts';

const test = labSuite('responses of the administrator', 'nft');

/** A response of the administrator, in a root element of its own at the end of ossec.conf. */
const response = (command: string) =>
  `<ossec_config>\n  <active-response>\n    <command>${command}</command>\n    <location>local</location>\n    <rules_id>5712</rules_id>\n  </active-response>\n</ossec_config>\n`;

async function treeWith(command: string, ...options: string[]): Promise<ManagerTree> {
  const tree = await ManagerTree.create('ossec-server');
  await run(['install', ...options, '--root', tree.root]);
  await appendFile(tree.path('etc/ossec.conf'), response(command));
  return tree;
}

test('at an update, keeps Riposte’s part above responses that use Riposte’s commands', async () => {
  const tree = await treeWith('route-null');
  const before = await tree.read('etc/ossec.conf');
  const same = await run(['install', '--root', tree.root]);
  assert.is(same.exitCode, 0, same.err);
  assert.is(await tree.read('etc/ossec.conf'), before);
  const other = await run(['install', '--answer-31151', '--timeout', '1h', '--root', tree.root]);
  assert.is(other.exitCode, 0, other.err);
  assert.ok(
    (await tree.read('etc/ossec.conf')).endsWith(
      `</ossec_config>\n<!-- riposte:end responses -->\n${response('route-null')}`,
    ),
  );
  await tree.remove();
});

test('keeps a command that Riposte no longer needs while an administrator’s response uses it, and names the response', async () => {
  const tree = await treeWith('apache-deny', '--behind-proxy');
  const { exitCode, out, err } = await run(['install', '--no-behind-proxy', '--root', tree.root]);
  assert.is(exitCode, 0, err);
  assert.match(
    out,
    /etc\/ossec\.conf:\d+ \(apache-deny\): these active responses of yours use commands that Riposte no longer needs/,
  );
  const conf = await tree.read('etc/ossec.conf');
  assert.is(conf.match(/<executable>apache-deny\.js</g)?.length, 1);
  assert.match((await run(['install', '--root', tree.root])).out, 'nothing to do');
  await tree.write('etc/ossec.conf', conf.replace(response('apache-deny'), ''));
  assert.is((await run(['install', '--root', tree.root])).exitCode, 0);
  assert.not.match(await tree.read('etc/ossec.conf'), 'apache-deny');
  await tree.remove();
});

test('an uninstall names responses that use Riposte’s commands, unblocks no address, and changes nothing', async () => {
  const [host, tree] = await Promise.all([Host.create('web'), treeWith('route-null')]);
  const prefix = host.command([]).flat();
  await run(['add', '-', '203.0.113.7'], {
    prefix,
    program: tree.path('active-response/bin/firewall-drop.js'),
  });
  const before = snapshot(tree.root, true);
  const { exitCode, err } = await run(['uninstall', '--root', tree.root], { prefix });
  assert.is(exitCode, EX.CONFIG);
  assert.match(
    err,
    /etc\/ossec\.conf:\d+ \(route-null\): your own active responses use commands of Riposte.*--keep-commands.*nothing was changed/,
  );
  assert.equal(differences(before, snapshot(tree.root, true)), []);
  assert.match(await host.run('nft list set inet riposte blocked4'), '203.0.113.7');
  await Promise.all([host.remove(), tree.remove()]);
});

test('an uninstall with --keep-commands leaves the commands, and the next uninstall removes them', async () => {
  const tree = await ManagerTree.create('ossec-server');
  const original = await tree.read('etc/ossec.conf');
  await run(['install', '--root', tree.root]);
  await appendFile(tree.path('etc/ossec.conf'), response('route-null'));
  const kept = await run(['uninstall', '--keep-commands', '--root', tree.root]);
  assert.is(kept.exitCode, 0, kept.err);
  assert.match(kept.out, /Riposte kept the commands that your own active responses use/);
  const conf = await tree.read('etc/ossec.conf');
  assert.match(conf, /riposte:begin commands .*\n<ossec_config>\n {2}<command>\n {4}<name>route-null</);
  assert.not.match(conf, 'firewall-drop.js');
  const again = await run(['install', '--root', tree.root]);
  assert.is(again.exitCode, 0, again.err);
  assert.not.match(await tree.read('etc/ossec.conf'), 'riposte:begin commands');
  await run(['uninstall', '--keep-commands', '--root', tree.root]);
  await tree.write('etc/ossec.conf', (await tree.read('etc/ossec.conf')).replace(response('route-null'), ''));
  assert.is((await run(['uninstall', '--root', tree.root])).exitCode, 0);
  assert.is(await tree.read('etc/ossec.conf'), original);
  await tree.remove();
});

test('an uninstall names commands of the administrator whose script it removes', async () => {
  const tree = await ManagerTree.create('ossec-server');
  await run(['install', '--root', tree.root]);
  const command =
    '<ossec_config>\n<command>\n<name>mail</name>\n<executable>email-alert.js</executable>\n</command>\n</ossec_config>\n';
  await appendFile(tree.path('etc/ossec.conf'), command);
  const { exitCode, out } = await run(['uninstall', '--root', tree.root]);
  assert.is(exitCode, 0);
  const line =
    (await tree.read('etc/ossec.conf')).split('\n').findIndex((each) => each.includes('email-alert.js')) + 1;
  assert.match(
    out,
    `etc/ossec.conf:${line} (as changed) runs email-alert.js, which riposte uninstall removes`,
  );
  await tree.remove();
});

test('gives responses the chosen timeout, location and level, and remembers the choices', async () => {
  const tree = await ManagerTree.create('ossec-server');
  const first = await run([
    'install',
    '--timeout',
    '1h',
    '--location',
    'server,all',
    '--level',
    '12',
    '--root',
    tree.root,
  ]);
  assert.is(first.exitCode, 0, first.err);
  const chosen = await tree.read('etc/ossec.conf');
  const ours = chosen.slice(chosen.indexOf('riposte:begin responses'));
  assert.is(ours.match(/<timeout>3600<\/timeout>/g)?.length, 2);
  assert.is(
    ours.match(/<location>server,all<\/location>\n {4}(<level>12<\/level>\n {4})?<rules_id>/g)?.length,
    2,
  );
  assert.is(ours.match(/<level>/g)?.length, 1);
  const second = await run(['install', '--root', tree.root]);
  for (const words of [
    '--timeout 1h, as before (--timeout default revokes it)',
    '--level 12, as before',
    'nothing to do',
  ])
    assert.ok(second.out.includes(words), second.out);
  await run(['install', '--location', '001', '--timeout', 'forever', '--root', tree.root]);
  const agents = await tree.read('etc/ossec.conf');
  assert.match(agents, '<location>defined-agent</location>\n    <agent_id>001</agent_id>');
  assert.not.match(agents.slice(agents.indexOf('riposte:begin responses')), '<timeout>');
  await run([
    'install',
    '--timeout',
    'default',
    '--location',
    'default',
    '--level',
    'default',
    '--root',
    tree.root,
  ]);
  const reset = await tree.read('etc/ossec.conf');
  assert.match(reset, '<location>local</location>\n    <rules_id>117');
  assert.is(reset.match(/<timeout>600<\/timeout>/g)?.length, 3); // two of Riposte, one of the stock response
  await tree.remove();
});

for (const [kind, options, message] of [
  [
    'ossec-server',
    ['--timeout', '1 hour'],
    /--timeout must be a time such as 10m, 1h or 7d, or forever, or default, not '1 hour'/,
  ],
  ['ossec-server', ['--location', 'everywhere'], /--location must be one or several of local, server, all/],
  ['ossec-server', ['--level', '17'], /--level must be 1 to 16/],
  ['ossec-agent', ['--timeout', '1h'], /has no effect here: an agent obeys its server/],
] as const)
  test(`refuses ${options.join(' ')} on ${kind}`, async () => {
    const tree = await ManagerTree.create(kind);
    const before = snapshot(tree.root, true);
    const { exitCode, err } = await run(['install', ...options, '--root', tree.root]);
    assert.is(exitCode, EX.USAGE);
    assert.match(err, message);
    assert.equal(differences(before, snapshot(tree.root, true)), []);
    await tree.remove();
  });

test.run();
