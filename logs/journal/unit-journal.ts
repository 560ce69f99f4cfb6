import { RiposteError } from '../../base/errors.ts';
import { type Executor, realExecutor } from '../../base/execute.ts';
import { jsonObjectIn } from '../../base/json.ts';
import type { LogFormat } from '../readers/reading.ts';
import { journalArgumentsOfLast } from '../sources/journal.ts';

/** A problem of a source of lines, and its fix. */
export interface SourceProblem {
  readonly seen: string;
  readonly fix: string;
}

/**
 * The number of a unit's last lines to read. A few lines are not enough, because Docker's daemon writes its own lines
 * between the containers' lines.
 */
const LINES = 200;

/**
 * Finds out why requests cannot be read from the journal of a unit: there is no such unit, or the journal does not say
 * which lines come from standard error, where clients can write whole lines.
 *
 * @param format of the log; undefined while it is not known
 * @param timeout seconds that journalctl and systemctl may take
 * @param env the environment for these programs, whose PATH contains them
 * @returns undefined if there is no problem, or if one of these programs is missing or fails
 */
export function problemOfUnit(
  unit: string,
  format: LogFormat | undefined,
  timeout: number,
  env: NodeJS.ProcessEnv,
): SourceProblem | undefined {
  const executor = realExecutor(timeout, env);
  const senders = sendersOf(unit, executor);
  const settings = settingsOf(unit, executor);
  if (senders === undefined || settings === undefined) return undefined;
  if (senders.length === 0 && settings.get('LoadState') === 'not-found') return unknownUnit(unit);
  if (format !== undefined && (format.holds !== 'access' || format.isOnStandardError === true))
    return undefined;
  const containers = senders.filter(({ isContainer }) => isContainer);
  if (containers.some(({ program }) => program === 'conmon')) return ofPodman(unit);
  // Docker gives the two streams different priorities, so the journal says which lines come from standard error.
  if (containers.length > 0) return undefined;
  return isErrorInJournal(settings) ? ofOneStream(unit) : undefined;
}

interface Sender {
  readonly isContainer: boolean;
  readonly program: unknown;
}

function sendersOf(unit: string, executor: Executor): Sender[] | undefined {
  const lines = outputOf(executor, 'journalctl', journalArgumentsOfLast(unit, LINES));
  return lines?.map((line) => {
    const entry = jsonObjectIn(line) ?? {};
    return { isContainer: entry.CONTAINER_ID_FULL !== undefined, program: entry._COMM };
  });
}

function settingsOf(unit: string, executor: Executor): ReadonlyMap<string, string> | undefined {
  const names = ['LoadState', 'StandardOutput', 'StandardError'];
  const lines = outputOf(executor, 'systemctl', ['show', `--property=${names.join(',')}`, '--', unit]);
  return (
    lines &&
    new Map(
      lines.map((line) => {
        const equals = line.indexOf('=');
        return [line.slice(0, equals), line.slice(equals + 1)];
      }),
    )
  );
}

/**
 * True if the unit's standard error reaches the journal: with `journal`, `kmsg` or `syslog` of systemd.exec(5), each
 * with or without `+console`.
 */
function isErrorInJournal(settings: ReadonlyMap<string, string>): boolean {
  const error = settings.get('StandardError');
  const place = error === 'inherit' ? settings.get('StandardOutput') : error;
  return place !== undefined && /^(?:journal|kmsg|syslog)(?:\+console)?$/.test(place);
}

/** The lines that a program prints; undefined when it is missing or fails. */
function outputOf(executor: Executor, program: string, args: readonly string[]): string[] | undefined {
  try {
    const { ok, stdout } = executor.look({ program, args });
    return ok ? stdout.split('\n').filter((line) => line !== '') : undefined;
  } catch (error) {
    if (error instanceof RiposteError) return undefined;
    throw error;
  }
}

const unknownUnit = (unit: string): SourceProblem => ({
  seen: `journal:${unit}: systemd has no such unit, and the journal has no line of this unit`,
  fix: 'correct LOGS; systemctl list-units shows the names of units',
});

const CAN_FORGE =
  'does not say which lines come from standard error, where nginx and programs print what clients send: a client can write whole requests there';

const ofOneStream = (unit: string): SourceProblem => ({
  seen: `journal:${unit} ${CAN_FORGE}`,
  fix: `set StandardError=file:/var/log/${unit}-error.log in the unit (systemctl edit ${unit}), or write an access log to a file and name this file in LOGS`,
});

const ofPodman = (unit: string): SourceProblem => ({
  seen: `journal:${unit} has lines of Podman, which ${CAN_FORGE}`,
  fix: 'start the container with podman run --log-driver=k8s-file, and name that log in LOGS (PATH=cri:FORMAT)',
});

/**
 * The problem of a log file whose format does not show which lines come from standard error, where clients can write
 * whole lines.
 *
 * @returns undefined when there is no problem, or while the format is not known
 */
export function problemOfStreams(path: string, format: LogFormat | undefined): SourceProblem | undefined {
  if (format?.isForgeable !== true) return undefined;
  return {
    seen: `${path} is read as ${format.name}, which ${CAN_FORGE}`,
    fix: 'read the log that Docker writes: /var/lib/docker/containers/*/*-json.log=docker:FORMAT or, if Docker logs to journald, journal:docker.service=FORMAT',
  };
}
