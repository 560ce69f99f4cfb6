import { RiposteError } from '../../base/errors.ts';
import { type Executor, realExecutor } from '../../base/execute.ts';
import { lookForProgram } from '../../base/find-program.ts';
import { type ConfigurationHost, hostAt } from './host.ts';

/** apachectl is a script that finds other programs in PATH. */
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The host below `root`. If `root` is `/`, and the user root runs Riposte, the web servers' programs print the
 * configuration.
 *
 * @param timeout seconds that a program may take
 */
export function configurationHost(root: string, timeout: number): ConfigurationHost {
  if (root !== '/' || process.getuid?.() !== 0) return hostAt(root);
  const executor = realExecutor(timeout, { PATH });
  return hostAt(root, (program, args) => run(executor, program, args));
}

function run(
  executor: Executor,
  program: string,
  args: readonly string[],
): ReturnType<ConfigurationHost['run']> {
  if (lookForProgram(program, PATH) === undefined) return undefined;
  try {
    const { ok, stdout, stderr } = executor.look({ program, args });
    return { ok, stdout: bytesOf(stdout), stderr: bytesOf(stderr) };
  } catch (error) {
    if (error instanceof RiposteError) return { ok: false, stdout: '', stderr: error.message };
    throw error;
  }
}

/** The executor decodes output as UTF-8; this function returns the bytes of the output as latin1. */
const bytesOf = (text: string): string => Buffer.from(text).toString('latin1');
