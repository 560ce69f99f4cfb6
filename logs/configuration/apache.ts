import { dirname, isAbsolute, join } from 'node:path';
import { type ApacheDirective, type ApacheStart, type ApacheText, readApacheFiles } from './apache-files.ts';
import type { ConfiguredLog, FormatText, Located, ServerConfiguration } from './configured-log.ts';
import { type ConfigurationHost, pathFrom } from './host.ts';
import { pipedTo } from './rotated-by-program.ts';

/**
 * Reads Apache's configuration of its logs; undefined if there is no Apache. Apache's own program names the first file,
 * the loaded modules and the definitions. Without the program, the usual files are read.
 */
export function apacheConfiguration(host: ConfigurationHost): ServerConfiguration | undefined {
  const problems: string[] = [];
  const asked = askApache(host, problems);
  const start = asked?.start ?? usualStart(host);
  if (start === undefined) return undefined;
  const text = readApacheFiles(start, host);
  const configuration = logsOfApache(text, host);
  const hasModSecurity = start.modules?.has('security2_module') ?? configuration.hasModSecurity;
  return {
    ...configuration,
    source: asked?.program ?? start.file,
    hasModSecurity,
    isAsked: asked !== undefined,
    problems: [...problems, ...text.problems],
  };
}

/**
 * Programs that print Apache's configuration. Debian's apache2 is not among them, because apache2ctl sets its
 * environment.
 */
const PROGRAMS = [
  '/usr/sbin/apache2ctl',
  '/usr/sbin/httpd',
  '/usr/sbin/apachectl',
  '/usr/local/sbin/apachectl',
  '/usr/local/apache2/bin/httpd',
];

const QUESTIONS = ['DUMP_INCLUDES', 'DUMP_RUN_CFG', 'DUMP_MODULES'];

function askApache(
  host: ConfigurationHost,
  problems: string[],
): { start: ApacheStart; program: string } | undefined {
  for (const program of PROGRAMS) {
    const said = host.run(program, ['-t', ...QUESTIONS.flatMap((each) => ['-D', each])]);
    if (said === undefined) continue;
    const start = said.ok ? startIn(said.stdout) : undefined;
    if (start) return { start, program };
    const why = /^AH\d+: Syntax error.*$/m.exec(said.stderr)?.[0] ?? said.stderr.split('\n')[0];
    problems.push(`${program} -t does not print the configuration: ${why || 'it prints nothing'}`);
    return undefined;
  }
  return undefined;
}

/** Parses Apache's description of itself. */
export function startIn(dump: string): ApacheStart | undefined {
  const file = /^\s*\(\*\) (\/.*)$/m.exec(dump)?.[1];
  if (file === undefined) return undefined;
  const serverRoot = /^ServerRoot: "(\/.*)"$/m.exec(dump)?.[1] ?? dirname(file);
  const modules = [...dump.matchAll(/^ (\w+_module) \((?:static|shared)\)$/gm)].map(([, name = '']) => name);
  const defines = [...dump.matchAll(/^Define: (\w[^=\n]*)(?:=(.*))?$/gm)].map(
    ([, name = '', value = '']) => [name, value] as const,
  );
  return { file, serverRoot, modules: new Set(modules), defines: new Map(defines) };
}

/** The paths of the configuration on Debian, Red Hat, SUSE, Alpine, FreeBSD and in Apache's own layout. */
const USUAL_FILES: readonly (readonly [file: string, serverRoot: string])[] = [
  ['/etc/apache2/apache2.conf', '/etc/apache2'],
  ['/etc/httpd/conf/httpd.conf', '/etc/httpd'],
  ['/etc/apache2/httpd.conf', '/etc/apache2'],
  ['/usr/local/etc/apache24/httpd.conf', '/usr/local'],
  ['/usr/local/apache2/conf/httpd.conf', '/usr/local/apache2'],
];

function usualStart(host: ConfigurationHost): ApacheStart | undefined {
  const found = USUAL_FILES.find(([file]) => host.read(file) !== undefined);
  if (found === undefined) return undefined;
  return { file: found[0], serverRoot: found[1], modules: undefined, defines: undefined };
}

type Logs = Pick<ServerConfiguration, 'server' | 'logs' | 'nameLookups' | 'realIp' | 'hasModSecurity'>;

/** Collects the effective directives about logs of all virtual hosts. */
export function logsOfApache({ directives, serverRoot }: ApacheText, host: ConfigurationHost): Logs {
  const formats = new Formats(directives);
  return {
    server: 'apache',
    logs: directives.flatMap((each) => logOf(each, formats, serverRoot, host) ?? []),
    nameLookups: directives.filter(looksUpNames).map(located),
    realIp: directives.filter(({ name }) => name.startsWith('remoteip')).map(located),
    hasModSecurity: directives.some(
      ({ name, words }) => name === 'loadmodule' && words[0] === 'security2_module',
    ),
  };
}

/**
 * The nicknames of LogFormat. A virtual host has its own nicknames and the nicknames defined outside of virtual
 * hosts. If a nickname is defined twice in one place, the last definition counts.
 */
class Formats {
  readonly #own = new Map<string, Map<string, string>>();
  readonly #transfer = new Map<string, string>();

  /** The position of each site's ErrorLogFormat; empty if that is Apache's default. */
  readonly #errors = new Map<string, string>();

