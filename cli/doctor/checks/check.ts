import type { Examination } from '../examination.ts';
import type { Judged } from '../finding.ts';

/** Looks at one thing. Empty when it does not concern such an installation. */
export type Check = (examined: Examination) => readonly Judged[];
