/** A file that was bundled. */
export interface Bundled {
  readonly file: string;
  readonly bytes: number;
  /** The files of packages that it holds something of. */
  readonly packageFiles: readonly string[];
}
