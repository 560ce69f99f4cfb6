import { closeSync, constants, openSync, readSync } from 'node:fs';

/** The time that a killed reader may take to end, in milliseconds. */
const PATIENCE = 100;

/**
 * True when no process has a FIFO open for reading. A reader that was just killed might still take data that is meant for
 * the next reader.
 */
export function hasNoReader(path: string): boolean {
  for (let waited = 0; waited < PATIENCE; waited++) {
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

/** Opens a FIFO for reading and writing, and discards the data that an earlier process left in it. */
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
