import { spawnSync } from 'node:child_process';
import { PATH } from './tools.ts';

/**
 * The words that let a command create network namespaces. Root needs no words. Other accounts need a user namespace, in
 * which they keep their user id and have every capability over the objects that they create in it.
 */
export function privileges(): string[] | undefined {
  if (canUnshare([])) return [];
  const userNamespace = ['unshare', '--user', '--map-current-user', '--keep-caps', '--'];
  return canUnshare(userNamespace) ? userNamespace : undefined;
}

function canUnshare(prefix: string[]): boolean {
  const [program = '', ...args] = [...prefix, 'unshare', '--net', 'ip', 'link', 'set', 'lo', 'up'];
  return spawnSync(program, args, { env: { ...process.env, PATH } }).status === 0;
}
