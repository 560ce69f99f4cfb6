/** A file that was bundled. */
export interface Bundled {
  readonly file: string;
  readonly bytes: number;
  /** The files of packages whose code it contains. */
  readonly packageFiles: readonly string[];
}
