import { RiposteError } from '../../active-response/errors.ts';
import type { Check } from './checks/check.ts';
import { CHECKS } from './checks/checks.ts';
import type { Examination } from './examination.ts';
import { type Finding, type Judged, problem } from './finding.ts';

/** What all checks find, in their order. A check that cannot look is itself a problem, and stops no other. */
export function diagnose(examined: Examination): Finding[] {
  return Object.entries(CHECKS).flatMap(([topic, check]) =>
    looking(check, examined).map((judged) => ({ topic, ...judged })),
  );
}

function looking(check: Check, examined: Examination): readonly Judged[] {
  try {
    return check(examined);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // Also a file that went away while we looked, and one that is not ours to see.
    if (!(error instanceof RiposteError) && code === undefined) throw error;
    const fix = examined.isRoot ? 'make that readable, and run riposte doctor again' : 'sudo riposte doctor';
    return [problem(`could not be looked at: ${message}`, fix)];
  }
}
