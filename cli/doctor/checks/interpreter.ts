import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { realExecutor } from '../../../active-response/backend/execute.ts';
import { lookForProgram } from '../../../active-response/backend/find-program.ts';
import { RiposteError } from '../../../active-response/errors.ts';
import { SCRIPTS } from '../active-responses.ts';
import type { Examination } from '../examination.ts';
import { type Judged, ok, problem, warning } from '../finding.ts';
import type { Check } from './check.ts';

/** The oldest Node that our scripts run on (package.json, engines). */
const OLDEST = [20, 12] as const;

/** The `#!` line of each script names a Node that is there and new enough; execd does not look for one. */
export const interpreter: Check = (examined) => {
  const bin = join(examined.home.root, 'active-response/bin');
  const installed = SCRIPTS.map((name) => join(bin, name)).filter((file) => existsSync(file));
  const lines = new Map(installed.map((file) => [file, firstLine(file)]));
  const findings = [...new Set(lines.values())].map((line) => {
    const files = installed.filter((file) => lines.get(file) === line);
    return judge(line, files, examined);
  });
  return findings;
};

function judge(line: string, files: readonly string[], { service }: Examination): Judged {
  const named = files.join(', ');
  const repair = `sed -i "1s|.*|#!$(command -v node)|" ${files.join(' ')}`;
  const [, program = '', argument] = /^#!\s*(\S+)(?:[ \t]+(\S+))?[ \t]*$/.exec(line) ?? [];
  if (program === '')
    return problem(`${named}: the first line is '${line}', not #! and an interpreter`, repair);
  const isEnv = program.endsWith('/env');
  const node = lookForProgram(isEnv ? (argument ?? '') : program, service.path);
  if (node === undefined) {
    const where = isEnv
      ? `PATH of the service (${service.source}: ${service.path}) has no ${argument}`
      : 'it is not there';
    return problem(`${named}: the interpreter is ${line.slice('#!'.length).trim()}: ${where}`, repair);
  }
  const version = versionOf(node);
  if (version === undefined) return problem(`${named}: ${node} is no Node, or cannot be run`, repair);
  if (isOlder(version)) {
    const needed = `${OLDEST.join('.')} or newer is needed`;
    return problem(`${named}: ${node} is Node ${version}; ${needed}`, `install a newer Node, then ${repair}`);
  }
  if (!program.startsWith('/'))
    return problem(`${named}: the interpreter ${program} has no absolute path`, repair);
  if (isEnv)
    return warning(
      `${named}: env looks for node in a PATH (${service.source}) that may become another`,
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

const firstLine = (file: string): string => readFileSync(file, 'latin1').split('\n', 1)[0] ?? '';
