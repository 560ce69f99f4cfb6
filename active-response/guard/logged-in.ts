import { readdirSync, readFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { addressesIn } from '../../base/address.ts';

/**
 * The addresses from which a user is logged in to this host, according to logind and utmp, in canonical form. Leaves
 * out host names and unreadable records. The response scripts do not use this check, because a manager's administrators
 * may be logged in to another host.
 *
 * @param root of the file system
 */
export function loggedInFrom(root = '/'): Set<string> {
  const hosts = [...remoteHosts(join(root, 'run/systemd/sessions')), ...utmpHosts(join(root, 'run/utmp'))];
  return new Set(hosts.flatMap((host) => addressesIn(host)).map(({ text }) => text));
}

/**
 * The remote hosts of logind's sessions that are not closing. logind's state files are readable, but their format is
 * not guaranteed.
 */
function remoteHosts(directory: string): string[] {
  return namesIn(directory).flatMap((name) => {
    const text = bytesOf(join(directory, name))?.toString('latin1') ?? '';
    const isOpen = /^STATE=(active|online)$/m.test(text);
    return isOpen ? (/^REMOTE_HOST=(.+)$/m.exec(text)?.slice(1) ?? []) : [];
  });
}

/**
 * utmp(5): the layout depends on the size of its `time_t`, which is 64 bits on architectures without 32-bit programs.
 */
const LAYOUT = ['arm64', 'riscv64', 'loong64'].includes(process.arch)
  ? { size: 400, address: 360 }
  : { size: 384, address: 348 };
const USER_PROCESS = 7;
const PID = 4;

/** The addresses in utmp of sessions whose process still runs: a crash leaves records behind. */
function utmpHosts(file: string): string[] {
  const bytes = bytesOf(file) ?? Buffer.alloc(0);
  const isLittle = endianness() === 'LE';
  const found: string[] = [];
  for (let at = 0; at + LAYOUT.size <= bytes.length; at += LAYOUT.size) {
    const record = new DataView(bytes.buffer, bytes.byteOffset + at, LAYOUT.size);
    if (record.getInt16(0, isLittle) !== USER_PROCESS || !isRunning(record.getInt32(PID, isLittle))) continue;
    found.push(addressIn(record));
  }
  return found;
}

/**
 * An IPv4 address is in the first of four words, and the other words are 0. A record without an address gives
 * `0.0.0.0`.
 */
function addressIn(record: DataView): string {
  const words = [0, 1, 2, 3].map((i) => record.getUint32(LAYOUT.address + 4 * i));
  if (words.slice(1).some((word) => word !== 0))
    return words.map((word) => `${(word >>> 16).toString(16)}:${(word & 0xffff).toString(16)}`).join(':');
  return [24, 16, 8, 0].map((shift) => ((words[0] ?? 0) >>> shift) & 255).join('.');
}

function isRunning(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // no logind
  }
}

function bytesOf(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined; // no utmp, a session that has ended meanwhile, or a FIFO's directory entry
  }
}
