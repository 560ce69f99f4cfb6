import { readFileSync } from 'node:fs';
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

/** The responses that execd can run; each becomes one file of the same name. */
export const RESPONSES = ['route-null', 'firewall-drop', 'apache-deny'] as const;

/** The e-mail hook, which execd runs, too, but which blocks nobody. */
export const EMAIL_ALERT = 'email-alert';

/** What a built script may weigh at the most, in bytes: each alert loads all of it. */
export const SIZE_LIMIT = 120 * 1024;

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
  const scripts = RESPONSES.map((name) => bundle(name, outdir, version, clientFor(name), SIZE_LIMIT));
  return Promise.all([...scripts, bundle(EMAIL_ALERT, outdir, version, NODE_ALONE, EMAIL_SIZE_LIMIT)]);
}

/** What a script begins with that always does its work itself. */
const NODE_ALONE =
  '#!/usr/bin/env node\n// Riposte: an active response for OSSEC and Wazuh. Built file: edit the sources.';

/** @param limit its size in bytes at the most */
async function bundle(name: string, outdir: string, version: string, banner: string, limit: number) {
  const outfile = join(outdir, `${name}.js`);
  await build({
    entryPoints: [`active-response/${name}.ts`],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    define: { RIPOSTE_VERSION: JSON.stringify(version) },
    banner: { js: banner },
    legalComments: 'inline',
    logLevel: 'error',
  });
  return finish(outfile, limit);
}

/** The shell's part of a script: to Node it is one comment. @throws Error where it would end early */
function clientFor(response: string): string {
  const text = readFileSync('active-response/client.sh', 'utf8').trimEnd();
  if (text.indexOf('*/') !== text.length - 2)
    throw new Error('active-response/client.sh ends its comment early');
  return text.replace(/^response=.*$/m, `response=${response}`);
}

async function finish(file: string, limit: number): Promise<{ file: string; bytes: number }> {
  await chmod(file, 0o755);
  const bytes = (await stat(file)).size;
  if (bytes > limit) throw new Error(`${file} has ${bytes} bytes, over the limit of ${limit}`);
  return { file, bytes };
}
