import { appendLine } from './files.ts';
import type { Home } from './home.ts';
import type { Outcome } from './outcome.ts';
import { printable } from './printable.ts';
import type { Request } from './protocol/request.ts';

/** Who writes the line. */
export interface Writer {
  /** The script's absolute path, as execd ran it. */
  readonly script: string;
  /** Its file name. */
  readonly name: string;
}

/** What was asked, as far as it is known, and how it ended. */
export interface Entry {
  readonly request: Partial<Request>;
  readonly outcome: Outcome;
}

/**
 * Adds lines to active-responses.log in one write, each in the form that the manager who asked reads.
 *
 * @throws RiposteError (IOERR, NOPERM)
 */
export function writeLog(home: Home, writer: Writer, entries: readonly Entry[], now: Date): void {
  const lines = entries.map(({ request, outcome }) => {
    const form = request.protocol === 'wazuh4' || request.protocol === 'wazuh5' ? wazuhLine : ossecLine;
    return form(writer, request, outcome, now);
  });
  if (lines.length > 0) appendLine(home.activeResponsesLog, lines.join('\n'), 0o660);
}

/**
 * The line that OSSEC's stock `ar_log` decoder reads, with the outcome behind it: the date as `date` prints it
 * in the C locale, an absolute path, `add - ADDRESS ALERTID RULEID`. The user is always `-`, as the decoder
 * reads no fields otherwise.
 */
export function ossecLine(writer: Writer, request: Partial<Request>, outcome: Outcome, now: Date): string {
  const { command = '-', alertId = '-', ruleId = '-' } = request;
  const fields = [command, '-', outcome.address ?? '-', alertId, ruleId].map((field) => printable(field, 80));
  return `${cLocaleDate(now)} ${printable(writer.script)} ${fields.join(' ')} ${outcome.word}: ${printable(outcome.reason, 500)}`;
}

/**
 * The line that Wazuh 4's stock `ar_log_json` decoder and rules 650 to 657 read: local time, the path as
 * execd runs it, then a message like the manager's own; `data` begins with `srcip` because the decoder finds
 * the address there.
 */
export function wazuhLine(writer: Writer, request: Partial<Request>, outcome: Outcome, now: Date): string {
  const program = `active-response/bin/${writer.name}`;
  const alert = {
    id: request.alertId,
    rule: { id: request.ruleId, level: request.ruleLevel },
    data: { srcip: outcome.address, dstuser: request.user && printable(request.user) },
    location: request.location && printable(request.location),
  };
  const message = {
    version: 1,
    origin: { name: writer.name, module: 'active-response' },
    command: request.command ?? '-',
    parameters: { extra_args: request.extraArguments ?? [], alert, program },
    riposte: { outcome: outcome.word, reason: printable(outcome.reason, 500) },
  };
  return `${slashDate(now)} ${program}: ${JSON.stringify(message)}`;
}

const two = (number: number) => String(number).padStart(2, '0');

function slashDate(d: Date): string {
  const clock = [d.getHours(), d.getMinutes(), d.getSeconds()].map(two).join(':');
  return `${d.getFullYear()}/${two(d.getMonth() + 1)}/${two(d.getDate())} ${clock}`;
}

/**
 * `Fri Nov 20 09:29:46 UTC 2026`, as `date` prints it in the C locale, and always in UTC: the decoder reads
 * English names only, and no zone without letters, such as `+08`.
 */
function cLocaleDate(d: Date): string {
  const [day = '', date, month, year, clock] = d.toUTCString().split(' ');
  return `${day.slice(0, 3)} ${month} ${String(Number(date)).padStart(2)} ${clock} UTC ${year}`;
}
