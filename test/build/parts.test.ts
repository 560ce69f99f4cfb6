import { chmod, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FOR_NODE } from '../../build/bundled.ts';
import { bundleInParts } from '../../build/parts.ts';

const parts = suite<{ directory: string }>('a program in parts');

parts.before.each(async (context) => {
  context.directory = await mkdtemp(join(tmpdir(), 'riposte-parts-'));
});
parts.after.each(({ directory }) => rm(directory, { recursive: true }));

const BANNER = '#!/usr/bin/env node\n// Riposte: a test.';

/** Bundles these modules; `riposte.ts` is the entry point. @returns the path of the program */
async function built(directory: string, modules: Readonly<Record<string, string>>): Promise<string> {
  for (const [name, text] of Object.entries(modules)) await writeFile(join(directory, name), text);
  const program = join(directory, 'program.js');
  const text = await bundleInParts({ ...FOR_NODE, entryPoints: [join(directory, 'riposte.ts')] }, BANNER);
  await writeFile(program, text);
  await chmod(program, 0o755);
  return program;
}

const SHARED = `
  export const twice = (n: number) => n * 2;
  export class Pair { constructor(readonly a: number, readonly b: number) {} }
  export default 'the default';`;

parts('runs every form of import and export', async ({ directory }) => {
  const program = await built(directory, {
    'shared.ts': SHARED,
    'common.cjs': `const path = require('path'); module.exports = { base: path.basename('/a/b'), 'odd name': 1 };`,
    'one.ts': `import main, { twice as double, Pair } from './shared.ts';
      import * as all from './shared.ts';
      import fs, { existsSync as isThere } from 'node:fs';
      import * as os from 'node:os';
      export const one = [main, double(2), new Pair(1, 2).b, all.twice(3), isThere === fs.existsSync, typeof os.uptime];
      export { double as again };`,
    'two.ts': `import { twice } from './shared.ts';
      export const two = twice(4);
      export const text = \`a comment ends with */, and \${'a template'} holds \\\\ and import { x } from "here";\`;`,
    'riposte.ts': `const [{ one, again }, { two, text }, common] = await Promise.all([
        import('./one.ts'), import('./two.ts'), import('./common.cjs')]);
      console.log(JSON.stringify([one, again(5), two, text, common.base, common.default['odd name']]));`
      .replace('const [', 'async function run() { const [')
      .concat(' } run();'),
  });
  const { stdout } = await execa(process.execPath, [program], { stdin: 'ignore' });
  assert.equal(JSON.parse(stdout), [
    ['the default', 4, 2, 6, true, 'function'],
    10,
    8,
    'a comment ends with */, and a template holds \\ and import { x } from "here";',
    'b',
    1,
  ]);
});

parts('refuses to build an import in a form that it does not know', async ({ directory }) => {
  const modules = { 'riposte.ts': `import('node:path').then(({ join }) => console.log(join('a', 'b')));` };
  const error = await built(directory, modules).catch(({ message }) => message);
  assert.is(error, 'riposte.js: an import of node:path has an unknown form');
});

parts('refuses to build a text with a line that looks like an import', async ({ directory }) => {
  const line = `import { basename } from "node:path";`;
  const modules = { 'riposte.ts': `${line}\nconsole.log(basename(\`\n${line}\n\`));` };
  const error = await built(directory, modules).catch(({ message }) => message);
  assert.is(error, 'riposte.js: an import of node:path has an unknown form');
});

parts('refuses to build an exported variable that is assigned later', async ({ directory }) => {
  const modules = {
    'shared.ts': `export let count = 0; export const add = () => { count++; };`,
    'riposte.ts': `import('./shared.ts').then(({ add, count }) => { add(); console.log(count); });`,
  };
  const error = await built(directory, modules).catch(({ message }) => message);
  assert.match(error, /^shared-\w+\.js: an exported variable is assigned later: count\+\+;$/);
});

