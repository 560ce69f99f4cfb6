import { realpathSync } from 'node:fs';
import { readIfThere } from '../base/files.ts';

/** True if the file system that holds this path is mounted noexec. */
export function isNoexec(path: string, mountInfo = readIfThere('/proc/self/mountinfo')): boolean {
  return optionsAt(realpathSync(path), mountInfo ?? '').includes('noexec');
}

/** `36 35 98:0 /root /mount/point rw,noexec shared:1 - ext4 …`, see proc(5). The last mount on a mount point counts. */
function optionsAt(path: string, mountInfo: string): string[] {
  const mounts = mountInfo.split('\n').flatMap((line) => {
    const [, , , , point, options] = line.split(' ');
    return point === undefined || options === undefined ? [] : { point: unescaped(point), options };
  });
  const holding = mounts.filter(
    ({ point }) => path === point || path.startsWith(`${point.replace(/\/$/, '')}/`),
  );
  const longest = Math.max(...holding.map(({ point }) => point.length));
  return holding.findLast(({ point }) => point.length === longest)?.options.split(',') ?? [];
}

/** A space in a mount point is `\040`. */
const unescaped = (text: string): string =>
  text.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)));
