import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Making } from './deb.ts';
import { runTool } from './tools.ts';

/** Makes the tarball for npm: the built command, and nothing to install with it. @returns its path */
export function makeNpmTarball({ version, outdir }: Making): string {
  const root = mkdtempSync(join(tmpdir(), 'riposte-npm-'));
  try {
    copyFileSync('dist/riposte.js', join(root, 'riposte.js'));
    chmodSync(join(root, 'riposte.js'), 0o755);
    for (const file of ['README.md', 'LICENSE', 'CHANGELOG.md', 'dist/THIRD-PARTY-NOTICES.txt'])
      copyFileSync(file, join(root, file.replace('dist/', '')));
    const { name, description, license, engines } = JSON.parse(readFileSync('package.json', 'utf8'));
    const manifest = { name, version, description, license, engines, bin: { riposte: 'riposte.js' } };
    writeFileSync(join(root, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    runTool('npm', ['pack', '--silent', '--pack-destination', outdir], { cwd: root });
    return join(outdir, `${name}-${version}.tgz`);
  } finally {
    rmSync(root, { recursive: true });
  }
}
