import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';

/**
 * Fetches and unpacks: `bash -c SCRIPT bash ROOT PACKAGE…`. A lock permits only one run at a time on this machine,
 * because apt-get fails while another apt-get reads its lists. Unpacks into a temporary directory first, so that an
 * interrupted run leaves nothing that looks complete.
 */
const SCRIPT = `
set -eu
root=$1; shift
. build/apt.sh
exec 9</usr/sbin
flock 9
[ ! -d "$root" ] || exit 0
fresh=$(mktemp -d "$(dirname "$root")/unpack-XXXXXX")
trap 'rm -rf "$fresh"' EXIT
chmod 755 "$fresh"
(cd "$fresh" && apt_get download "$@")
for file in "$fresh"/*.deb; do dpkg-deb -x "$file" "$fresh/root"; done
mv "$fresh/root" "$root"
`;

/**
 * Unpacks Debian packages without installing them: their services must not start on this machine.
 *
 * @returns the directory with their files, or undefined when they cannot be fetched; the reason is then printed
 */
export async function unpacked(...packages: string[]): Promise<string | undefined> {
  const cache = resolve('node_modules/.cache/riposte');
  const root = join(cache, packages.join('+'));
  if (existsSync(root)) return root;
  await mkdir(cache, { recursive: true });
  const { exitCode, all } = await execa('bash', ['-c', SCRIPT, 'bash', root, ...packages], {
    all: true,
    reject: false,
    stdin: 'ignore',
  });
  if (exitCode === 0 && existsSync(root)) return root;
  console.log(`Debian's ${packages.join(', ')} cannot be fetched, so their tests are left out:`);
  console.log(String(all).split('\n').slice(-10).join('\n'));
  return undefined;
}
