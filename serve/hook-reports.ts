import type { ResponseContext } from '../active-response/request-context.ts';
import { RiposteError } from '../base/errors.ts';
import type { Executor } from '../base/execute.ts';
import type { Detection } from '../evaluate/detection.ts';
import { SourceGuard } from '../evaluate/source-guard.ts';
import { REPORT_LOCATION } from './report-location.ts';
import { listenForReports } from './report-socket.ts';
import { LIMITS } from './socket/limits.ts';
import type { Counters } from './socket/listen-options.ts';
import type { HookReport } from './socket/report.ts';

/** The rule for a report: the same as for ModSecurity's line in the log. */
const RULE = { rule: 117015, level: 10, description: 'Riposte: request denied by ModSecurity.' } as const;

/** The directory of the socket for reports, and the group that may use it: HOOK_DIRECTORY and HOOK_GROUP. */
export interface Hook {
  readonly context: ResponseContext;
  readonly directory: string;
  readonly group: string;
}

/**
 * Listens for the reports of ModSecurity's hook, and passes each report on as a detection. A report cannot choose how
 * or for how long to block.
 *
 * @throws the errors of `listenForReports`
 */
export function listenForHook(
  { context, directory, group }: Hook,
  counters: Counters,
  onDetection: (detection: Detection) => void,
): Promise<{ close(): Promise<void> }> {
  const guard = new SourceGuard(context, NO_PROGRAMS);
  return listenForReports({
    directory,
    group,
    limits: LIMITS,
    counters,
    onReport: (report) => {
      if (isProtected(report, guard)) return 'allowed';
      onDetection(detectionOf(report));
      return 'accepted';
    },
  });
}

/**
 * Checks the allow list, but not the routes, because only a program can list them. The block worker checks again, with
 * the routes. If the allow list cannot be read, the worker reports that, blocks nobody and tries again.
 */
function isProtected({ address }: HookReport, guard: SourceGuard): boolean {
  try {
    return guard.objection({ address, time: Date.now() / 1000 }) !== undefined;
  } catch (error) {
    if (error instanceof RiposteError) return false;
    throw error;
  }
}

const NOTHING = { ok: false, stdout: '', stderr: '', message: '' };

const NO_PROGRAMS: Executor = {
  dryRun: true,
  run: () => NOTHING,
  look: () => NOTHING,
  remark: () => {},
  edit: () => {},
};

const detectionOf = ({ address, requestLine = '', ruleId, message, uniqueId }: HookReport): Detection => ({
  ...RULE,
  address,
  time: Math.floor(Date.now() / 1000),
  line: [ruleId && `[id "${ruleId}"]`, message, requestLine, uniqueId].filter(Boolean).join(' '),
  location: REPORT_LOCATION,
});
