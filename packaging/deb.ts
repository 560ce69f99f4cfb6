import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { descriptionOf, MAINTAINER, SUMMARY } from './about.ts';
import { contentsOf, type Entry, type PackageKind, zipped } from './contents.ts';
import { DEB_SCRIPTS } from './maintainer/scripts.ts';
import { normalize, stage, write } from './stage.ts';
import { runTool } from './tools.ts';

/** The inputs of all packages of a run. */
export interface Making {
  readonly version: string;
  /** The time of all files, in seconds since 1970. */
  readonly time: number;
  /** The directory of the packages. */
  readonly outdir: string;
  /** True to compress little, for tests. Full compression of Node takes minutes. */
  readonly isQuick: boolean;
}

/** Makes a .deb. @returns its path */
export function makeDeb(kind: PackageKind, making: Making): string {
  const { version, time, outdir, isQuick } = making;
  const root = mkdtempSync(join(tmpdir(), 'riposte-deb-'));
  const file = join(outdir, `${kind.name}_${version}_${kind.architecture}.deb`);
  try {
    const entries = [...contentsOf(kind, 'deb'), ...debianFiles(kind, making)];
    stage(root, entries, time);
    const size = Number(runTool('du', ['-sk', '--apparent-size', root]).split('\t')[0]);
    mkdirSync(join(root, 'DEBIAN'));
    const control: Record<string, string> = {
      control: controlOf(kind, version, size),
      conffiles: entries.flatMap((entry) => ('isConffile' in entry ? `${entry.path}\n` : [])).join(''),
      md5sums: entries.map((entry) => sumOf(entry)).join(''),
    };
    for (const [texts, mode] of [
      [control, 0o644],
      [DEB_SCRIPTS, 0o755],
    ] as const)
      for (const [name, text] of Object.entries(texts)) write(join(root, 'DEBIAN', name), text, mode);
    normalize(root, time);
    const compression = isQuick ? ['-Zgzip', '-z1'] : ['-Zxz', '-z6'];
    runTool('dpkg-deb', ['--root-owner-group', ...compression, '--build', root, file], {
      env: { SOURCE_DATE_EPOCH: String(time) },
    });
    return file;
  } finally {
    rmSync(root, { recursive: true });
  }
}

function controlOf(kind: PackageKind, version: string, size: number): string {
  const own = kind.node !== undefined;
  const fields = {
    Package: kind.name,
    Version: version,
    Architecture: kind.architecture,
    Maintainer: MAINTAINER,
    'Installed-Size': size,
    Depends: own ? 'libc6 (>= 2.28), libgcc-s1 | libgcc1, libstdc++6 (>= 8)' : 'nodejs (>= 20.12)',
    Recommends: 'nftables, iproute2',
    Suggests: 'apache2 | nginx, logrotate',
    ...(own ? { Conflicts: 'riposte-nodejs', Replaces: 'riposte-nodejs' } : {}),
    ...(own ? {} : { Provides: `riposte (= ${version})`, Conflicts: 'riposte', Replaces: 'riposte' }),
    Section: 'admin',
    Priority: 'optional',
    Description: `${SUMMARY}\n${descriptionOf(kind)
      .map((line) => ` ${line || '.'}`)
      .join('\n')}`,
  };
  return Object.entries(fields)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('');
}

/** The files that only Debian requires. */
function debianFiles({ name, node }: PackageKind, { version, time }: Making): Entry[] {
  const date = new Date(time * 1000).toUTCString().replace('GMT', '+0000');
  const changelog = `riposte (${version}) unstable; urgency=medium\n\n  * See CHANGELOG.md.gz.\n\n -- ${MAINTAINER}  ${date}\n`;
  const overrides = node === undefined ? [] : OVERRIDES;
  return [
    zipped(`/usr/share/doc/${name}/changelog.gz`, changelog),
    {
      path: `/usr/share/doc/${name}/copyright`,
      bytes: Buffer.from(copyright(node !== undefined)),
      mode: 0o644,
    },
    {
      path: `/usr/share/lintian/overrides/${name}`,
      bytes: Buffer.from([...COMMON_OVERRIDES, ...overrides].map((line) => `${line}\n`).join('')),
      mode: 0o644,
    },
  ];
}

/** Intended findings of lintian, each with its reason. */
const COMMON_OVERRIDES = [
  '# riposte.mail may hold a password; Riposte refuses the file if other accounts can read it.',
  'non-standard-file-perm * [etc/riposte/riposte.mail]',
  '# Settings are for root, and for the group of a manager.',
  'non-standard-file-perm * [etc/riposte/riposte.allow]',
  '# The preset disables riposte.service, so that only the administrator enables it; deb-systemd-helper would enable it.',
  'maintainer-script-calls-systemctl *',
  '# /usr/local/bin may still have the command of an older installation.',
  'command-with-path-in-maintainer-script /usr/bin/riposte *',
];
const OVERRIDES = [
  '# The Node project builds this program, which contains its libraries.',
  'embedded-library *',
  'hardening-no-pie *',
  '# The package runs only on the Node that it contains.',
  'missing-dep-for-interpreter /usr/lib/riposte/node *',
  'wrong-path-for-interpreter /usr/lib/riposte/node *',
];

function copyright(hasNode: boolean): string {
  const licence = readFileSync('LICENSE', 'utf8').trim();
  const others = hasNode
    ? 'The licences of Node.js and of its libraries: NODE-LICENCE.gz. The licences of packages from npm: THIRD-PARTY-NOTICES.txt.gz.'
    : 'The licences of packages from npm: THIRD-PARTY-NOTICES.txt.gz.';
  return `${licence}\n\n${others}\n`;
}

/** A line of md5sums; nothing for a link. */
function sumOf(entry: Entry): string {
  if ('target' in entry) return '';
  const bytes = 'from' in entry ? readFileSync(entry.from) : entry.bytes;
  return `${createHash('md5').update(bytes).digest('hex')}  ${entry.path.slice(1)}\n`;
}
