import { type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hasRiposte } from '../../active-response/home.ts';
import { commandsIn, SCRIPTS } from '../active-responses.ts';
import { type Examination, isWazuh5 } from '../examination.ts';
import { type Judged, orOk, problem, warning } from '../finding.ts';
import { groupName } from '../group-name.ts';
import { isNoexec } from '../mounts.ts';
import type { Check } from './check.ts';

/** Checks that every script exists, that execd can run it, and that only root can change it, because execd runs it as root. */
export const scripts: Check = (examined) => {
  if (isIdle(examined)) return [];
  const bin = join(examined.home.root, 'active-response/bin');
  const directory = statSync(bin, { throwIfNoEntry: false });
  if (directory === undefined)
    return [problem(`there is no directory ${bin}`, putThere(examined, 'make it'))];
  const wrong = [
    ...[examined.home.root, dirname(bin), bin].flatMap(judgeDirectory),
    ...[...SCRIPTS, ...emailAlert(examined)].flatMap((name) =>
      judgeScript(join(bin, name), directory, examined),
    ),
    ...(isNoexec(bin) ? [noexec(bin)] : []),
  ];
  return orOk(wrong, `${SCRIPTS.join(', ')}: installed, and execd can run them`);
};

/** email-alert is optional, so it is checked only if ossec.conf runs it. */
const emailAlert = ({ conf }: Examination): string[] =>
  commandsIn(conf).flatMap(({ executable }) => (executable === 'email-alert.js' ? executable : []));

function judgeScript(file: string, directory: Stats, examined: Examination): Judged[] {
  const { root, manager } = examined;
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return [problem(`there is no ${file}`, putThere(examined, 'copy it there'))];
  const group = groupName(directory.gid, root);
  const mode = manager?.kind === 'wazuh' ? '0750' : '0550';
  const repair = `chown root:${group} ${file} && chmod ${mode} ${file}`;
  const is = `${file} is ${octal(stats.mode)}`;
  if (!stats.isFile()) return [problem(`${file} is not a regular file`, putThere(examined, 'copy it there'))];
  if (stats.uid !== 0)
    return [problem(`${file} belongs to user ${stats.uid}, who can change a script that root runs`, repair)];
  if ((stats.mode & 0o022) !== 0)
    return [problem(`${is}: users other than root can change a script that root runs`, repair)];
  if ((stats.mode & 0o111) === 0) return [problem(`${is}: execd cannot run it`, repair)];
  if (manager !== undefined && stats.gid !== directory.gid)
    return [
      warning(
        `${file} is of group ${groupName(stats.gid, root)}, but the manager’s files are of ${group}`,
        repair,
      ),
    ];
  return [];
}

/** The fix for a missing script; without a manager, riposte install would refuse. */
const putThere = ({ home, manager }: Examination, byHand: string): string =>
  manager === undefined
    ? `${byHand}, or riposte install --home DIR, where DIR is the manager’s directory`
    : `riposte install --home ${home.root}`;

/** Wazuh 5's manager runs no responses, so it needs no scripts. */
const isIdle = ({ manager, home }: Examination): boolean =>
  isWazuh5(manager) && manager?.role === 'server' && !hasRiposte(home.root);

function judgeDirectory(directory: string): Judged[] {
  const { mode, uid } = statSync(directory);
  const is = `${directory} is ${octal(mode)}`;
  if ((mode & 0o002) !== 0)
    return [problem(`${is}: any user can replace the scripts`, `chmod o-w ${directory}`)];
  if ((mode & 0o100) === 0) return [problem(`${is}: it cannot be entered`, `chmod u+x ${directory}`)];
  if (uid !== 0 && directory.endsWith('/active-response/bin'))
    return [problem(`${directory} belongs to user ${uid}`, `chown root ${directory}`)];
  return [];
}

const noexec = (bin: string): Judged =>
  problem(
    `${bin} is on a file system that is mounted noexec: execd can run no script there`,
    `mount -o remount,exec "$(findmnt -no TARGET -T ${bin})", and replace noexec with exec in /etc/fstab`,
  );

const octal = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, '0');
