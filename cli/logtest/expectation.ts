import { EX, RiposteError } from '../../base/errors.ts';
import type { Event } from '../../engine/event/event.ts';

/** The result that `-U` expects for a line. */
export interface Expectation {
  rule: string;
  level: string;
  decoder: string;
}

/** @throws RiposteError (USAGE) for a text that is not RULE:LEVEL:DECODER */
export function readExpectation(text: string): Expectation {
  const [rule, level, ...decoder] = text.split(':');
  if (rule === undefined || level === undefined || decoder.length === 0) {
    throw new RiposteError(EX.USAGE, `-U needs RULE:LEVEL:DECODER, not '${text}'`);
  }
  return { rule, level, decoder: decoder.join(':') };
}

/**
 * The exit code of ossec-logtest -U: 0 when decoder, rule and level are as expected; 1 when the level differs, 2 when
 * the rule differs, 3 when the decoder differs; 255 when the decoder is as expected, but no rule matched.
 */
export function exitCodeOf(expected: Expectation, { decoder, rule }: Event): number {
  if (decoder?.name.toLowerCase() !== expected.decoder.toLowerCase()) return 3;
  if (!rule) return 255;
  if (String(rule.id) !== expected.rule) return 2;
  return String(rule.level) === expected.level ? 0 : 1;
}
