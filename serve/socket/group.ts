import { EX, RiposteError } from '../../base/errors.ts';
import { readIfThere } from '../../base/files.ts';

/**
 * Returns the number of a group in /etc/group. A group from elsewhere, such as LDAP, must be given as a number.
 *
 * @throws RiposteError (CONFIG) when there is no group of that name
 */
export function groupId(group: string | number, file = '/etc/group'): number {
  if (/^\d{1,9}$/.test(`${group}`)) return Number(group);
  const lines = (readIfThere(file) ?? '').split('\n').map((line) => line.split(':'));
  const gid = lines.find(([name]) => name === group)?.[2];
  if (gid !== undefined) return Number(gid);
  throw new RiposteError(EX.CONFIG, `there is no group '${group}' in ${file}; give its name or number`);
}
