import type { Event } from '../../event/event.ts';

/** The longest values that OSSEC keeps, in bytes. */
const MAX_NAME = 128;
const MAX_URL = 1024;
const MAX_ID = 9;

/** Reads a Symantec Web Security line: `20070717,73613,1=5,11=10.1.1.3,10=userc,3=1,2=1`. */
export function decodeSymantecWs(event: Event): void {
  for (const entry of event.log.split(',').slice(1)) {
    if (entry.startsWith('10=')) event.dstuser ??= entry.slice(3, 3 + MAX_NAME);
    else if (entry.startsWith('11=')) event.srcip ??= entry.slice(3, 3 + MAX_NAME);
    else if (entry.startsWith('60=')) event.url ??= entry.slice(3, 3 + MAX_URL);
    else if (entry.startsWith('3=') || entry.startsWith('2=')) {
      // The id is cut only by its length, so it includes the entries that follow.
      event.id ??= event.log.slice(event.log.indexOf(`,${entry}`) + 1).slice(0, MAX_ID);
    }
  }
}
