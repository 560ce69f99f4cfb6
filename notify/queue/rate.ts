import type { Rate } from '../../active-response/settings/values.ts';

/** The number of messages that may be sent, and the time at which this number was true (milliseconds since 1970). */
export interface Allowance {
  readonly messages: number;
  readonly at: number;
}

/**
 * The allowance at a time: `count` at most, and one more after each `seconds / count`. With 10/1h ten messages may be
 * sent at once, and then one every six minutes.
 */
export function allowanceAt(before: Allowance | undefined, { count, seconds }: Rate, now: number): Allowance {
  if (before === undefined) return { messages: count, at: now };
  // If the clock was set back, the allowance stays as it was.
  const passed = Math.max(0, now - before.at);
  return { messages: Math.min(count, before.messages + (passed / (seconds * 1000)) * count), at: now };
}

export const afterOne = ({ messages, at }: Allowance): Allowance => ({ messages: messages - 1, at });
