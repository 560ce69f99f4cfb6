import { configError } from '../failure.ts';
import type { Decoder } from './decoder.ts';

/**
 * Refuses a decoder whose parts do not fit together. Without a parent, `after_prematch` becomes `after_parent`.
 *
 * @throws RiposteError (CONFIG) naming the decoder
 */
export function checkDecoder(decoder: Decoder): void {
  const { name, parent, prematch, programName, regex, order, fts, plugin } = decoder;
  const fail = (why: string) => configError(decoder.position, `decoder '${name}' ${why}`);
  if (!parent && !prematch && !programName)
    throw fail('has neither a parent nor a prematch nor a program_name');
  if (!regex && (order.length > 0 || fts.size > 0)) throw fail('has an order or fts, but no regex');
  if (regex && order.length === 0) throw fail('has a regex, but no order');
  if (plugin && regex) throw fail('has both a plugin and a regex');
  if (decoder.regexOffset === 'after_parent' && !parent)
    throw fail('has an offset after_parent, but no parent');
  if (decoder.regexOffset === 'after_regex' && !parent)
    throw fail('has an offset after_regex, but no parent');
  if (decoder.regexOffset === 'after_prematch') {
    // For a decoder without a parent, `after_parent` means the offset after its own prematch.
    if (!parent) decoder.regexOffset = 'after_parent';
    else if (!prematch) throw fail('has an offset after_prematch, but no prematch');
  }
  if (decoder.prematchOffset === 'start') return;
  if (decoder.prematchOffset !== 'after_parent')
    throw fail('may only have the offset after_parent on its prematch');
  if (!parent) throw fail('has an offset after_parent, but no parent');
}
