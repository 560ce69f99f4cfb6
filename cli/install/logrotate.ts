import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { readIfThere } from '../../active-response/files.ts';
import type { ManagedSite } from './site.ts';

/**
 * What keeps the journal, and on OSSEC active-responses.log, from growing for ever. A new file takes the place
 * of the old one: Riposte opens its files for each line, and OSSEC's logcollector reads a new inode from its
 * begin, while it leaves out what was written to one that has been cut (`handle_file` after each).
 *
 * @param logs the directory logs/, whose owner gets the new log
 */
export function logrotateFile(
  { root, home, gid, manager, inside }: ManagedSite,
  logs: Stats | undefined,
): string {
  const group = nameOf(join(root, 'etc/group'), gid);
  const owner = nameOf(join(root, 'etc/passwd'), logs?.uid ?? 0);
  const journal = section(inside(home.journal), `create 0640 root root`, 'root root');
  if (manager.kind === 'wazuh') return journal; // it rotates its own logs
  return `${journal}\n${section(inside(home.activeResponsesLog), `create 0660 ${owner} ${group}`, `root ${group}`)}`;
}

/** logrotate wants to know as whom, where others than root may write to the directory. */
function section(path: string, create: string, as: string): string {
  const lines = [
    'size 50M',
    'rotate 8',
    'missingok',
    'notifempty',
    'compress',
    'delaycompress',
    create,
    `su ${as}`,
  ];
  return `${path} {\n${lines.map((line) => `    ${line}\n`).join('')}}\n`;
}

/** The name of a number in a file like /etc/passwd; the number where it has none. */
function nameOf(file: string, id: number): string {
  const lines = (readIfThere(file) ?? '').split('\n').map((line) => line.split(':'));
  return lines.find(([, , number]) => number === String(id))?.[0] ?? String(id);
}
