import type { Rate } from '../settings/values.ts';

/** How many messages may be sent now, and since when that is so (milliseconds since 1970). */
export interface Allowance {
  readonly messages: number;
  readonly at: number;
}

/**
 * The allowance of now: `count` at the most, and one more each time that `seconds / count` have passed. With 10/1h
 * ten messages go at once, and then one every six minutes.
 */
export function allowanceAt(before: Allowance | undefined, { count, seconds }: Rate, now: number): Allowance {
  if (before === undefined) return { messages: count, at: now };
  // A clock that was set back gives nothing, and takes nothing.
  const passed = Math.max(0, now - before.at);
  return { messages: Math.min(count, before.messages + (passed / (seconds * 1000)) * count), at: now };
}

export const afterOne = ({ messages, at }: Allowance): Allowance => ({ messages: messages - 1, at });

/** Milliseconds until one message may be sent. */
export const waitFor = ({ messages }: Allowance, { count, seconds }: Rate): number =>
  Math.ceil((Math.max(0, 1 - messages) * seconds * 1000) / count);
