import { existsSync } from 'node:fs';
import { answerIn, type Answer as Word } from '../../active-response/protocol/handshake.ts';
import { type Asked, parseAsked, parseReply, scriptOf } from './asked.ts';
import type { Box } from './box.ts';
import type { Seats } from './seats.ts';

/** A request that was taken, and how far it is. */
export interface Turn {
  readonly asked: Asked;
  /** Where its script waits; undefined when that has ended meanwhile. */
  readonly seat: number | undefined;
  /** Which answer is the next: the second follows the manager's word. */
  turn: number;
  timer?: NodeJS.Timeout;
}

/** Takes a request. Undefined when it is not whole, or its script's own again. */
export function takeRequest(name: string, box: Box, seats: Seats): Turn | undefined {
  const asked = parseAsked(name, box.read(name) ?? '');
  if (asked === undefined) return undefined;
  const script = scriptOf(name);
  const seat = seats.isOf(script, asked.seat) ? asked.seat : undefined;
  // It waited in the box of the one before, which has ended: it takes its request back, and does it itself.
  if (seat === undefined && existsSync(`/proc/${script}`)) return undefined;
  return box.take(name) ? { asked, seat, turn: 1 } : undefined;
}

/** Takes what the manager has said about a request. Undefined when it is not whole. */
export function takeReply(name: string, box: Box): Word | undefined {
  const file = `${name}.reply`;
  const reply = parseReply(box.read(file) ?? '');
  return reply !== undefined && box.take(file) ? answerIn(reply) : undefined;
}
