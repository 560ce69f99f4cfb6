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
