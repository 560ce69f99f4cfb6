import { execa } from 'execa';
import type { Io } from '../verb.ts';

/** Node has no datagram sockets of the kind that systemd listens on; its own program has. */
export async function tellSystemd(what: '--ready' | '--stopping', { env }: Io): Promise<void> {
  if (!env.NOTIFY_SOCKET) return;
  await execa('systemd-notify', [what, `--pid=${process.pid}`], { env, reject: false });
}
