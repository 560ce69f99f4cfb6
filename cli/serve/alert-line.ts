import { isIP } from 'node:net';
import { parseTarget } from '../../active-response/address.ts';
import { RiposteError } from '../../active-response/errors.ts';
import { printable } from '../../active-response/printable.ts';
import { utf8 } from '../bytes.ts';
import type { Found } from './judge.ts';

/** What is kept of a text: OSSEC reads no more than 6 KB of a line, and six bytes may stand for a character. */
const LONGEST = { location: 100, description: 150, log: 600 };

/**
 * An alert as a line for OSSEC or Wazuh, whose decoder `riposte-alert` reads its begin: the address, level and
 * rule stand first, in a form that nobody else can write, so that nothing in the texts behind them is taken for
 * them.
 *
 * @returns undefined when the source is no single address
 */
export function alertLine(found: Found): string | undefined {
  const srcip = addressOf(utf8(found.address));
  if (srcip === undefined) return undefined;
  const { level, rule, time, description, location, line } = found;
  return JSON.stringify({
    riposte: 'alert',
    srcip,
    level,
    rule,
    time: new Date(time * 1000).toISOString(),
    location: printable(utf8(location), LONGEST.location),
    description: printable(description, LONGEST.description),
    log: printable(utf8(line), LONGEST.log),
  });
}

function addressOf(text: string): string | undefined {
  try {
    const address = parseTarget(text).text;
    return isIP(address) ? address : undefined;
  } catch (error) {
    if (error instanceof RiposteError) return undefined;
    throw error;
  }
}
