import { accessSync, constants, lstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Examination } from '../examination.ts';
import { ok, problem, warning } from '../finding.ts';
import { groupName } from '../group-name.ts';
import { lastLines } from '../tail.ts';
import type { Check } from './check.ts';

/** Checks that Riposte and the manager can write active-responses.log, and that decoders can read its lines. */
export const log: Check = (examined) => {
  const file = examined.home.activeResponsesLog;
  const stats = lstatSync(file, { throwIfNoEntry: false });
  const { user, group } = ownersOf(examined);
  if (stats === undefined) {
    // Without a manager, the first response creates the log.
    if (examined.manager === undefined) return [];
    const fix = `install -o ${user} -g ${group} -m 0660 /dev/null ${file}, then restart the manager`;
    return [problem(`there is no ${file}: logcollector ignores a log that does not exist at its start`, fix)];
  }
  if (!stats.isFile()) return [problem(`${file} is not a regular file`, `move it away, then: touch ${file}`)];
  const repair = `chgrp ${group} ${file} && chmod 0660 ${file}`;
  const is = `${file} is ${(stats.mode & 0o7777).toString(8).padStart(4, '0')}`;
  if ((stats.mode & 0o002) !== 0)
    return [problem(`${is}: any user can write lines that the manager trusts`, repair)];
  if ((stats.mode & 0o660) !== 0o660 && examined.manager !== undefined)
    return [problem(`${is}: the manager’s own programs cannot write to it`, repair)];
  if (examined.manager !== undefined && groupName(stats.gid, examined.root) !== group)
    return [problem(`${file} is of group ${groupName(stats.gid, examined.root)}, not of ${group}`, repair)];
  const refused = examined.isRoot ? whyNotWritable(file) : undefined;
  if (refused !== undefined)
    return [
      problem(
        `${file} cannot be written to (${refused})`,
        `chattr -ia ${file}, or remount its file system rw`,
      ),
    ];
  const unknown = lastLines(file, 20).findLast((line) => !FORMS.some((form) => form.test(line)));
  if (unknown === undefined) return [ok(`${file}: writable, and its last lines can be decoded`)];
  const cut = unknown.length > 160 ? `${unknown.slice(0, 160)}…` : unknown;
  return [
    warning(
      `${file} has a line that no decoder reads: ${cut}`,
      'find out which program writes this line; grep -nF shows the line’s place in the log',
    ),
  ];
};

/** Lines of the scripts of OSSEC, Wazuh 4 and Riposte, and of Wazuh's programs around a message. */
const FORMS = [
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d \S+ \d{4} \/\S*\/active-response\/bin\/\S+ \S/,
  /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \S*active-response\/bin\/\S+: /,
];

/** The owners that the log should have: the group of the manager's scripts, and a user of the same name. */
function ownersOf({ home, root }: Examination): { user: string; group: string } {
  const bin = statSync(join(home.root, 'active-response/bin'), { throwIfNoEntry: false });
  const group = groupName(bin?.gid ?? 0, root);
  return { user: group, group };
}

function whyNotWritable(file: string): string | undefined {
  try {
    accessSync(file, constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}
