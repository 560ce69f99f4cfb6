import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Making } from './deb.ts';
import { stage } from './stage.ts';
import { runTool } from './tools.ts';

/** Makes the tarball for npm: the built command, without dependencies. @returns its path */
export function makeNpmTarball({ version, outdir, time }: Making): string {
  const root = mkdtempSync(join(tmpdir(), 'riposte-npm-'));
  try {
    const { name, description, license, engines } = JSON.parse(readFileSync('package.json', 'utf8'));
    const manifest = { name, version, description, license, engines, bin: { riposte: 'riposte.js' } };
    const texts = ['README.md', 'LICENSE', 'CHANGELOG.md', 'dist/THIRD-PARTY-NOTICES.txt'];
    stage(
      root,
      [
        { path: 'riposte.js', from: 'dist/riposte.js', mode: 0o755 },
        ...texts.map((from) => ({ path: basename(from), from, mode: 0o644 })),
        { path: 'package.json', bytes: Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`), mode: 0o644 },
      ],
      time,
    );
    runTool('npm', ['pack', '--silent', '--pack-destination', outdir], { cwd: root });
    return join(outdir, `${name}-${version}.tgz`);
  } finally {
    rmSync(root, { recursive: true });
  }
}
