import { isIP } from 'node:net';
import { parseTarget } from '../base/address.ts';
import { utf8 } from '../base/bytes.ts';
import { RiposteError } from '../base/errors.ts';
import { printable } from '../base/printable.ts';
import type { Detection } from '../evaluate/detection.ts';

/**
 * The number of characters to keep of each text. OSSEC reads at most 6 KB of a line, and JSON may need six bytes for a
 * character.
 */
const LONGEST = { location: 100, description: 150, log: 600 };

/**
 * Writes a detection as a line for OSSEC or Wazuh. The decoder `riposte-alert` reads the address, level and rule at the
 * start of the line. An attacker's texts come after these fields, so they cannot forge them.
 *
 * @returns undefined when the source is not a single address
 */
export function alertLine(found: Detection): string | undefined {
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
