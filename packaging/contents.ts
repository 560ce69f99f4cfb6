import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { initialAllowList, initialCredentials } from '../install/initial-settings.ts';
import { withInterpreter } from '../install/interpreter.ts';
import { asPackaged, PACKAGED_NODE, PACKAGED_PROGRAM, PACKAGED_UNITS } from '../install/package.ts';
import { SERVER_FILES } from '../install/sandbox.ts';
import { UNIT, unitText } from '../install/units/serve-unit.ts';
import { timerUnits } from '../install/units/timer.ts';
import { FRAGMENTS } from './fragments.ts';
import type { Architecture, OwnNode } from './own-node.ts';

/** The two forms of a package. */
export type Format = 'deb' | 'rpm';

/** A package to make. It contains Node for one processor, or uses the distribution's Node. */
export interface PackageKind {
  readonly name: 'riposte' | 'riposte-nodejs';
  readonly architecture: Architecture | 'all';
  /** Undefined in riposte-nodejs. */
  readonly node: OwnNode | undefined;
}

/** A file or link of a package, by its absolute path on the host. */
export type Entry = { readonly path: string } & (
  | { readonly bytes: Buffer; readonly mode: number; readonly isConffile?: boolean }
  | { readonly from: string; readonly mode: number }
  | { readonly target: string }
);

/**
 * Enables the sweep and the restore, which do nothing before `riposte install`. The administrator enables the server.
 */
const PRESET = `enable riposte-sweep.timer
enable riposte-restore.service
disable ${UNIT}
`;

/**
 * All files of a package, except the files that only its format requires. Their texts come from dist/, which must be
 * built.
 */
export function contentsOf({ name, node }: PackageKind, format: Format): Entry[] {
  const doc = `/usr/share/doc/${name}`;
  const interpreter = node ? PACKAGED_NODE : '/usr/bin/node';
  const zsh = format === 'deb' ? 'vendor-completions' : 'site-functions';
  return [
    node === undefined
      ? { path: PACKAGED_NODE, target: '../../bin/node' }
      : { path: PACKAGED_NODE, from: node.program, mode: 0o755 },
    text(PACKAGED_PROGRAM, withInterpreter(dist('riposte.js'), interpreter), 0o755),
    { path: '/usr/bin/riposte', target: '../lib/riposte/riposte.js' },
    text('/usr/lib/riposte/modsec-exec.js', hook(dist('modsec-exec.js')), 0o755),
    zipped('/usr/share/man/man8/riposte.8.gz', dist('man/riposte.8')),
    text('/usr/share/bash-completion/completions/riposte', dist('completion/bash')),
    text(`/usr/share/zsh/${zsh}/_riposte`, dist('completion/zsh')),
    ...Object.entries(units()).map(([unit, unitFile]) => text(`/${PACKAGED_UNITS}/${unit}`, unitFile)),
    text('/usr/lib/systemd/system-preset/80-riposte.preset', PRESET),
    { ...text('/etc/riposte/riposte.allow', initialAllowList, 0o640), isConffile: true },
    { ...text('/etc/riposte/riposte.mail', initialCredentials, 0o600), isConffile: true },
    zipped(`${doc}/CHANGELOG.md.gz`, readFileSync('CHANGELOG.md', 'utf8')),
    zipped(`${doc}/THIRD-PARTY-NOTICES.txt.gz`, dist('THIRD-PARTY-NOTICES.txt')),
    ...(node === undefined ? [] : [zipped(`${doc}/NODE-LICENCE.gz`, readFileSync(node.licence, 'utf8'))]),
    ...['prometheus/riposte.rules.yml', 'grafana/riposte.json'].map((file) =>
      text(`${doc}/examples/${file}`, readFileSync(join('packaging', file), 'utf8')),
    ),
    ...[...FRAGMENTS, 'ossec/ossec.conf.d', 'wazuh/ossec.conf.d'].flatMap((folder) =>
      readdirSync(join('dist', folder)).map((file) =>
        text(`${doc}/examples/${folder}/${file}`, fragment(dist(`${folder}/${file}`))),
      ),
    ),
  ];
}

/**
 * The units for a host without a manager. For a host with a manager, `riposte install` writes other units, into /etc.
 */
export function units(): Record<string, string> {
  const home = '/var/lib/riposte';
  const program = join(home, 'bin/riposte');
  const server = unitText({ node: PACKAGED_NODE, program, home, writes: SERVER_FILES });
  const texts = Object.entries({ [UNIT]: server, ...timerUnits(program, home) });
  return Object.fromEntries(texts.map(([unit, unitFile]) => [unit, asPackaged(unitFile)]));
}

/**
 * The hook with the path of the package's Node.
 *
 * @throws Error unless the hook contains its default Node exactly once
 */
function hook(script: string): string {
  const [before, after, ...more] = script.split('RIPOSTE_NODE:-node}');
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error('dist/modsec-exec.js must contain its default of RIPOSTE_NODE exactly once');
  return `${before}RIPOSTE_NODE:-${PACKAGED_NODE}}${after}`;
}

/** A fragment with the path that the hook has in the package. */
const fragment = (conf: string): string => conf.replaceAll('/usr/local/lib/riposte/', '/usr/lib/riposte/');

const dist = (path: string): string => readFileSync(join('dist', path), 'utf8');

const text = (path: string, content: string, mode = 0o644) => ({ path, bytes: Buffer.from(content), mode });

export const zipped = (path: string, content: string): Entry => ({
  path,
  bytes: gzipSync(content, { level: 9 }),
  mode: 0o644,
});
