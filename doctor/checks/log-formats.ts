import { accessSync, constants, statSync } from 'node:fs';
import { counted } from '../../base/counted.ts';
import { RiposteError } from '../../base/errors.ts';
import { detectFormat } from '../../evaluate/read-logs.ts';
import { lastLinesOf } from '../../logs/files/last-lines.ts';
import {
  type ChosenFormat,
  checkOwnFormats,
  type FormatSources,
  formatFor,
} from '../../logs/formats/formats-of-logs.ts';
import { type KnownFormats, readKnownFormats } from '../../logs/formats/known-formats.ts';
import { loadLogFormats, type OwnFormat } from '../../logs/formats/own-formats.ts';
import { problemOfStreams, problemOfUnit } from '../../logs/journal/unit-journal.ts';
import { cdnOf, TrustedProxies } from '../../logs/proxies/trusted-proxies.ts';
import { RAW } from '../../logs/readers/formats.ts';
import { LogReader } from '../../logs/readers/log-format.ts';
import { NAMES_A_HOST, type Reading } from '../../logs/readers/reading.ts';
import type { SourceLog } from '../../logs/sources/find-logs.ts';
import type { Examination } from '../examination.ts';
import { type Judged, ok, problem, warning } from '../finding.ts';
import { nameInside, readLogs } from '../web-server-logs.ts';
import type { Check } from './check.ts';

/** The number of lines to read. One line in TOLERATED may differ: scanners send requests that fit no format. */
const LINES = 200;
const TOLERATED = 10;

/** Checks that the logs in LOGS exist, have a known format, and that their last lines can be parsed. */
export const logFormats: Check = (examined) => {
  if (examined.settings.logs.length === 0) return [];
  const { logs, unmatched, problems } = readLogs(examined);
  const conf = examined.home.settings[0];
  const wrong: Judged[] = [
    ...problems.map((each) => problem(each, `correct LOGS in ${conf}`)),
    ...unmatched.map((pattern) =>
      warning(`no file matches ${pattern}`, `correct LOGS in ${conf}, unless its logs will be created later`),
    ),
  ];
  const remembered = attempt(
    () => readKnownFormats(examined.home.data),
    {} as KnownFormats,
    wrong,
    'remove it',
  );
  const own = attempt(
    () => loadLogFormats(examined.home.settings),
    new Map<string, OwnFormat>(),
    wrong,
    `correct that line of ${conf}`,
  );
  attempt(() => checkOwnFormats(own), undefined, wrong, `correct that line of ${conf}`);
  const { configurationHost: host } = examined;
  const sources: FormatSources = { known: remembered, own, configurations: examined.webServers(), host };
  return [...wrong, ...logs.flatMap((log) => judged(log, sources, examined))];
};

function judged(log: SourceLog, sources: FormatSources, examined: Examination): Judged[] {
  const inside = nameInside(examined, log.name);
  const unseen = log.kind === 'file' ? notReadable(log.path, examined) : undefined;
  if (unseen) return [unseen];
  let chosen: ChosenFormat | undefined;
  try {
    chosen = formatFor(inside, log.format, sources);
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    const isOwn = log.format !== undefined && sources.own.has(log.format);
    const fix = isOwn
      ? `correct LOG_FORMAT_${log.format} in ${examined.home.settings[0]}`
      : `correct it, or name the format in LOGS (${inside}=FORMAT)`;
    return [problem(`${log.name}: ${error.message}`, fix)];
  }
  const differing = chosen?.differs === undefined ? [] : [different(inside, chosen, chosen.differs, sources)];
  if (log.kind === 'journal') return judgeJournal(log.unit, chosen, examined);
  if (chosen?.name === RAW) return [...differing, ok(`${log.name} is read as ${RAW}`)];
  return [...differing, ...judgeLines(log.path, inside, chosen, examined)];
}

/** Skips the unit's check if the home is in the tree of another host, because that host's journal is not here. */
function judgeJournal(
  unit: string,
  chosen: ChosenFormat | undefined,
  { root, settings, env }: Examination,
): Judged[] {
  const fault = root === '/' ? problemOfUnit(unit, chosen?.format, settings.commandTimeout, env) : undefined;
  if (fault) return [problem(fault.seen, fault.fix)];
  return [ok(`journal:${unit} is read ${chosen ? `as ${chosen.name}` : 'in the format of its first lines'}`)];
}

