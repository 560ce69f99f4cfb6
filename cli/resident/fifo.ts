import { closeSync, constants, openSync, readSync } from 'node:fs';

/** How long one that was killed is waited for, in milliseconds. */
const GOING = 100;

/**
 * Whether nobody reads a FIFO any more. One that was killed a moment ago still takes what is there when it is woken,
 * and that would be the script for the next.
 */
export function isLeft(path: string): boolean {
  for (let waited = 0; waited < GOING; waited++) {
    try {
      closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENXIO') return true;
      throw error;
    }
    Atomics.wait(PAUSE, 0, 0, 1);
  }
  return false;
}

const PAUSE = new Int32Array(new SharedArrayBuffer(4));

/** A FIFO open for both, without what one that has ended did not come to. */
export function openEmpty(path: string): number {
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const buffer = Buffer.alloc(64 * 1024);
  try {
    for (;;) readSync(fd, buffer);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return fd;
    closeSync(fd);
    throw error;
  }
}
