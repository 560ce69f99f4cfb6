import { spawnSync } from 'node:child_process';

/**
 * The commit of the sources, followed by `-changed` if they differ from the commit. `unknown` in sources without their
 * history.
 */
export function commit(): string {
  const described = git('describe', '--always', '--abbrev=12', '--exclude=*', '--dirty=-changed');
  return described === '' ? 'unknown' : described;
}

/** The time of the commit, in seconds since 1970, for reproducible packages; SOURCE_DATE_EPOCH overrides it. */
export function commitTime(env: NodeJS.ProcessEnv = process.env): number {
  return Number(env.SOURCE_DATE_EPOCH || git('log', '-1', '--format=%ct') || 0);
}

function git(...args: string[]): string {
  const { status, stdout } = spawnSync('git', args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return status === 0 ? stdout.trim() : '';
}