/**
 * The reason why a log cannot be read; undefined if it can be. A log may also have vanished after its pattern matched.
 */
function notReadable(path: string, { home }: Examination): Judged | undefined {
  const correct = `correct LOGS in ${home.settings[0]}`;
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return problem(`there is no ${path}: Riposte cannot read it`, correct);
  if (stats.isDirectory())
    return problem(
      `${path} is a directory: Riposte does not read it`,
      `${correct}: name the logs in it (${path}/*.log)`,
    );
  if (!stats.isFile()) return problem(`${path} is not a regular file: Riposte does not read it`, correct);
  try {
    accessSync(path, constants.R_OK);
    return undefined;
  } catch {
    return problem(`${path} cannot be read by this user`, 'sudo riposte doctor');
  }
}

function different(
  path: string,
  { name, definition, origin }: ChosenFormat,
  differs: string,
  { known }: FormatSources,
): Judged {
  const since = known[path]?.since.slice(0, 10);
  const why =
    origin === 'setting' ? 'LOGS says so' : `the format that Riposte found${since ? ` on ${since}` : ''}`;
  return warning(
    `${path} is read as ${definition ?? name} (${why}), but the web server’s configuration now says ${differs}`,
    origin === 'setting'
      ? `if its lines now have that format, remove =${name} from LOGS, then: riposte serve --forget-format ${path}`
      : `if its lines now have that format: riposte serve --forget-format ${path}`,
  );
}

/** Counts of the last lines of a log, by the result of parsing them. */
interface Seen {
  readonly lines: number;
  readonly unreadable: Reasons;
  readonly withoutTime: number;
  /** Lines with a name in place of the client's address. */
  readonly names: number;
  readonly withoutClient: Reasons;
  /** Lines whose client is a proxy of a CDN, by the CDN's name. */
  readonly proxies: Reasons;
}

/** The number of times that each reason occurred. */
type Reasons = ReadonlyMap<string, number>;

function judgeLines(
  path: string,
  inside: string,
  chosen: ChosenFormat | undefined,
  { settings, home }: Examination,
): Judged[] {
  const lines = lastLinesOf(path, LINES);
  const proxies =
    settings.trustedProxies.length > 0 ? new TrustedProxies(settings.trustedProxies) : undefined;
  const options = { policy: { trustsPeer: false, proxies }, now: Math.floor(Date.now() / 1000) };
  const format = chosen?.format && { format: chosen.format, origin: chosen.origin, isFirm: chosen.isFirm };
  const reader = new LogReader(options, format);
  detectFormat({ location: path, reader });
  const seen = countsOf(lines.map((line) => reader.read(line)));
  const { format: name, tied } = reader.state;
  if (lines.length === 0)
    return [ok(`${path} has no lines yet${name === undefined ? '' : `; it is read as ${name}`}`)];
  if (name === undefined) return [undetected(path, inside, tied)];
  const streams = problemOfStreams(path, reader.format);
  const wrong = [
    ...(streams ? [problem(streams.seen, streams.fix)] : []),
    ...wrongIn(path, name, seen, fixOfFormat(inside, chosen, home.settings[0])),
  ];
  if (wrong.length > 0) return wrong;
  const odd = total(seen.unreadable);
  const of =
    odd === 0
      ? `all of its last ${counted(lines.length, 'line')}`
      : `${lines.length - odd} of its last ${counted(lines.length, 'line')}`;
  return [
    ok(
      `${path} is read as ${name} (${ORIGIN[reader.state.origin]}): ${of} can be read${commonest(seen.unreadable, 'a line ')}`,
    ),
  ];
}

const ORIGIN = {
  setting: 'as LOGS says',
  configuration: 'as the web server’s configuration says',
  lines: 'as its lines show',
} as const;

function undetected(path: string, inside: string, tied: readonly string[]): Judged {
  if (tied.length > 0)
    return problem(
      `${path} may be in the format ${tied.join(' or ')}: Riposte does not read it`,
      `name one in LOGS: ${tied.map((name) => `${inside}=${name}`).join(' or ')}`,
    );
  return problem(
    `${path} is in no format that Riposte recognizes: Riposte does not read it`,
    `name its format in LOGS (${inside}=FORMAT), or define its LogFormat or log_format by LOG_FORMAT_NAME=apache:… or nginx:…, and set ${inside}=NAME`,
  );
}

