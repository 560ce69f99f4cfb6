import { existsSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { ManagerTree } from '../lab/manager-tree.ts';
import { labSuite } from '../lab/suite.ts';

/** Runs the command on a terminal that script(1) makes. */
const test = labSuite('on a terminal', 'script');
let tree: ManagerTree;
test.before.each(async () => {
  tree = await ManagerTree.create('ossec-agent');
});
test.after.each(() => tree.remove());

async function onTerminal(words: readonly string[], input = ''): Promise<{ status?: number; said: string }> {
  const command = [process.execPath, 'dist/riposte.js', ...words].join(' ');
  const { exitCode, stdout } = await execa('script', ['-qec', command, '/dev/null'], {
    input,
    reject: false,
  });
  return { ...(exitCode === undefined ? {} : { status: exitCode }), said: stdout.replaceAll('\r', '') };
}

/** The characters that erase a drawn line. */
const CLEAR = '\r\x1b[K';

const script = () => existsSync(tree.path('active-response/bin/firewall-drop.js'));

test('shows the plan of an install and changes nothing without a yes', async () => {
  const { status, said } = await onTerminal(['install', '--root', tree.root], 'n\n');
  assert.is(status, 0, said);
  assert.match(said, 'would make /var/ossec/active-response/bin/firewall-drop.js');
  assert.match(said, /Make these changes\? \[y\/N\]/);
  assert.match(said, 'nothing was changed');
  assert.not(script());
});

test('installs after a yes, and does not ask when there is nothing to do', async () => {
  const { status, said } = await onTerminal(['install', '--root', tree.root], 'y\n');
  assert.is(status, 0, said);
  assert.match(said, 'made /var/ossec/active-response/bin/firewall-drop.js');
  assert.ok(script());
  const again = await onTerminal(['install', '--root', tree.root]);
  assert.match(again.said, 'nothing to do');
  assert.not.match(again.said, 'Make these changes');
});

test('asks two questions, one after the other', async () => {
  await tree.write('etc/riposte.conf', 'APACHE_CHECK=/opt/check\n');
  await chmod(tree.path('etc'), 0o770);
  const { status, said } = await onTerminal(['install', '--root', tree.root], 'y\ny\n');
  assert.is(status, 0, said);
  assert.match(said, 'Move them to /etc/riposte.conf? [y/N]');
  assert.match(said, 'Make these changes? [y/N]');
  assert.match(await tree.read('etc/riposte.conf'), '# moved to /etc/riposte.conf: APACHE_CHECK=/opt/check');
  assert.ok(script());
});

test('asks nothing with --yes', async () => {
  const { said } = await onTerminal(['install', '--yes', '--root', tree.root]);
  assert.not.match(said, 'Make these changes');
  assert.ok(script());
});

test('shows the elapsed time of a verb after two seconds, and erases it at the end', async () => {
  const fifo = tree.path('access.log');
  await execa('mkfifo', [fifo]);
  const command = `${process.execPath} dist/riposte.js replay --format raw ${fifo}`;
  const running = execa('script', ['-qec', command, '/dev/null'], { stdin: 'ignore' });
  let said = '';
  await new Promise<void>((resolve) =>
    running.stdout.on('data', (bytes) => {
      said += bytes;
      if (said.includes(' s so far')) resolve();
    }),
  );
  await writeFile(fifo, '203.0.113.9 - - [20/Nov/2026:09:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "-"\n');
  const { exitCode, stdout } = await running;
  assert.is(exitCode, 0);
  assert.match(stdout.replaceAll(CLEAR, '<clear>'), /<clear>riposte replay: \d+ s so far<clear>/);
  assert.match(stdout.slice(stdout.lastIndexOf(CLEAR)), '0 addresses would have been blocked');
});

test('prints its findings and the next command when it gets no arguments', async () => {
  const { status, said } = await onTerminal([]);
  assert.is(status, 0, said);
  assert.match(said, /^(Installed in|Found) /m);
  assert.match(said, /^Next: {2}sudo riposte /m);
  assert.match(said, 'riposte help lists all commands');
});

test('prints the help when it gets no arguments and the output is not a terminal', async () => {
  const { stdout } = await execa(process.execPath, ['dist/riposte.js'], { stdin: 'ignore' });
  assert.match(stdout, 'riposte VERB [options]');
});

test.run();
