import { posix } from 'node:path';
import type { ConfigurationHost, ProgramResult } from '../../../logs/configuration/host.ts';

/** The output of a fake host's programs, by program and arguments: `/usr/sbin/nginx -T`. */
export type Programs = Readonly<Record<string, Partial<ProgramResult>>>;

/** A host with these files and their directories. */
export function hostWith(
  files: Readonly<Record<string, string>>,
  programs: Programs = {},
): ConfigurationHost {
  const paths = Object.keys(files);
  return {
    read: (path) => {
      const text = files[path];
      return text === undefined ? undefined : { text };
    },
    list: (directory) => {
      const prefix = directory.endsWith('/') ? directory : `${directory}/`;
      const inside = paths.filter((path) => path.startsWith(prefix));
      const names = inside.map((path) => path.slice(prefix.length).split('/')[0] ?? '');
      return inside.length === 0 ? undefined : [...new Set(names)].sort();
    },
    realPath: (path) => posix.normalize(path),
    run: (program, args) => {
      const said = programs[[program, ...args].join(' ')];
      return said && { ok: true, stdout: '', stderr: '', ...said };
    },
  };
}
