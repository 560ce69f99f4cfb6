import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { realExecutor } from '../../../active-response/backend/execute.ts';
import { lookForProgram } from '../../../active-response/backend/find-program.ts';
import { RiposteError } from '../../../active-response/errors.ts';
import { interpreterIn } from '../../install/interpreter.ts';
import { SCRIPTS } from '../active-responses.ts';
import type { Examination } from '../examination.ts';
import { type Judged, ok, problem, warning } from '../finding.ts';
import type { Check } from './check.ts';

/** The oldest Node that our scripts run on (package.json, engines). */
const OLDEST = [20, 12] as const;

/** Each script names a Node that is there and new enough; execd does not look for one. */
export const interpreter: Check = (examined) => {
  const bin = join(examined.home.root, 'active-response/bin');
  const installed = SCRIPTS.map((name) => join(bin, name)).filter((file) => existsSync(file));
  const named = new Map(installed.map((file) => [file, interpreterIn(readFileSync(file, 'latin1'))]));
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
  const looked = argument ?? 'node';
  const node = lookForProgram(isEnv ? looked : program, service.path);
  if (node === undefined) {
    const where = isEnv
      ? `PATH of the service (${service.source}: ${service.path}) has no ${looked}`
      : 'it is not there';
    return problem(`${named}: the interpreter is ${words}: ${where}`, repair);
  }
  const version = versionOf(node);
  if (version === undefined) return problem(`${named}: ${node} is no Node, or cannot be run`, repair);
  if (isOlder(version)) {
    const needed = `${OLDEST.join('.')} or newer is needed`;
    return problem(`${named}: ${node} is Node ${version}; ${needed}`, `install a newer Node, then ${repair}`);
  }
  if (!isEnv && !program.startsWith('/'))
    return problem(`${named}: the interpreter ${program} has no absolute path`, repair);
  if (isEnv)
    return warning(
      `${named}: ${looked} is looked for in a PATH (${service.source}) that may become another`,
      repair,
    );
  return ok(`${node}, Node ${version}`);
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
