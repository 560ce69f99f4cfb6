import { basename } from 'node:path';
import { Script } from 'node:vm';
import { type BuildOptions, build, type Metafile, type TransformFailure, transform } from 'esbuild';
import { bundledText, idOf, inComment } from './bundled.ts';

/**
 * Bundles the command into one file of parts. A part is compiled when another part first loads it. Without parts, V8
 * reads the whole program at each start, although a verb uses an eighth of it; that takes as long as the start of Node
 * itself.
 *
 * @param options esbuild's options with one entry point, riposte.ts
 * @returns the text of the program
 * @throws Error if esbuild writes an import or an export in a form that this function does not know, or if a module
 *   assigns to an exported variable later
 */
export async function bundleInParts(options: BuildOptions, banner: string): Promise<string> {
  const { outputFiles, metafile } = await build({
    ...options,
    format: 'esm',
    splitting: true,
    write: false,
    metafile: true,
    outdir: DIRECTORY,
  });
  const parts = [];
  for (const { path, text } of outputFiles) {
    const name = basename(path);
    await demandConstantExports(name, text);
    parts.push({ name: `./${name}`, text: asFunctionBody(name, text, metafile) });
  }
  const mark = `// part of ${idOf(parts.map(({ text }) => text).join(''))}\n`;
  const table: Record<string, readonly number[]> = {};
  let comment = '';
  for (const { name, text } of parts) {
    const part = `${mark}${inComment(name, text)}`;
    table[name] = [lineOf(comment), comment.length, part.length];
    comment += part;
  }
  comment += '*/\n';
  for (const [name, [line = 0, at = 0, length = 0]] of Object.entries(table))
    table[name] = [line, comment.length - at, length];
  // The first pass tells the number of lines, which does not depend on the values.
  const head = (firstLine: number) => loader(table, mark, firstLine).then((text) => `${banner}\n${text}/*\n`);
  const program = `${await head(lineOf(await head(0)))}${comment}`;
  demandAscii(program);
  return program;
}

/** The number of line ends in a text. */
const lineOf = (text: string): number => text.split('\n').length - 1;

/**
 * Refuses a carriage return, which V8 counts as a line end, and a character that is not ASCII: the loader counts bytes.
 * With one such character, Node also keeps the whole program at two bytes a character, and takes longer to read and to
 * compile it. esbuild escapes such characters in texts, but not in the comments that it keeps in classes and objects.
 *
 * @throws Error for such a character
 */
function demandAscii(program: string): void {
  const lines = program.split('\n');
  const number = lines.findIndex((line) => line.includes('\r') || Buffer.byteLength(line) > line.length);
  if (number < 0) return;
  const what = 'has a carriage return, or a character that is not ASCII; replace it';
  throw new Error(`line ${number + 1} of the program ${what}: ${lines[number]}`);
}

/** The directory in esbuild's names of the parts. It is never made. */
const DIRECTORY = 'parts';

/** A statement of import, as esbuild writes it: its names if it has any, and the name of the module. */
const IMPORT = /^import (?:([\w$*{}\s,]+?) from )?"([^"\n]+)";$/gm;

/** The exports at the end of a module, as esbuild writes them: the exported names, and the default export. */
const EXPORTS = /\nexport (?:\{\n([\w$\s,]+)\};|default (\w+\(\));)\n$/;

/**
 * A part copies the values of another part's exports when it is loaded, so it would keep the old value of a variable
 * that is assigned later. esbuild finds such assignments to constants.
 *
 * @throws Error if a function of the module assigns to an exported variable
 */
async function demandConstantExports(name: string, module: string): Promise<void> {
  const names = EXPORTS.exec(module)?.[1] ?? '';
  const exported = new Set([...names.matchAll(/^ *([\w$]+)/gm)].map(([, local]) => local));
  const constants = module.replaceAll(
    /^(?:var|let) ([\w$]+|[[{][^=]*)/gm,
    (declaration, variables: string) =>
      variables.split(/[^\w$]+/).some((each) => exported.has(each)) ? `const ${variables}` : declaration,
  );
  const { warnings } = await transform(constants, { format: 'esm', logLevel: 'silent' }).catch(
    ({ errors }: TransformFailure) => ({
      warnings: errors,
    }),
  );
  const assigned = warnings.find(
    ({ id, text }) => id === 'assign-to-constant' || ERROR_OF_CONSTANT.test(text),
  );
  if (assigned)
    throw new Error(`${name}: an exported variable is assigned later: ${assigned.location?.lineText.trim()}`);
}

/** esbuild's errors for a constant without a value, and for a constant that is declared twice. */
const ERROR_OF_CONSTANT = /must be initialized|already been declared/;

/** The text of a module, as a function's body for cli/part-loader.ts. @throws Error for an unknown form */
function asFunctionBody(name: string, module: string, { outputs }: Metafile): string {
  const [, names, main] = EXPORTS.exec(module) ?? [];
  // The default export of a module of CommonJS: Node gives its names as well.
  const exported =
    main === undefined
      ? (names ?? '').replaceAll(/([\w$]+) as ([\w$]+)/g, '$2: $1')
      : `...${main}, default: ${main}`;
  const found: string[] = [];
  const body = module
    .replace(EXPORTS, '\n')
    .replace(IMPORT, (_, imported: string | undefined, from: string) => {
      found.push(from);
      return declared(imported, `${from.startsWith('./') ? 'load' : 'require'}("${from}")`);
    })
    .replace(/\bimport\(("\.\/[\w-]+\.js")\)/g, (_, part: string) => {
      found.push(JSON.parse(part));
      return `Promise.resolve().then(() => load(${part}))`;
    });
  const imports = outputs[`${DIRECTORY}/${name}`]?.imports ?? [];
  const expected = imports
    .filter(({ kind }) => kind !== 'require-call')
    .map(({ path }) => (path.startsWith(`${DIRECTORY}/`) ? `./${basename(path)}` : path));
  // More than expected: a text within the module looks like an import.
  const count = (paths: readonly string[], path: string) => paths.filter((each) => each === path).length;
  const wrong = [...new Set([...expected, ...found])].filter(
    (path) => count(expected, path) !== count(found, path),
  );
  if (wrong.length > 0) throw new Error(`${name}: an import of ${wrong.join(', ')} has an unknown form`);
  const part = `${body}Object.assign(exports, { ${exported.trim()} });\n`;
  // Throws a SyntaxError if an import or an export is left.
  new Script(`(function () {"use strict";${part}})`, { filename: name });
  return part;
}

/** The declarations for the names that a statement imports. @param module the expression of the module's exports */
function declared(names: string | undefined, module: string): string {
  if (names === undefined) return `${module};`;
  const [, main, rest = ''] = /^(?:([\w$]+)(?:, )?)?([\s\S]*)$/.exec(names) ?? [];
  const others = rest.replace(/^\* as /, '').replaceAll(/([\w$]+) as ([\w$]+)/g, '$1: $2');
  const all = [main ?? [], others === '' ? [] : others].flat();
  return `const ${all.map((each) => `${each} = ${module}`).join(', ')};`;
}

/** The program that loads the parts. */
const loader = (
  table: Readonly<Record<string, readonly number[]>>,
  mark: string,
  firstLine: number,
): Promise<string> =>
  bundledText('cli/part-loader.ts', {
    define: {
      PARTS: JSON.stringify(table),
      FIRST_LINE: String(firstLine),
      MARK: JSON.stringify(mark),
    },
  });
