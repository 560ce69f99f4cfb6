import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** The folders below doctor and cli. */
const BELOW = [
  'install',
  'serve',
  'daemon',
  'metrics',
  'evaluate',
  'judgement',
  'notify',
  'engine',
  'logs',
  'active-response',
  'base',
];

/** The product's folders, the lowest first, and the folders that each may import. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  engine: ['base'],
  logs: ['base'],
  judgement: ['logs', 'base'],
  'active-response': ['base'],
  daemon: ['active-response', 'base'],
  notify: ['active-response', 'base'],
  evaluate: ['judgement', 'engine', 'logs', 'active-response', 'base'],
  metrics: ['evaluate', 'active-response', 'logs', 'base'],
  report: ['evaluate', 'judgement', 'engine', 'logs', 'active-response', 'base'],
  serve: ['evaluate', 'judgement', 'notify', 'metrics', 'engine', 'logs', 'active-response', 'base'],
  install: ['notify', 'engine', 'logs', 'active-response', 'base'],
  doctor: BELOW,
  cli: ['doctor', 'report', ...BELOW],
};

/** The manager starts email-alert by a path in active-response, but the program belongs to notify. */
const EXEMPT = new Set(['active-response/email-alert.ts -> notify/main.ts']);

const IMPORT = /\b(?:from|import)\s*\(?\s*'(\.[^']+)'/g;

/** The imports of each file, types included, by path. */
export type Imports = ReadonlyMap<string, readonly string[]>;

/** Reads the imports of the product's files. Paths are relative to `root`, the repository. */
export function importsOf(root: string): Imports {
  const files = Object.keys(MAY_IMPORT).flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(room, name)),
  );
  return new Map(
    files.map((file) => {
      const specifiers = [...readFileSync(join(root, file), 'utf8').matchAll(IMPORT)];
      return [file, specifiers.map(([, path = '']) => normalize(join(dirname(file), path)))];
    }),
  );
}

/** Imports that break the rule of the rooms: `logs/a.ts -> cli/b.ts`. */
export function forbiddenImports(imports: Imports): string[] {
  return [...imports].flatMap(([file, targets]) =>
    targets
      .filter((target) => {
        const [from, to] = [roomOf(file), roomOf(target)];
        return from !== to && !MAY_IMPORT[from]?.includes(to);
      })
      .map((target) => `${file} -> ${target}`)
      .filter((edge) => !EXEMPT.has(edge)),
  );
}

/**
 * Files that import each other in a cycle: `a.ts -> b.ts -> a.ts`. Returns one cycle for each file that closes a cycle.
 */
export function cycles(imports: Imports): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    if (path.includes(file)) {
      found.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const target of imports.get(file) ?? []) visit(target);
    path.pop();
    done.add(file);
  };
  for (const file of imports.keys()) visit(file);
  return found;
}

const roomOf = (file: string): string => file.split('/')[0] ?? '';
