import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { TOOLS } from '../../packaging/tools.ts';
import { missing } from './tools.ts';

/** Installs the programs that make packages. Returns the missing programs. */
export async function missingForPackages(...more: string[]): Promise<string | undefined> {
  const programs = [...Object.keys(TOOLS), ...more];
  const lacking = missing(...programs).map((program) => TOOLS[program] ?? program);
  if (lacking.length > 0 && missing('apt-get').length === 0)
    await execa(
      'bash',
      ['-c', '. build/apt.sh && apt_get install -y --no-install-recommends "$@"', 'bash', ...lacking],
      { stdin: 'ignore', reject: false, stdout: 'ignore', env: { DEBIAN_FRONTEND: 'noninteractive' } },
    );
  const lacks = missing(...programs);
  return lacks.length === 0 ? undefined : lacks.map((program) => TOOLS[program] ?? program).join(', ');
}

/**
 * Makes packages, quickly, in a new directory.
 *
 * @param args options of packaging/package.ts
 * @returns their paths; the caller removes the directory
 */
export async function makePackages(args: readonly string[], umask = '022'): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'riposte-packages-'));
  const words = ['packaging/package.ts', '--quick', '--no-build', '--out', directory, ...args];
  const script = `umask ${umask}; exec "$0" build/run-ts.mjs "$@"`;
  await execa('sh', ['-c', script, process.execPath, ...words], { stdin: 'ignore' });
  return (await readdir(directory)).sort().map((name) => join(directory, name));
}
