import { EX, RiposteError } from '../../active-response/errors.ts';
import type { Event } from '../../engine/event/event.ts';

/** What `-U` wants of a line. */
export interface Expectation {
  rule: string;
  level: string;
  decoder: string;
}

/** @throws RiposteError (USAGE) for a text that is not RULE:LEVEL:DECODER */
export function readExpectation(text: string): Expectation {
  const [rule, level, ...decoder] = text.split(':');
  if (rule === undefined || level === undefined || decoder.length === 0) {
    throw new RiposteError(EX.USAGE, `-U wants RULE:LEVEL:DECODER, not '${text}'`);
  }
  return { rule, level, decoder: decoder.join(':') };
}

/**
 * The exit code of ossec-logtest -U: 0 when decoder, rule and level are as expected; 1 when the level is
 * not, 2 when the rule is not, 3 when the decoder is not; 255 when the decoder is, but no rule matched.
 */
export function exitCodeOf(expected: Expectation, { decoder, rule }: Event): number {
  if (decoder?.name.toLowerCase() !== expected.decoder.toLowerCase()) return 3;
  if (!rule) return 255;
  if (String(rule.id) !== expected.rule) return 2;
  return String(rule.level) === expected.level ? 0 : 1;
}
