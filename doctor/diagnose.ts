import { debugError } from '../base/debug.ts';
import { asRiposteError } from '../base/errors.ts';
import type { Check } from './checks/check.ts';
import { CHECKS } from './checks/checks.ts';
import type { Examination } from './examination.ts';
import { type Finding, type Judged, problem } from './finding.ts';

/** Runs all checks in order. A check that fails becomes a problem, and the other checks still run. */
export function diagnose(examined: Examination): Finding[] {
  return Object.entries(CHECKS).flatMap(([topic, check]) =>
    runCheck(check, examined).map((judged) => ({ topic, ...judged })),
  );
}

function runCheck(check: Check, examined: Examination): readonly Judged[] {
  try {
    return check(examined);
  } catch (error) {
    const fix = examined.isRoot ? 'make it readable, then run riposte doctor again' : 'sudo riposte doctor';
    return [unchecked(error, fix)];
  }
}

/** Runs a check that takes a while, in the same way as `diagnose`. @param topic of the finding if the check fails */
export async function diagnoseSlowly(
  topic: string,
  examined: Examination,
  check: (examined: Examination) => Promise<Finding[]>,
): Promise<Finding[]> {
  try {
    return await check(examined);
  } catch (error) {
    return [{ topic, ...unchecked(error, 'run riposte doctor again') }];
  }
}

/** A system error is a problem, too: a file or a process may vanish during the check, or this user may not read it. */
function unchecked(error: unknown, fix: string): Judged {
  debugError(error);
  const { code, message } = error as NodeJS.ErrnoException;
  return problem(`cannot be checked: ${code === undefined ? asRiposteError(error).message : message}`, fix);
}
