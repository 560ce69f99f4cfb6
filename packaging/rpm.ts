import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { descriptionOf, MAINTAINER, SUMMARY } from './about.ts';
import { contentsOf, type Entry, type PackageKind, zipped } from './contents.ts';
import type { Making } from './deb.ts';
import { RPM_SCRIPTS } from './maintainer/scripts.ts';
import { stage } from './stage.ts';
import { runTool } from './tools.ts';

const RPM_ARCHITECTURE = { amd64: 'x86_64', arm64: 'aarch64', all: 'noarch' } as const;

/** Makes an .rpm. @returns its path */
export function makeRpm(kind: PackageKind, making: Making): string {
  const { version, time, outdir, isQuick } = making;
  const architecture = RPM_ARCHITECTURE[kind.architecture];
  const top = mkdtempSync(join(tmpdir(), 'riposte-rpm-'));
  const root = join(top, 'files');
  try {
    const licence = zipped(`/usr/share/doc/${kind.name}/LICENSE.gz`, readFileSync('LICENSE', 'utf8'));
    const entries = [...contentsOf(kind, 'rpm'), licence];
    mkdirSync(root);
    stage(root, entries, time);
    writeFileSync(join(top, 'riposte.spec'), specOf(kind, entries, making));
    const macros: Record<string, string> = {
      _topdir: top,
      _binary_payload: isQuick ? 'w1.gzdio' : 'w6.xzdio',
      _buildhost: 'reproducible',
      use_source_date_epoch_as_buildtime: '1',
      clamp_mtime_to_source_date_epoch: '1',
      // The files are complete: rpmbuild must neither strip them nor search them for dependencies.
      __os_install_post: '%{nil}',
      debug_package: '%{nil}',
      _build_id_links: 'none',
      _dbpath: join(top, 'db'),
    };
    const defines = Object.entries(macros).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
    runTool('rpmbuild', ['-bb', '--target', `${architecture}-linux`, ...defines, join(top, 'riposte.spec')], {
      env: { SOURCE_DATE_EPOCH: String(time) },
    });
    const name = `${kind.name}-${version}-1.${architecture}.rpm`;
    const file = join(outdir, name);
    copyFileSync(join(top, 'RPMS', architecture, name), file);
    return file;
  } finally {
    rmSync(top, { recursive: true });
  }
}

function specOf(kind: PackageKind, entries: readonly Entry[], { version, time }: Making): string {
  const own = kind.node !== undefined;
  const requires = own ? ['glibc >= 2.28', 'libstdc++', 'libgcc'] : ['nodejs >= 20.12'];
  return [
    `Name: ${kind.name}`,
    `Version: ${version}`,
    'Release: 1',
    `Summary: ${SUMMARY[0]?.toUpperCase()}${SUMMARY.slice(1)}`,
    `Packager: ${MAINTAINER}`,
    'Group: System Environment/Daemons',
    'License: MIT',
    'AutoReqProv: no',
    ...requires.map((need) => `Requires: ${need}`),
    'Recommends: nftables',
    'Recommends: iproute',
    ...(own ? ['Conflicts: riposte-nodejs'] : [`Provides: riposte = ${version}`, 'Conflicts: riposte']),
    ...(own ? [] : ['BuildArch: noarch']),
    '',
    '%description',
    ...descriptionOf(kind),
    '',
    '%install',
    'mkdir -p %{buildroot}',
    'cp -a %{_topdir}/files/. %{buildroot}/',
    '',
    ...Object.entries(RPM_SCRIPTS).flatMap(([section, text]) => [`%${section}`, macroSafe(text)]),
    '%files',
    '%dir %attr(0755,root,root) /etc/riposte',
    '%dir %attr(0755,root,root) /usr/lib/riposte',
    ...entries.map(lineOf),
    '',
    '%changelog',
    `* ${rpmDate(time)} ${MAINTAINER} - ${version}-1`,
    '- See CHANGELOG.md.gz.',
    '',
  ].join('\n');
}

/** Formats a date for the changelog, such as `Sun Nov 29 2026`. @param time seconds since 1970 */
function rpmDate(time: number): string {
  const [day = '', date, month, year] = new Date(time * 1000).toUTCString().split(/,? /);
  return [day, month, date, year].join(' ');
}

/** Escapes a scriptlet, so that rpm expands no macro in it. */
const macroSafe = (text: string): string => text.replaceAll('%', '%%');

function lineOf(entry: Entry): string {
  if ('target' in entry) return entry.path;
  const attributes = `%attr(0${entry.mode.toString(8)},root,root)`;
  const isConffile = 'isConffile' in entry && entry.isConffile;
  return `${isConffile ? '%config(noreplace) ' : ''}${attributes} ${entry.path}`;
}