  constructor(directives: readonly ApacheDirective[]) {
    for (const { name, words, site, place } of directives) {
      const [text = '', nickname] = words;
      const isOfLines = !/^(connection|request)$/i.test(text) || nickname === undefined;
      if (name === 'errorlogformat' && isOfLines)
        this.#errors.set(site, ERROR_FORMATS.includes(text.replaceAll('\\', '')) ? '' : place);
      if (name !== 'logformat') continue;
      if (nickname === undefined) this.#transfer.set(site, text);
      else this.#of(site).set(nickname, text);
    }
  }

  /** The format that a CustomLog directive names by a nickname, or gives as text. */
  named(word: string, site: string): FormatText {
    const text = this.#lookUp(word, site);
    return {
      name: text === undefined ? '' : word,
      dialect: 'apache',
      text: text ?? word,
      escaping: 'default',
    };
  }

  /** The format of TransferLog: the last LogFormat without a nickname. */
  transfer(site: string): FormatText {
    const word = this.#transfer.get(site) ?? this.#transfer.get('') ?? COMMON;
    return this.named(word, site);
  }

  /** The position of the directive that sets a site's error format; undefined if the format is Apache's default. */
  ownOfErrors(site: string): string | undefined {
    return (this.#errors.get(site) ?? this.#errors.get('')) || undefined;
  }

  #of(site: string): Map<string, string> {
    const known = this.#own.get(site) ?? new Map<string, string>();
    this.#own.set(site, known);
    return known;
  }

  #lookUp(word: string, site: string): string | undefined {
    return (
      this.#own.get(site)?.get(word) ?? this.#own.get('')?.get(word) ?? (word === 'CLF' ? COMMON : undefined)
    );
  }
}

const COMMON = '%h %l %u %t "%r" %>s %b';

/** Apache 2.4's default ErrorLogFormat, which a configuration may also write out. */
const ERROR_FORMATS = [
  '[%{u}t] [%-m:%l] [pid %P:tid %T] %7F: %E: [client\\ %a] %M% ,\\ referer\\ %{Referer}i',
  '[%{u}t] [%-m:%l] [pid %P] %7F: %E: [client\\ %a] %M% ,\\ referer\\ %{Referer}i',
].map((each) => each.replaceAll('\\', ''));

function logOf(
  directive: ApacheDirective,
  formats: Formats,
  serverRoot: string,
  host: ConfigurationHost,
): ConfiguredLog | undefined {
  const { name, words, site, place } = directive;
  const [target = '', second = '', condition] = words;
  if (target === '') return undefined;
  if (name === 'errorlog') {
    const log = { server: 'apache', kind: 'error', format: undefined, place } as const;
    const own = formats.ownOfErrors(site);
    const where = destination(directive, serverRoot, host);
    return own === undefined
      ? { ...log, ...where }
      : {
          ...log,
          ...where,
          problem: `has its own format (ErrorLogFormat, ${own}), which Riposte cannot read`,
        };
  }
  if (!['customlog', 'transferlog', 'globallog'].includes(name)) return undefined;
  const format = name === 'transferlog' ? formats.transfer(site) : formats.named(second, site);
  const remark = condition === undefined ? undefined : `has only the requests that match ${condition}`;
  return {
    server: 'apache',
    kind: 'access',
    format,
    place,
    remark,
    ...destination(directive, serverRoot, host),
  };
}

type Destination = Pick<ConfiguredLog, 'path' | 'target' | 'problem'>;

function destination(
  { words: [target = ''], isInMacro }: ApacheDirective,
  serverRoot: string,
  host: ConfigurationHost,
): Destination {
  const unreadable = (problem: string): Destination => ({ path: undefined, target, problem });
  if (isInMacro) return unreadable('is in a <Macro>, which Riposte does not fill in');
  const file = target.startsWith('|')
    ? pipedTo(target.replace(/^\|[|$]?/, ''))
    : { path: target, program: '' };
  if (file.path === undefined) return unreadable(`is piped into ${file.program || 'a program'}`);
  if (/^(syslog|journald)(:|$)/.test(file.path)) return unreadable('goes to the system’s log');
  if (file.path.includes('${')) return unreadable('has a variable that has no value here');
  const path = isAbsolute(file.path) ? file.path : join(serverRoot, file.path);
  if (/^\/dev\/(null|std|fd\/|pts\/|tty|console)/.test(path) || path.startsWith('/proc/'))
    return unreadable('is not a permanent file');
  return { path: host.realPath(pathFrom(path)), target };
}

/**
 * True if a directive makes Apache look up the client's name, which %h then logs. A host name in an access rule makes
 * Apache look up names with any value of HostnameLookups (ap_get_remote_host with REMOTE_DOUBLE_REV).
 */
function looksUpNames({ name, words }: ApacheDirective): boolean {
  const [first = '', second = '', ...more] = words.map((word) => word.toLowerCase());
  if (name === 'hostnamelookups') return first === 'on' || first === 'double';
  if (name === 'require') return first === 'host' || (first === 'not' && second === 'host');
  if (name !== 'allow' && name !== 'deny') return false;
  return [second, ...more].some((word) => word !== 'all' && !word.startsWith('env=') && !ADDRESS.test(word));
}

/** An address, a part of one, or a network, as mod_access_compat accepts them. */
const ADDRESS = /^(?:[\d./]+|[\da-f:./]*:[\da-f:./]*)$/;

const located = ({ name, words, site, place }: ApacheDirective): Located => ({
  text: [name, ...words].join(' '),
  place,
  site,
});
