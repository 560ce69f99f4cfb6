import type { Event } from '../event/event.ts';

/** True when an event fulfils an option of a rule. */
export type Condition = (event: Event) => boolean;