/** The fix for lines that are not in the format of their log. */
function fixOfFormat(inside: string, chosen: ChosenFormat | undefined, conf: string | undefined): string {
  if (chosen?.origin !== 'setting')
    return `name its format in LOGS (${inside}=FORMAT), and restart riposte serve`;
  if (chosen.definition === undefined)
    return `name another format in LOGS (${inside}=FORMAT), and restart riposte serve`;
  return `set LOG_FORMAT_${chosen.name} in ${conf} to this log’s format in the web server’s configuration, and restart riposte serve`;
}

function wrongIn(path: string, name: string, seen: Seen, fix: string): Judged[] {
  const { lines, unreadable, withoutTime, names, withoutClient, proxies } = seen;
  const share = (count: number): string => `${count} of the last ${counted(lines, 'line')} of ${path}`;
  const isMany = (count: number): boolean => count * TOLERATED > lines;
  const wrong: Judged[] = [];
  if (isMany(total(unreadable)))
    wrong.push(
      problem(
        `${share(total(unreadable))} cannot be read as ${name}${commonest(unreadable, 'a line ')}`,
        fix,
      ),
    );
  if (isMany(total(proxies)))
    wrong.push(
      problem(
        `${share(total(proxies))} come from proxies of ${[...proxies.keys()].join(' and ')}: a block would shut out all visitors who come through them`,
        `set TRUSTED_PROXIES=${[...proxies.keys()].join(',')}, and log the client: X-Forwarded-For, mod_remoteip or the realip module`,
      ),
    );
  if (names > 0)
    wrong.push(
      problem(
        `${share(names)} have a name in place of the client’s address, so Riposte blocks nobody for these lines`,
        'log %a instead of %h, or set HostnameLookups Off, then reload Apache',
      ),
    );
  if (isMany(withoutTime))
    wrong.push(
      warning(
        `${share(withoutTime)} have no readable time: Riposte does not judge such lines if they were written while it was stopped`,
        'log %t (Apache) or [$time_local] (nginx)',
      ),
    );
  if (isMany(total(withoutClient)))
    wrong.push(
      warning(
        `${share(total(withoutClient))} have no client${commonest(withoutClient, 'a line ')}; Riposte blocks nobody for these lines`,
        'set TRUSTED_PROXIES if the client is in a header of your proxy; else log %a (Apache) or $remote_addr (nginx)',
      ),
    );
  return wrong;
}

function countsOf(readings: readonly Reading[]): Seen {
  const unreadable = new Map<string, number>();
  const withoutClient = new Map<string, number>();
  const proxies = new Map<string, number>();
  let [withoutTime, names] = [0, 0];
  for (const reading of readings) {
    if (reading.kind === 'unreadable') add(unreadable, reading.reason);
    if (reading.kind !== 'access' && reading.kind !== 'error') continue;
    if (reading.time === undefined) withoutTime++;
    const cdn = reading.client === undefined ? undefined : cdnOf(reading.client);
    if (cdn !== undefined) add(proxies, cdn);
    if (reading.client !== undefined) continue;
    if (reading.noClient === NAMES_A_HOST) names++;
    // Most lines of an error log have no client.
    else if (reading.kind === 'access') add(withoutClient, reading.noClient ?? 'has none');
  }
  return { lines: readings.length, unreadable, withoutTime, names, withoutClient, proxies };
}

const add = (reasons: Map<string, number>, reason: string): Map<string, number> =>
  reasons.set(reason, (reasons.get(reason) ?? 0) + 1);

const total = (reasons: Reasons): number => [...reasons.values()].reduce((sum, each) => sum + each, 0);

/** The most frequent reason, after a colon. */
function commonest(reasons: Reasons, subject = ''): string {
  const [first, ...others] = [...reasons].sort(([, a], [, b]) => b - a);
  if (first === undefined) return '';
  return `: ${subject}${first[0]}${others.length === 0 ? '' : ` (${first[1]} times)`}`;
}

/** Turns an error into a finding, so that the other checks continue. */
function attempt<T>(look: () => T, otherwise: T, wrong: Judged[], fix: string): T {
  try {
    return look();
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    wrong.push(problem(error.message, fix));
    return otherwise;
  }
}
