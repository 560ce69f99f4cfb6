import { createHash } from 'node:crypto';
import { type BuildOptions, build } from 'esbuild';
import { COMMENT_END, ID_LENGTH } from '../active-response/precompiled.ts';

/** The options of esbuild for each program that Node runs: one CommonJS file for the oldest Node. */
export const FOR_NODE = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  logLevel: 'error',
} as const;

/** A file that was bundled. */
export interface Bundled {
  readonly file: string;
  readonly bytes: number;
  /** The files of packages whose code it contains. */
  readonly packageFiles: readonly string[];
}

/** Bundles a small program, such as the loader of another one. @returns its text */
export async function bundledText(entryPoint: string, options: BuildOptions = {}): Promise<string> {
  const { outputFiles } = await build({
    ...FOR_NODE,
    ...options,
    entryPoints: [entryPoint],
    write: false,
    legalComments: 'none',
  });
  return outputFiles?.[0]?.text ?? '';
}

/** The id of a text that a loader reads from a comment: another text has another id. */
export const idOf = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, ID_LENGTH);

/**
 * A program's text in a form that can stand in a comment; its loader replaces COMMENT_END again.
 *
 * @param name of the text, for the error
 * @throws Error if the text itself holds COMMENT_END
 */
export function inComment(name: string, text: string): string {
  if (text.includes(COMMENT_END)) throw new Error(`${name} holds ${COMMENT_END}`);
  return text.replaceAll('*/', COMMENT_END);
}
