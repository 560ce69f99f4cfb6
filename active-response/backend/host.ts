/** The host on which a backend would block. */
export interface Host {
  /** `/`, or the directory where another host's file system is mounted. */
  readonly root: string;
  /** True if PATH has this program. */
  has(program: string): boolean;
}
