import { readFile } from 'node:fs/promises';
import { ManagerTree, type TreeKind } from '../lab/manager-tree.ts';
import { Mounts } from '../lab/mounts.ts';
import { PATH } from '../lab/tools.ts';

/** With this PATH, programs find the systemctl of `hostWithManager` first. */
export const ENV = { PATH: `/opt/bin:${PATH}` };

/** The arguments of each call of systemctl. */
export async function callsOf(mounts: Mounts): Promise<string[]> {
  return (await readFile(mounts.path('/opt/systemctl.log'), 'utf8')).trim().split('\n');
}

/** This host in a mount namespace, with a manager in /opt/ossec and a systemctl that only records its calls. */
export async function hostWithManager(kind: TreeKind): Promise<Mounts> {
  const tree = await ManagerTree.create(kind);
  const mounts = await Mounts.create();
  await mounts.run('mount', '-t', 'tmpfs', 'none', '/opt');
  await mounts.run('cp', '--archive', tree.home, '/opt/ossec');
  await mounts.run('mount', '-t', 'tmpfs', 'none', '/run');
  await mounts.run('mkdir', '-p', '/run/systemd/system', '/opt/bin');
  for (const directory of ['/etc', '/usr/local']) {
    const [upper, work] = [`/opt/upper${directory}`, `/opt/work${directory}`];
    await mounts.run('mkdir', '-p', upper, work);
    await mounts.run(
      'mount',
      '-t',
      'overlay',
      '-o',
      `lowerdir=${directory},upperdir=${upper},workdir=${work}`,
      'none',
      directory,
    );
  }
  const note = '#!/bin/sh\necho "$@" >> /opt/systemctl.log\n';
  await mounts.run(
    'sh',
    '-c',
    `printf '${note.replaceAll('\n', '\\n')}' > /opt/bin/systemctl; chmod 755 /opt/bin/systemctl`,
  );
  await tree.remove();
  return mounts;
}
