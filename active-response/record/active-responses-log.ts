import { printable } from '../../base/printable.ts';
import type { Home } from '../home.ts';
import { type Protocol, protocolOf, type Request } from '../protocol/request.ts';
import { appendRecord } from '../unrecorded.ts';
import type { Outcome } from './outcome.ts';

/** The script that writes the line. */
export interface Writer {
  /** The script's absolute path, as execd ran it. */
  readonly script: string;
  /** The script's file name. */
  readonly name: string;
}

/** The request, as far as it is known, and its outcome. */
export interface Entry {
  readonly request: Partial<Request>;
  readonly outcome: Outcome;
}

/**
 * Appends lines to active-responses.log in one write, each in the form that the requesting manager reads.
 *
 * @throws RiposteError (IOERR, NOPERM)
 */
export function writeLog(home: Home, writer: Writer, entries: readonly Entry[], now: Date): void {
  const lines = entries.map(({ request, outcome }) => {
    const line = LINES[protocolOf(request.source)];
    return line(writer, request, outcome, now);
  });
  if (lines.length > 0) appendRecord(home, 'activeResponsesLog', lines.join('\n'), 0o660);
}

/**
 * Formats the line for OSSEC's stock `ar_log` decoder, with the outcome appended: the date as `date` prints it in the
 * C locale, an absolute path, `add - ADDRESS ALERTID RULEID`. The user is always `-`, because otherwise the decoder
 * reads no fields.
 */
export function ossecLine(writer: Writer, request: Partial<Request>, outcome: Outcome, now: Date): string {
  const { command = '-', alertId = '-', ruleId = '-' } = request;
  const fields = [command, '-', outcome.address ?? '-', alertId, ruleId].map((field) => printable(field, 80));
  return `${cLocaleDate(now)} ${printable(writer.script)} ${fields.join(' ')} ${outcome.word}: ${printable(outcome.reason, 500)}`;
}

/**
 * Formats the line for Wazuh 4's stock `ar_log_json` decoder and rules 650 to 657: local time, the path as execd runs
 * it, then a message like the manager's own. `data` begins with `srcip` because the decoder expects the address
 * there.
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

/** The line that each manager reads. */
const LINES: Readonly<Record<Protocol, typeof ossecLine>> = {
  ossec: ossecLine,
  wazuh4: wazuhLine,
  wazuh5: wazuhLine,
};

const two = (number: number) => String(number).padStart(2, '0');

function slashDate(d: Date): string {
  const clock = [d.getHours(), d.getMinutes(), d.getSeconds()].map(two).join(':');
  return `${d.getFullYear()}/${two(d.getMonth() + 1)}/${two(d.getDate())} ${clock}`;
}

/**
 * Formats a time as `Fri Nov 20 09:29:46 UTC 2026`, as `date` does in the C locale. Always uses UTC: the decoder
 * reads only English names, and no zone without letters, such as `+08`.
 */
function cLocaleDate(d: Date): string {
  const [day = '', date, month, year, clock] = d.toUTCString().split(' ');
  return `${day.slice(0, 3)} ${month} ${String(Number(date)).padStart(2)} ${clock} UTC ${year}`;
}
