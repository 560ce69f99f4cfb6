import { forgeries } from '../hostile/forgeries.ts';
import { FORGED_PIECES } from './readers/error-lines.ts';
import { PIECES } from './readers/hostile.ts';
import { FORGED, TIME, VICTIM } from './support.ts';

/** A pseudo-random generator (xorshift32): the same seed gives the same numbers. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    // xorshift32 needs a state other than 0. The factor gives neighbouring seeds different numbers.
    this.#state = Math.imul(seed + 1, 0x9e3779b1) | 1;
    for (let i = 0; i < 8; i++) this.below(1);
  }

  /** @returns an integer from 0 to limit - 1 */
  below(limit: number): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return (state >>> 0) % limit;
  }

  pick<Each>(list: readonly Each[]): Each {
    return list[this.below(list.length)] as Each;
  }

  /** True once in this many calls, on average. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }
}

/** Whole lines, and ends of lines, of every format, with the victim as their client. */
export const FORGERIES: readonly string[] = [
  ...new Set([...Object.values(forgeries(VICTIM, new Date(TIME * 1000))), ...FORGED, ...FORGED_PIECES]),
].map((text) => Buffer.from(text).toString('latin1'));

const ALL: readonly string[] = [...new Set([...FORGERIES, ...PIECES])];

/** Bytes that formats, servers or regular expressions treat in a special way. */
const MARKS = [...'"\\\'[]{}()<>,;:|/?&=#%+-*$^.\n\r\t\0 \x1f\x7f\x80\xa0\xff'];

/** A text that a client may try to send, a byte in each character. A server may refuse a part of it. */
export function hostileText(dice: Dice): string {
  if (dice.once(400)) return dice.pick(ALL).repeat(1 + dice.below(200));
  let text = '';
  for (let count = 1 + dice.below(4); count > 0; count--) text += piece(dice);
  return text;
}

function piece(dice: Dice): string {
  const kind = dice.below(10);
  if (kind < 4) return dice.pick(ALL);
  if (kind < 6) return dice.pick(MARKS) + dice.pick(MARKS);
  if (kind < 7) return String.fromCharCode(1 + dice.below(255)).repeat(1 + dice.below(3));
  // The end, the beginning or a short piece of a forged line.
  const whole = dice.pick(FORGERIES);
  const from = dice.below(whole.length);
  return kind < 8 ? whole.slice(from) : kind < 9 ? whole.slice(0, from) : whole.slice(from, from + 12);
}
