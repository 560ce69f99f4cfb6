import { spawnSync } from 'node:child_process';

/** The Debian packages of the programs that make packages. */
export const TOOLS: Readonly<Record<string, string>> = {
  'dpkg-deb': 'dpkg',
  rpmbuild: 'rpm',
  xz: 'xz-utils',
  'x86_64-linux-gnu-strip': 'binutils-x86-64-linux-gnu',
  'aarch64-linux-gnu-strip': 'binutils-aarch64-linux-gnu',
};

/**
 * Runs a program that makes a part of a package.
 *
 * @throws Error with the last lines of its output when the program fails, or with its Debian package when it is missing
 */
export function runTool(
  program: string,
  args: readonly string[],
  { cwd, env = {} }: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 100_000_000,
  });
  if (error) {
    const from = TOOLS[program];
    throw new Error(`${program}: ${error.message}${from ? `; apt-get install ${from}` : ''}`);
  }
  if (status === 0) return stdout;
  const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-8).join('\n');
  throw new Error(`${[program, ...args].join(' ')}: exit status ${status}\n${said}`);
}
