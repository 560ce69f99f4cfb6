import { execa } from 'execa';
import { missing } from './tools.ts';

/** The Debian packages of programs. */
export type PackageOf = Readonly<Record<string, string>>;

/** The number of lines to show from the end of apt-get's output. */
const LINES = 12;

/**
 * Installs the packages of missing programs, as root on Debian.
 *
 * @returns the packages that are still missing, and the reason; undefined when all are installed
 */
export async function missingPrograms(packageOf: PackageOf): Promise<string | undefined> {
  const lacking = () => missing(...Object.keys(packageOf)).map((program) => packageOf[program] ?? program);
  const wanted = lacking();
  if (wanted.length === 0) return undefined;
  const reason = missing('apt-get').length > 0 ? '' : await install(wanted);
  const left = lacking();
  return left.length === 0 ? undefined : `${left.join(', ')}${reason}`;
}

/** @returns the failed command and the last lines of its output; an empty text when the command succeeds */
async function install(packages: readonly string[]): Promise<string> {
  const words = ['install', '-y', '--no-install-recommends', ...packages];
  const { exitCode, all } = await execa('bash', ['-c', '. build/apt.sh && apt_get "$@"', 'bash', ...words], {
    all: true,
    stdin: 'ignore',
    reject: false,
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (exitCode === 0) return '';
  const last = String(all).trim().split('\n').slice(-LINES).join('\n  ');
  return ` (apt-get ${words.join(' ')}: exit status ${exitCode}\n  ${last})`;
}
