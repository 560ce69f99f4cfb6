import { existsSync } from 'node:fs';
import { type ManagerReply, managerReplyIn } from '../active-response/protocol/handshake.ts';
import { type ClientRequest, parseClientRequest, parseReply, pidOf } from './client-request.ts';
import type { RequestDirectory } from './request-directory.ts';
import type { WaitSlots } from './wait-slots.ts';

/** A request that the daemon has taken, but not yet answered. */
export interface PendingRequest {
  readonly request: ClientRequest;
  /** The slot in which the client waits; undefined when the client has ended. */
  readonly slot: number | undefined;
  /** The number of the next answer. The first may be a question; the second follows the manager's reply. */
  turn: number;
  timer?: NodeJS.Timeout;
}

/** Takes a request. @returns undefined when it is incomplete, or when its client takes it back */
export function takeRequest(
  name: string,
  directory: RequestDirectory,
  slots: WaitSlots,
): PendingRequest | undefined {
  const request = parseClientRequest(name, directory.read(name) ?? '');
  if (request === undefined) return undefined;
  const client = pidOf(name);
  const slot = slots.isOf(client, request.slot) ? request.slot : undefined;
  // The client waited for an earlier daemon, which has ended: the client takes its request back and runs Node.
  if (slot === undefined && existsSync(`/proc/${client}`)) return undefined;
  return directory.take(name) ? { request, slot, turn: 1 } : undefined;
}

/** Takes a manager's reply to a question. @returns undefined when it is incomplete */
export function takeReply(name: string, directory: RequestDirectory): ManagerReply | undefined {
  const file = `${name}.reply`;
  const reply = parseReply(directory.read(file) ?? '');
  return reply !== undefined && directory.take(file) ? managerReplyIn(reply) : undefined;
}
