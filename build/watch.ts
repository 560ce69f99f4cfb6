import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { context, type Plugin } from 'esbuild';

/**
 * Calls `rebuild` now, and after each change of a file in these folders. If a file changes while `rebuild` runs, calls
 * it again afterwards.
 *
 * @param rebuild reports its own failures
 */
export async function rebuildOnChange(
  folders: readonly string[],
  rebuild: () => Promise<unknown>,
): Promise<{ close(): Promise<void> }> {
  const watching = await context({
    entryPoints: [WATCHED],
    write: false,
    bundle: true,
    logLevel: 'error',
    plugins: [watchedFolders(folders), afterEach(rebuild)],
  });
  await watching.watch();
  return { close: () => watching.dispose() };
}

/** The name of a module that stands for all files of the folders: some of them, such as rules, are never imported. */
const WATCHED = 'riposte-watched-folders';

const watchedFolders = (folders: readonly string[]): Plugin => ({
  name: 'watched-folders',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: new RegExp(`^${WATCHED}$`) }, ({ path }) => ({ path, namespace: WATCHED }));
    onLoad({ filter: /.*/, namespace: WATCHED }, () => {
      const entries = folders.flatMap((folder) =>
        readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) => ({
          path: resolve(entry.parentPath ?? entry.path, entry.name),
          isFolder: entry.isDirectory(),
        })),
      );
      const inner = entries.filter(({ isFolder }) => isFolder).map(({ path }) => path);
      return {
        contents: '',
        watchDirs: [...folders.map((folder) => resolve(folder)), ...inner],
        watchFiles: entries.filter(({ isFolder }) => !isFolder).map(({ path }) => path),
      };
    });
  },
});

/** Calls `rebuild` after each build. esbuild looks for changes again only after `rebuild` has ended. */
const afterEach = (rebuild: () => Promise<unknown>): Plugin => ({
  name: 'after-each',
  setup({ onEnd }) {
    onEnd(async () => {
      await rebuild();
    });
  },
});

/** The folders from which dist/ is built: all except benches, tests and documents. */
export function builtFolders(root = '.'): string[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !NOT_BUILT.includes(entry.name))
    .map(({ name }) => join(root, name));
}

const NOT_BUILT = ['bench', 'dist', 'docs', 'node_modules', 'test'];
