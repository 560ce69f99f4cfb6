import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A page of the documentation. */
export interface Page {
  /** Its path from the root of the repository. */
  readonly path: string;
  readonly text: string;
  /** The text without fenced blocks and code spans. */
  readonly prose: string;
}

/** README.md and the documents next to it, and all of docs/. */
export async function readPages(): Promise<Page[]> {
  const beside = (await readdir('.')).filter((name) => name.endsWith('.md'));
  const below = (await readdir('docs', { recursive: true })).filter((name) => name.endsWith('.md'));
  const paths = [...beside, ...below.map((name) => join('docs', name))].sort();
  return Promise.all(
    paths.map(async (path) => {
      const text = await readFile(path, 'utf8');
      return { path, text, prose: withoutBlocks(text).replace(/`[^`\n]*`/g, '') };
    }),
  );
}

const withoutBlocks = (text: string): string => text.replace(/^```.*?^```$/gms, '');

/** The target of a page's link: a path from the root of the repository, and an anchor there, if the link names one. */
export interface Link {
  readonly target: string;
  readonly path: string;
  readonly anchor: string | undefined;
}

/** The links and pictures of a page that lead to files or headings, not to another host. */
export function linksOf({ path, prose }: Page): Link[] {
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target)).map((target) => linkTo(target, path));
}

function linkTo(target: string, from: string): Link {
  const [file = '', anchor] = target.split('#');
  return { target, path: file === '' ? from : join(dirname(from), file), anchor };
}

/** The anchors that GitHub makes from the headings of a page. */
export function anchorsOf({ text }: Page): string[] {
  const headings = [...withoutBlocks(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The command lines of a page: lines of fenced blocks, and code spans. */
export function commandsIn({ text }: Page): string[] {
  const blocks = [...text.matchAll(/^```(?:sh|console)\n(.*?)^```$/gms)].map(([, block = '']) => block);
  const spans = [...withoutBlocks(text).matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
  return [...blocks.flatMap((block) => block.split('\n')), ...spans].map((line) =>
    line.replace(/ +#.*$/, ''),
  );
}
