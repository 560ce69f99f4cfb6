/** npm run dev: builds dist/, and again after each change of a source, until it is interrupted. */
import { execa } from 'execa';
import { builtFolders, rebuildOnChange } from './watch.ts';

await rebuildOnChange(builtFolders(), build);

/** Builds in a separate process, which also sees changes of the build itself. */
async function build(): Promise<void> {
  const start = performance.now();
  const { failed, stderr } = await execa(process.execPath, ['build/run-ts.mjs', 'build/build.ts'], {
    reject: false,
    stdin: 'ignore',
  });
  const time = `${((performance.now() - start) / 1000).toFixed(1)} s`;
  console.log(
    failed
      ? `${stderr}\nThe build failed after ${time}. It runs again at the next change.`
      : `Built dist/ in ${time}.`,
  );
}
