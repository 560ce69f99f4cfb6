import { readdir, readFile } from 'node:fs/promises';
import { eventually } from './server.ts';

/** Stops a process, and waits until it has stopped. */
export async function stop(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await untilStopped(pid);
}

/** Waits until a process is stopped, which means that the signal has reached each of its threads. */
export async function untilStopped(pid: number): Promise<void> {
  const isStopped = async (thread: string) =>
    /^State:\tT/m.test(await readFile(`/proc/${pid}/task/${thread}/status`, 'utf8').catch(() => ''));
  await eventually(`process ${pid} is stopped`, async () => {
    const threads = await readdir(`/proc/${pid}/task`);
    return (await Promise.all(threads.map(isStopped))).every(Boolean);
  });
}

/** True if a process has ended. A zombie counts as ended: if its parent ended first, perhaps no process reaps it. */
export async function hasEnded(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return !/^State:\t[^ZX]/m.test(status);
}
