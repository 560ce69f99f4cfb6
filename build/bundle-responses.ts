import { readFileSync } from 'node:fs';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { BODY_START } from '../active-response/precompiled.ts';
import { RESPONSES as responses } from '../active-response/response/responses.ts';
import { type Bundled, bundledText, FOR_NODE, idOf, inComment } from './bundled.ts';
import { packageFilesIn } from './notices.ts';

/** The responses that execd can run; each becomes one file of the same name. */
export const RESPONSES: readonly string[] = responses.map(({ name }) => name);

/** The e-mail hook, which execd runs, too, but which does not block. */
export const EMAIL_ALERT = 'email-alert';

/** The largest size of a built script, in bytes: each alert loads all of it. */
export const SIZE_LIMIT = 144 * 1024;

/** The limit for the e-mail hook, which contains nodemailer's SMTP. An alert only parses that code. */
export const EMAIL_SIZE_LIMIT = 500 * 1024;

/**
 * Bundles each response into one self-contained CommonJS file, because Node 20 reads a `.js` file in a directory
 * without package.json as CommonJS. The package.json in `dist` declares CommonJS for scripts that run inside this
 * repository, because the repository's own package.json says `"type": "module"`.
 *
 * @throws Error when a script exceeds its limit
 */
export async function bundleResponses(outdir: string): Promise<Bundled[]> {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  await mkdir(outdir, { recursive: true });
  await writeFile(join(outdir, '..', 'package.json'), '{ "type": "commonjs" }\n');
  const scripts = RESPONSES.map((name) => bundle(name, outdir, version, clientFor(name), SIZE_LIMIT));
  return Promise.all([...scripts, bundle(EMAIL_ALERT, outdir, version, NODE_ALONE, EMAIL_SIZE_LIMIT)]);
}

/** The first lines of a script that does not use the daemon. */
const NODE_ALONE =
  '#!/usr/bin/env node\n// Riposte: an active response for OSSEC and Wazuh. Built file: edit the sources.';

/** @param limit the largest size in bytes */
async function bundle(name: string, outdir: string, version: string, banner: string, limit: number) {
  const outfile = join(outdir, `${name}.js`);
  const { metafile } = await build({
    ...FOR_NODE,
    metafile: true,
    entryPoints: [`active-response/${name}.ts`],
    outfile,
    // Shorter forms of the same statements; names and line breaks stay, because administrators read these files.
    minifySyntax: true,
    plugins: [WITHOUT_UPKEEP],
    define: { RIPOSTE_VERSION: JSON.stringify(version) },
    banner: { js: banner },
    legalComments: 'inline',
  });
  if (name !== EMAIL_ALERT) await shorten(outfile, banner);
  return { ...(await finish(outfile, limit)), packageFiles: packageFilesIn(metafile) };
}

/** Leaves out the parts of a backend that only metrics and uninstall use: its counters and its dismantling. */
const WITHOUT_UPKEEP: Plugin = {
  name: 'without-upkeep',
  setup({ onLoad }) {
    onLoad({ filter: /-upkeep\.ts$/ }, () => ({ contents: 'export const upkeep = undefined;' }));
  },
};

/**
 * The shell part of a script, which Node reads as one comment. Removes the comments of the shell part, except the first
 * one.
 *
 * @throws Error when the comment would end early
 */
function clientFor(response: string): string {
  const text = readFileSync('active-response/client.sh', 'utf8').trimEnd();
  if (text.indexOf('*/') !== text.length - 2)
    throw new Error('active-response/client.sh ends its comment early');
  const [start, ...rest] = text.split(/(?<=^# Riposte: .*\n)/m);
  const code = rest.join('').replace(/^ *#.*\n/gm, '');
  return `${start}${code}`.replace(/^response=.*$/m, `response=${response}`);
}

/**
 * Shortens esbuild's output, because each alert loads it: removes the names of source files, and the comments that
 * esbuild leaves in objects and classes, and loads each of Node's modules in one place. Do not use this function for
 * the e-mail hook, whose packages have licences in such comments.
 */
async function shorten(file: string, banner: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const start = `${banner}\n${await loader()}`;
  await writeFile(file, start + asComment(withOneImport(shortened(text.slice(banner.length))), start));
}

/** The program that compiles a script's body and runs it. */
async function loader(): Promise<string> {
  return shortened(await bundledText('active-response/loader.ts', { minifySyntax: true })).trimEnd();
}

/**
 * The body of a script, as active-response/loader.ts expects it.
 *
 * @param start the text before it
 * @throws Error when the loader could not read it back
 */
function asComment(code: string, start: string): string {
  const body = code.trim();
  if (/[^\n\t\x20-\x7e]/.test(body)) throw new Error('a script holds a character that is not ASCII');
  const head = '\nfunction riposteBody() {';
  const lines = `${start}${head}`.split('\n').length;
  return `${head}${BODY_START}${idOf(body)} ${lines}\n${inComment('a script', body)}\n*/\n}\n`;
}

/** Removes the names of source files and the comments that esbuild leaves, and shortens the names of Node's modules. */
const shortened = (code: string): string =>
  code
    .replace(/^\n?\/\/ (active-response|base)\/\S+\.ts\n/gm, '')
    .replace(/^[ \t]*\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n/gm, '')
    .replaceAll('/* @__PURE__ */ ', '')
    .replace(/\(0, (import_node_\w+\.\w+)\)/g, '$1')
    .replace(/\bimport_(node_[a-z_]+)\d*\b/g, '$1');

/** The modules of Node that each add uses, and that Node has loaded before it runs a script. */
const LOADED = /node_(?:fs|path)\b/;

/**
 * Loads each of Node's modules in one place, and at its first use: an add uses only a few of them, and some modules
 * load 30 others.
 */
function withOneImport(code: string): string {
  const loads = new Map<string, string>();
  const others = code.replace(/^var (?:node_\w+ = require\("[\w:]+"\)(?:, |;\n))+/gm, (text) => {
    for (const [, name = '', module = ''] of text.matchAll(/(node_\w+) = require\(("[\w:]+")\)/g))
      loads.set(name, LOADED.test(name) ? `require(${module})` : `atFirstUse(${module})`);
    return text.endsWith('\n') ? '' : 'var ';
  });
  const lazy = [...loads.keys()].filter((name) => !LOADED.test(name));
  const uses = new RegExp(`(\\bnew )?\\b(${lazy.join('|')})\\.(\\w+)`, 'g');
  const imports = [...loads].map(([name, load]) => `${name} = ${load}`).join(', ');
  return others
    .replace(uses, (_, isNew, name, member) => (isNew ? `new (${name}().${member})` : `${name}().${member}`))
    .replace('"use strict";\n', (start) => `${start}${AT_FIRST_USE}var ${imports};\n`);
}

/** Returns a function that loads a module when it is first called. */
const AT_FIRST_USE =
  'var atFirstUse = (name) => {\n  let loaded;\n  return () => loaded ??= require(name);\n};\n';

async function finish(file: string, limit: number): Promise<{ file: string; bytes: number }> {
  await chmod(file, 0o755);
  const bytes = (await stat(file)).size;
  if (bytes > limit) throw new Error(`${file} has ${bytes} bytes, over the limit of ${limit}`);
  return { file, bytes };
}
