import type { Executor } from '../../base/execute.ts';
import type { Host } from './host.ts';
import type { InForce } from './in-force.ts';

/** The packets and bytes that a firewall has stopped. */
export interface Traffic {
  readonly packets: number;
  readonly bytes: number;
}

/** A copy of a backend's last listing. A caller that needs no counts stores the copy for the backend. */
export interface KeptListing {
  /** The last text written; undefined if there is none. */
  read(): string | undefined;
  /** Writes a text, if this user may do so. */
  write(text: string): void;
}

/** The part of a backend that only the tools use, not the scripts. */
export interface Upkeep {
  /**
   * The packets and bytes that its rules have dropped or rejected, for all addresses together; absent: it does not
   * count.
   *
   * @throws RiposteError when it cannot be listed
   */
  counters?(executor: Executor): Traffic;
  /** Lists the addresses in force as the backend does, but faster; undefined if that is impossible on this host. */
  list?(executor: Executor, kept?: KeptListing): Map<string, InForce> | undefined;
  /**
   * Prints the objects that `dismantle` would remove, except objects that depend on the addresses blocked at that time.
   */
  rehearse?(context: DismantleContext): void;
  /**
   * Removes our objects if they block no address. The objects that remain block no address, and are not a failure.
   *
   * @throws RiposteError (UNAVAILABLE) when the remaining objects would block an address
   */
  dismantle?(context: DismantleContext): void;
}

/**
 * The context for dismantling a backend. If the root is not `/`, the kernel is another host's, and only files can be
 * removed.
 */
export interface DismantleContext extends Host {
  readonly executor: Executor;
  /** The home that is being uninstalled. */
  readonly home: string;
  /** Returns a path as that host's programs see it: without the root. */
  inside(path: string): string;
  /** Another home on that host where Riposte is in use, if there is one. */
  otherHome(): string | undefined;
  say(line: string): void;
  warn(message: string): void;
}

export const NO_TRAFFIC: Traffic = { packets: 0, bytes: 0 };

export const sumOf = (all: readonly Traffic[]): Traffic =>
  all.reduce((a, b) => ({ packets: a.packets + b.packets, bytes: a.bytes + b.bytes }), NO_TRAFFIC);
