import type { Examination } from '../examination.ts';
import type { Judged } from '../finding.ts';

/** Checks one part of an installation. Returns nothing if the part does not concern this installation. */
export type Check = (examined: Examination) => readonly Judged[];
