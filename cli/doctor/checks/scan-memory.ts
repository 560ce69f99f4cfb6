import { join } from 'node:path';
import { readIfThere } from '../../../active-response/files.ts';
import { restartOf } from '../examination.ts';
import { ok, warning } from '../finding.ts';
import type { Check } from './check.ts';

const KEY = 'analysisd.sid_prev_matched_max';
/** OSSEC's own value, and that of versions in which it could not be set. */
const STOCK = 128;
/** Enough for some 250 sources that send 16 requests each before one of them is noticed. */
const ENOUGH = 4096;

/**
 * OSSEC keeps the last events of a rule, of all sources together, for the rules that count them. Seen with the
 * ossec-logtest of OSSEC 4: of 20 and of 60 sources that send 20 requests each in turn, rule 31151 notices none
 * with 128, and one with 1024 or 4096; the alert on that one hides the others, whatever is set here.
 */
export const scanMemory: Check = (examined) => {
  const { manager, home, decides } = examined;
  if (manager?.kind !== 'ossec' || !decides) return [];
  // The local file counts before the other (getDefine_Int).
  const files = ['etc/local_internal_options.conf', 'etc/internal_options.conf'];
  const values = files.flatMap((file) => valueIn(readIfThere(join(home.root, file)) ?? '') ?? []);
  const [value] = values;
  if (value === undefined) {
    const seen = `this OSSEC does not say ${KEY}: it keeps ${STOCK} events of a rule, and a scan by twenty addresses in turn hides itself`;
    return [warning(seen, 'update to OSSEC 4, where it can be set')];
  }
  if (value > STOCK) return [ok(`${KEY} is ${value}`)];
  const set = `echo '${KEY}=${ENOUGH}' >> ${join(home.root, 'etc/local_internal_options.conf')}`;
  return [
    warning(
      `${KEY} is ${value}: a scan by twenty addresses in turn hides itself, none of them is noticed`,
      `${set}; ${restartOf(examined)} (one is noticed then, and hides the others)`,
    ),
  ];
};

/** The first line of a key counts. */
function valueIn(text: string): number | undefined {
  const [, value] = /^analysisd\.sid_prev_matched_max=(\d+)/m.exec(text) ?? [];
  return value === undefined ? undefined : Number(value);
}
