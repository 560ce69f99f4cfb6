/** The number of files that are synced at a time: the size of the daemon's thread pool. */
export const SYNCED_TOGETHER = 32;
