import { chmod, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type Bundled, FOR_NODE } from './bundled.ts';
import { packageFilesIn } from './notices.ts';

/**
 * Makes the hook a shell script whose lines are comments for Node. ModSecurity holds the request until the shell has
 * ended and no process holds the shell's output open, which takes some milliseconds. The background process must also
 * close the outputs of other hooks: an Apache with threads may start two hooks at once, and each hook then inherits the
 * other hook's pipe. The script needs bash to close them, because dash cannot close a descriptor above 9. With -p, bash
 * ignores the environment.
 *
 * A lock on the socket's directory, which only the server's group can open, lets only one Node run at a time: a flood
 * of requests starts no flood of Node processes. A hook that has waited two seconds gives up; the server also learns of
 * the attack from ModSecurity's log.
 */
const PRELUDE = `#!/bin/bash -p
':' //; echo riposte
':' //; directory=\${RIPOSTE_SOCKET:-/run/riposte/report.sock}
':' //; directory=\${directory%/*}
':' //; [ -r "$directory" ] || { echo "riposte: $REMOTE_ADDR is not reported: no access to $directory" >&2; exit 0; }
':' //; release() { local fd; for fd in /proc/self/fd/[0-9]*; do fd=\${fd##*/}; ((fd > 2)) && eval "exec $fd>&-"; done; }
':' //; { release; exec flock -w 2 "$directory" "\${RIPOSTE_NODE:-node}" "$0"; } >/dev/null &
':' //; exit 0
// Riposte: the hook for ModSecurity's exec action. Built file: edit the sources.`;

/** Bundles the hook into one self-contained file. */
export async function bundleHook(outdir: string): Promise<Bundled> {
  const file = join(outdir, 'modsec-exec.js');
  const { metafile } = await build({
    ...FOR_NODE,
    metafile: true,
    entryPoints: ['serve/hook/modsec-exec.ts'],
    outfile: file,
    banner: { js: PRELUDE },
    legalComments: 'inline',
  });
  await chmod(file, 0o755);
  return { file, bytes: (await stat(file)).size, packageFiles: packageFilesIn(metafile) };
}
