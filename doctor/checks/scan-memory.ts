import { join } from 'node:path';
import { readIfThere } from '../../base/files.ts';
import { restartOf } from '../examination.ts';
import { ok, warning } from '../finding.ts';
import type { Check } from './check.ts';

const KEY = 'analysisd.sid_prev_matched_max';
/** OSSEC's default, and the fixed value of versions without this setting. */
const STOCK = 128;
/** Enough events to notice one source if about 250 sources take turns and send 16 requests each. */
const ENOUGH = 4096;

/**
 * Checks how many events OSSEC keeps for each rule whose events are counted. All sources share this number. Measured
 * with the ossec-logtest of OSSEC 4: 20 or 60 sources take turns and send 20 requests each. If OSSEC keeps 128 events,
 * rule 31151 notices no source. If it keeps 1024 or 4096 events, the rule notices one source, and the alert about this
 * source hides the other sources.
 */
export const scanMemory: Check = (examined) => {
  const { manager, home, decides } = examined;
  if (manager?.kind !== 'ossec' || !decides) return [];
  // The local file takes precedence (getDefine_Int).
  const files = ['etc/local_internal_options.conf', 'etc/internal_options.conf'];
  const values = files.flatMap((file) => valueIn(readIfThere(join(home.root, file)) ?? '') ?? []);
  const [value] = values;
  if (value === undefined) {
    const seen = `this OSSEC has no ${KEY}: it keeps ${STOCK} events per rule, so it does not notice a scan by twenty addresses in turn`;
    return [warning(seen, 'update to OSSEC 4, which has this setting')];
  }
  if (value > STOCK) return [ok(`${KEY} is ${value}`)];
  const set = `echo '${KEY}=${ENOUGH}' >> ${join(home.root, 'etc/local_internal_options.conf')}`;
  return [
    warning(
      `${KEY} is ${value}: OSSEC does not notice a scan by twenty addresses in turn`,
      `${set}; ${restartOf(examined)} (OSSEC then notices one address, which hides the others)`,
    ),
  ];
};

/** If several lines set the key, the first line counts. */
function valueIn(text: string): number | undefined {
  const [, value] = /^analysisd\.sid_prev_matched_max=(\d+)/m.exec(text) ?? [];
  return value === undefined ? undefined : Number(value);
}
