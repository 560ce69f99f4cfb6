import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { codeFileOf } from '../../active-response/precompiled.ts';
import { RiposteError } from '../../base/errors.ts';
import { realExecutor } from '../../base/execute.ts';
import { lstatIfThere, readRegular } from '../../base/files.ts';
import { lookForProgram } from '../../base/find-program.ts';
import { interpreterIn } from '../../install/interpreter.ts';
import { PACKAGED_NODE } from '../../install/package.ts';
import { isPrecompiled } from '../../install/precompile.ts';
import { SCRIPTS } from '../active-responses.ts';
import type { Examination } from '../examination.ts';
import { type Judged, ok, problem, warning } from '../finding.ts';
import type { Check } from './check.ts';

/** The oldest Node that runs Riposte's scripts (package.json, engines). */
const OLDEST = [20, 12] as const;

/** Checks that each script names an existing Node that is new enough; execd does not search for one. */
export const interpreter: Check = (examined) => {
  const bin = join(examined.home.root, 'active-response/bin');
  const installed = SCRIPTS.map((name) => join(bin, name)).filter((file) => existsSync(file));
  const named = new Map(installed.map((file) => [file, interpreterIn(readRegular(file).toString('latin1'))]));
  const findings = [...new Set(named.values())].map((words) => {
    const files = installed.filter((file) => named.get(file) === words);
    return judge(words, files, examined);
  });
  return findings;
};

function judge(words: string | undefined, files: readonly string[], { service }: Examination): Judged {
  const named = files.join(', ');
  const repair = `sed -i -e "1s|^#!.*node.*|#!$(command -v node)|" -e "s|^node=.*|node=$(command -v node)|" ${files.join(' ')}`;
  if (words === undefined || words === '')
    return problem(`${named}: does not begin with #! and an interpreter`, 'riposte install');
  const [program = '', argument] = words.split(/[ \t]+/);
  const isEnv = program.endsWith('/env') || program === 'node';
  const searched = argument ?? 'node';
  const node = lookForProgram(isEnv ? searched : program, service.path);
  if (node === undefined) {
    const where = isEnv
      ? `PATH of the service (${service.source}: ${service.path}) has no ${searched}`
      : 'that file does not exist';
    return problem(`${named}: the interpreter is ${words}: ${where}`, repair);
  }
  const version = versionOf(node);
  if (version === undefined) return problem(`${named}: ${node} is not Node, or cannot be run`, repair);
  if (isOlder(version)) {
    const needed = `Riposte needs ${OLDEST.join('.')} or newer`;
    return problem(`${named}: ${node} is Node ${version}; ${needed}`, `install a newer Node, then ${repair}`);
  }
  if (!isEnv && !program.startsWith('/'))
    return problem(`${named}: the interpreter ${program} has no absolute path`, repair);
  if (isEnv)
    return warning(
      `${named}: env searches for ${searched} in a PATH (${service.source}) that may change`,
      repair,
    );
  const outdated = files.filter(
    (file) => lstatIfThere(codeFileOf(file)) && !isPrecompiled(file, `v${version}`),
  );
  if (outdated.length > 0)
    return warning(
      `${outdated.join(', ')}: the compiled code is for another Node than ${node}, Node ${version}, so each block by Node takes a few milliseconds more`,
      'riposte install',
    );
  return ok(`${node}, Node ${version}${originOf(node)}`);
}

/**
 * Names the package to which the path of this Node belongs: riposte, or riposte-nodejs, in which the path is a link to
 * the distribution's Node. Empty for any other path.
 */
function originOf(node: string): string {
  if (node !== PACKAGED_NODE) return '';
  const target = realpathSync(node);
  return target === node ? ', of the package riposte' : `, of the package riposte-nodejs: it is ${target}`;
}

function versionOf(node: string): string | undefined {
  try {
    const { ok: ran, stdout } = realExecutor(20, {}).look({ program: node, args: ['--version'] });
    return ran ? /^v(\d+\.\d+\.\d+)/.exec(stdout)?.[1] : undefined;
  } catch (error) {
    if (error instanceof RiposteError) return undefined;
    throw error;
  }
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}
