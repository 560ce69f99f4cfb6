/** The wanted state of a file. The path is on this host, below the target's root. */
export interface DesiredFile {
  readonly path: string;
  readonly bytes: Buffer;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  /** True for a file of the administrator: created when it is missing, and never changed again. */
  readonly once?: boolean;
}

export interface DesiredLink {
  readonly path: string;
  readonly target: string;
}

export interface DesiredFiles {
  readonly files: readonly DesiredFile[];
  readonly links: readonly DesiredLink[];
}
