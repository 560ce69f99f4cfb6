import { execa } from 'execa';
import type { Io } from '../base/io.ts';

/** Notifies systemd by its own program: Node has no Unix datagram sockets, on which systemd listens. */
export async function notifySystemd(what: '--ready' | '--stopping', { env }: Io): Promise<void> {
  if (!env.NOTIFY_SOCKET) return;
  await execa('systemd-notify', [what, `--pid=${process.pid}`], { env, reject: false });
}
