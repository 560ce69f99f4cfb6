import { readFileSync } from 'node:fs';
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

/** The responses that execd can run; each becomes one file of the same name. */
export const RESPONSES = ['route-null', 'firewall-drop', 'apache-deny'] as const;

/** The e-mail hook, which execd runs, too, but which blocks nobody. */
export const EMAIL_ALERT = 'email-alert';

/** What a built script may weigh at the most, in bytes: each alert loads all of it. */
export const SIZE_LIMIT = 100 * 1024;

/** The same for the e-mail hook, which has all of nodemailer's SMTP in it. An alert only parses that. */
export const EMAIL_SIZE_LIMIT = 500 * 1024;

/**
 * Bundles each response into one CommonJS file that works alone. CommonJS because a `.js` file in a
 * directory without package.json can be nothing else on Node 20; package.json of `dist` says so to Node
 * when a script is run from inside this repository, which is `"type": "module"`.
 *
 * @throws Error when a script exceeds its limit
 */
export async function bundleResponses(outdir: string): Promise<{ file: string; bytes: number }[]> {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  await mkdir(outdir, { recursive: true });
  await writeFile(join(outdir, '..', 'package.json'), '{ "type": "commonjs" }\n');
  await build({
    entryPoints: [...RESPONSES, EMAIL_ALERT].map((name) => `active-response/${name}.ts`),
    outdir,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    define: { RIPOSTE_VERSION: JSON.stringify(version) },
    banner: {
      js: '#!/usr/bin/env node\n// Riposte: an active response for OSSEC and Wazuh. Built file: edit the sources.',
    },
    legalComments: 'inline',
    logLevel: 'error',
  });
  const scripts = RESPONSES.map((name) => finish(join(outdir, `${name}.js`), SIZE_LIMIT));
  return Promise.all([...scripts, finish(join(outdir, `${EMAIL_ALERT}.js`), EMAIL_SIZE_LIMIT)]);
}

async function finish(file: string, limit: number): Promise<{ file: string; bytes: number }> {
  await chmod(file, 0o755);
  const bytes = (await stat(file)).size;
  if (bytes > limit) throw new Error(`${file} has ${bytes} bytes, over the limit of ${limit}`);
  return { file, bytes };
}
