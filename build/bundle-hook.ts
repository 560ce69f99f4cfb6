import { chmod, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * What makes the hook a shell script for the shell, and comments for Node. The request is held until the shell
 * has ended, some milliseconds, and no longer. For that, what stays behind must let go of the standard outputs
 * of other hooks, too: an Apache with threads may start two at once, and each then inherits the other's pipe.
 * That takes bash, as dash cannot close a descriptor above 9; -p has it take nothing from the environment.
 *
 * One Node at a time, by a lock on the socket's directory, which only the server's group can open: a flood of
 * requests makes no flood of Node processes. Who has waited two seconds for it gives up; the log that
 * ModSecurity writes tells the server, too.
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

/** Bundles the hook into one file that works alone. */
export async function bundleHook(outdir: string): Promise<{ file: string; bytes: number }> {
  const file = join(outdir, 'modsec-exec.js');
  await build({
    entryPoints: ['cli/hook/modsec-exec.ts'],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    banner: { js: PRELUDE },
    legalComments: 'inline',
    logLevel: 'error',
  });
  await chmod(file, 0o755);
  return { file, bytes: (await stat(file)).size };
}
