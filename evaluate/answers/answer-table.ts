import { CLASSES, type ClassName } from '../../judgement/classes.ts';

/** OSSEC's name for a manager's command in ossec.conf.d. */
export type ManagerCommand = 'route-null' | 'riposte-firewall-drop';

/** The class of an answered rule: a class of requests, or a kind of evidence that only rules find. */
export type AnswerClass =
  | ClassName
  | 'open proxy'
  | 'honeytrap'
  | 'denial'
  | 'pingback spam'
  | 'alert of serve'
  | 'only counted';

/** A rule whose alerts block their source: the programs that block, and the reason. */
export interface Answer {
  readonly rule: number;
  readonly class: AnswerClass;
  /** The reason, in a few words. */
  readonly why: string;
  /** True if riposte serve, scan and replay answer it. */
  readonly byServer: boolean;
  /** The manager's command that answers the rule; undefined if managers do not answer the rule, or lack it. */
  readonly byManager: ManagerCommand | undefined;
}

/** The duration of a block in the fragments of ossec.conf for managers, in seconds. */
export const MANAGER_TIMEOUT = 600;

/** The rules that are answered by default. The build makes ossec.conf.d/ from this table. */
export const ANSWERS: readonly Answer[] = [
  ...Object.entries(CLASSES).map(([name, { rule, description }]) =>
    server(rule, name as ClassName, description.replace(/^[^:]*: /, '')),
  ),
  both(117040, 'unmistakable', 'a scanner by its user agent'),
  both(117050, 'unmistakable', 'a path that only scanners request'),
  both(117051, 'unmistakable', 'the set-up script of phpMyAdmin'),
  both(117052, 'unmistakable', 'an exploit’s path'),
  both(117053, 'unmistakable', 'a file that holds secrets'),
  both(117054, 'severe', 'a file that holds secrets, which the server sent'),
  both(117055, 'unmistakable', 'a payload: a command, a system file'),
  both(117056, 'severe', 'a payload that takes a server over, as Log4Shell does'),
  both(117057, 'severe', 'the path of an exploit that takes a server over'),
  both(117058, 'severe', 'an exploit in the referer or in the user agent'),
  both(117061, 'probes', 'three different probes from one source'),
  burst(117073, 'many 4xx from one source, suspect requests among them'),
  burst(117076, 'many 4xx from one source (riposte install --all-4xx)'),
  burst(117078, '16 different missing pages from one source'),
  both(117090, 'logins', 'ten failed logins at WordPress'),
  both(117021, 'open proxy', 'CONNECT to a host that is not ours'),
  both(117022, 'open proxy', 'the address of a proxy tester'),
  both(117016, 'honeytrap', 'a request of a client that a honeytrap knows'),
  both(117017, 'denial', 'a request of a client that ModSecurity found attacking'),
  server(117010, 'honeytrap', 'traffic on a port where nothing is served; an access log confirms it'),
  server(117011, 'honeytrap', 'a client that a honeytrap knows; an access log confirms it'),
  server(117014, 'denial', 'many denials by ModSecurity; an access log confirms them'),
  server(117015, 'denial', 'a denial by Riposte’s rules for ModSecurity; an access log confirms it'),
  both(117031, 'pingback spam', 'repeated pingback spam'),
  both(117033, 'pingback spam', 'pingback spam, seen by the proxy'),
  manager(117081, 'alert of serve', 'an alert of riposte serve --alerts'),
  manager(117082, 'alert of serve', 'a severe alert of riposte serve --alerts'),
];

/** A rule of level 10 or higher that blocks nothing unless ANSWER_RULES names it. */
export interface Unanswered {
  readonly rule: number;
  /** The reason why its alert does not prove an attack. */
  readonly why: string;
}

/** Rules that also count requests of visitors. */
export const UNANSWERED: readonly Unanswered[] = [
  { rule: 31115, why: 'one long address: a login at another site, a filter of a shop' },
  { rule: 31151, why: '14 answers 4xx: missing pictures, an expired session that polls' },
  { rule: 31152, why: 'words of SQL in a query: a search' },
  { rule: 31153, why: 'two dots or a control character in an address: links that a program made' },
  { rule: 31154, why: 'words of HTML in a query: a search' },
  { rule: 31161, why: 'answers 501: the server lacks a method' },
  { rule: 31162, why: 'answers 500: a broken application' },
  { rule: 31163, why: 'answers 503: a busy server' },
  { rule: 31533, why: 'eight POST in 20 s: an editor that saves, a cart, a chat' },
  {
    rule: 30412,
    why: 'denials by ModSecurity, whose rules also match visitors’ requests; only an error log reports them',
  },
  { rule: 117035, why: 'pingback reflection: the sources are other people’s blogs' },
];

function server(rule: number, of: AnswerClass, why: string): Answer {
  return { rule, class: of, why, byServer: true, byManager: undefined };
}

function manager(rule: number, of: AnswerClass, why: string): Answer {
  return { rule, class: of, why, byServer: false, byManager: 'riposte-firewall-drop' };
}

function both(rule: number, of: AnswerClass, why: string): Answer {
  return { ...manager(rule, of, why), byServer: true };
}

/**
 * A burst. A manager blocks its source by `route-null`, which has been the command for 404 bursts from the beginning.
 */
function burst(rule: number, why: string): Answer {
  return { rule, class: 'burst', why, byServer: true, byManager: 'route-null' };
}
