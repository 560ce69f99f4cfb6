import { existsSync } from 'node:fs';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { EX } from '../../base/errors.ts';
import { ManagerTree } from '../lab/manager-tree.ts';
import { eventually } from '../lab/server.ts';
import { labSuite } from '../lab/suite.ts';
import { PATH } from '../lab/tools.ts';
import { run } from './run.ts';

const test = labSuite('restart of the manager');

async function treeWithControl(script: string): Promise<ManagerTree> {
  const tree = await ManagerTree.create('ossec-server');
  await tree.write('bin/ossec-control', `#!/bin/sh\nhome=${tree.home}\n${script}`, 0o755);
  return tree;
}

test('does not wait for a program of the manager that keeps the output open', async () => {
  const tree = await treeWithControl('sleep 1000 &\necho $! > $home/daemon\n');
  for (const verb of ['install', 'uninstall']) {
    const { exitCode, out, err } = await run([verb, '--restart', '--root', tree.root]);
    const daemon = Number(await tree.read('daemon'));
    process.kill(daemon, 'SIGKILL'); // throws if the program has ended
    assert.is(exitCode, 0, err);
    assert.match(out, 'restarted: /var/ossec/bin/ossec-control restart\n');
    assert.match(
      out,
      'an agent runs no response until this server has heard from the agent, which takes up to 10 minutes',
    );
    assert.match(err, 'riposte: running /var/ossec/bin/ossec-control restart; this can take a minute');
  }
  await tree.remove();
});

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  test(`${signal} ends the wait for a restart that hangs, and leaves the installation sound`, async () => {
    const tree = await treeWithControl(
      'echo $$ > $home/control.new\nmv $home/control.new $home/control\nexec sleep 1000\n',
    );
    const args = ['dist/riposte.js', 'install', '--restart', '--root', tree.root];
    const installing = execa(process.execPath, args, {
      reject: false,
      stdin: 'ignore',
      extendEnv: false,
      env: { PATH },
    });
    await eventually('the control script runs', async () => existsSync(tree.path('control')));
    installing.kill(signal);
    const { exitCode, stderr } = await installing;
    const pid = Number(await tree.read('control'));
    process.kill(pid, 'SIGKILL'); // throws if the signal has ended the control script
    assert.is(exitCode, EX.TEMPFAIL, stderr);
    assert.match(stderr, `has not ended yet, and continues as process ${pid}. All other steps are complete`);
    assert.match((await run(['install', '--root', tree.root])).out, 'nothing to do');
    await tree.remove();
  });

test.run();
