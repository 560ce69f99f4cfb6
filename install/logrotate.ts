import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { readIfThere } from '../base/files.ts';
import type { ManagedTarget } from './install-target.ts';

/**
 * The logrotate file for the journal and, on OSSEC, active-responses.log. logrotate puts a new file in the place of the
 * old one, and does not truncate it: Riposte opens its files for each line, and OSSEC's logcollector (`handle_file`)
 * reads a new inode from its start, but skips lines of a truncated file.
 *
 * @param logs the directory logs/, whose owner gets the new log
 */
export function logrotateFile(
  { root, home, gid, manager, inside }: ManagedTarget,
  logs: Stats | undefined,
): string {
  const group = nameOf(join(root, 'etc/group'), gid);
  const owner = nameOf(join(root, 'etc/passwd'), logs?.uid ?? 0);
  const journal = section(inside(home.journal), `create 0640 root root`, 'root root');
  if (manager.kind === 'wazuh') return journal; // Wazuh rotates its own logs
  return `${journal}\n${section(inside(home.activeResponsesLog), `create 0660 ${owner} ${group}`, `root ${group}`)}`;
}

/** logrotate demands `su` when accounts other than root may write to the directory. */
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

/** The name of an id in a file like /etc/passwd; the id itself if it has no name. */
function nameOf(file: string, id: number): string {
  const lines = (readIfThere(file) ?? '').split('\n').map((line) => line.split(':'));
  return lines.find(([, , number]) => number === String(id))?.[0] ?? String(id);
}