parts('refuses to build a program with a character that is not ASCII', async ({ directory }) => {
  const modules = { 'riposte.ts': "console.log({\n/** schön */\nname: 'here' });" };
  const error = await built(directory, modules).catch(({ message }) => message);
  assert.match(
    error,
    /^line \d+ of the program has a carriage return, or a character that is not ASCII; replace it: .*schön/,
  );
});

parts('refuses to build a text that holds the mark for the end of a comment', async ({ directory }) => {
  const modules = { 'riposte.ts': `console.log('*~/');` };
  const error = await built(directory, modules).catch(({ message }) => message);
  assert.is(error, './riposte.js holds *~/');
});

parts('names the line of the file in the stack of an error', async ({ directory }) => {
  const program = await built(directory, {
    'later.ts': `export function fail() {\n  throw new Error('planted');\n}`,
    'riposte.ts': `import('./later.ts').then(({ fail }) => fail()).catch(({ stack }) => console.log(stack));`,
  });
  const { stdout } = await execa(process.execPath, [program], { stdin: 'ignore' });
  const line = Number(/program\.js:(\d+):/.exec(stdout)?.[1]);
  const { stdout: shown } = await execa('sed', ['-n', `${line}p`, program], { stdin: 'ignore' });
  assert.match(shown, 'throw new Error("planted")');
});

parts('keeps one descriptor of the file when threads of the program come and go', async ({ directory }) => {
  const program = await built(directory, {
    'later.ts': `export const text = 'a thread';`,
    'riposte.ts': `import { readdirSync, readlinkSync } from 'node:fs';
      import { isMainThread, parentPort, Worker } from 'node:worker_threads';
      const linksTo = (fd: string) => { try { return readlinkSync('/proc/self/fd/' + fd); } catch { return ''; } };
      async function run() {
        for (let n = 0; n < 3; n++)
          await new Promise((ended) => new Worker(process.argv[1], { trackUnmanagedFds: false })
            .on('message', (text) => console.log(text)).on('exit', ended));
        console.log(readdirSync('/proc/self/fd').filter((fd) => linksTo(fd) === process.argv[1]).length);
      }
      if (isMainThread) run();
      else import('./later.ts').then(({ text }) => parentPort?.postMessage(text));`,
  });
  const { stdout } = await execa(process.execPath, [program], { stdin: 'ignore' });
  assert.is(stdout, 'a thread\na thread\na thread\n1');
});

parts('throws the same error again when a part that has failed is loaded again', async ({ directory }) => {
  const program = await built(directory, {
    'inner.ts': `throw new Error('planted');`,
    'later.ts': `import './inner.ts'; export const text = 'never';`,
    'riposte.ts': `const message = () => import('./later.ts').then(({ text }) => text, ({ message }) => message);
      message().then(async (first) => console.log(first, await message()));`,
  });
  const { stdout } = await execa(process.execPath, [program], { stdin: 'ignore' });
  assert.is(stdout, 'planted planted');
});

parts('loads a part after an update has replaced the file', async ({ directory }) => {
  const program = await built(directory, {
    'later.ts': `export const version = 'old';`,
    'riposte.ts': `console.log('started');
      process.stdin.once('data', () => import('./later.ts').then(({ version }) => console.log(version)));`,
  });
  const running = execa(process.execPath, [program], { reject: false });
  running.stdout?.once('data', async () => {
    await writeFile(`${program}.new`, '#!/usr/bin/env node\nconsole.log("new");\n');
    await rename(`${program}.new`, program);
    running.stdin?.end('go\n');
  });
  assert.is((await running).stdout, 'started\nold');
});

parts('refuses a program that is longer than the built one', async ({ directory }) => {
  const modules = { 'riposte.ts': `console.log('started');` };
  const program = await built(directory, modules);
  const { stdout: text } = await execa('cat', [program], { stdin: 'ignore' });
  await writeFile(program, `${text}// a line more\n`);
  const { stderr, exitCode } = await execa(process.execPath, [program], { stdin: 'ignore', reject: false });
  assert.is(exitCode, 1);
  assert.match(
    stderr,
    'program.js is damaged, or was replaced while it started; start it again, or install it again',
  );
});

parts.run();
