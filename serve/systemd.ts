import { execa } from 'execa';
import type { Io } from '../base/io.ts';

/** Notifies systemd by systemd-notify, because systemd listens on a Unix datagram socket, and Node has none. */
export async function notifySystemd(what: '--ready' | '--stopping', { env }: Io): Promise<void> {
  if (!env.NOTIFY_SOCKET) return;
  await execa('systemd-notify', [what, `--pid=${process.pid}`], { env, reject: false });
}
