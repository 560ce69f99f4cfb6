import { dirname, isAbsolute, join } from 'node:path';
import type { ConfiguredLog, FormatText, Located, ServerConfiguration } from './configured-log.ts';
import { type ConfigurationHost, pathFrom } from './host.ts';
import { directivesOf, type NginxDirective } from './nginx-directives.ts';
import { expanded, matchesPath } from './wildcards.ts';

/**
 * Reads nginx's configuration of its logs; undefined if there is no nginx. nginx itself prints its whole
 * configuration. Without that program, Riposte reads the usual files.
 */
export function nginxConfiguration(host: ConfigurationHost): ServerConfiguration | undefined {
  const asked = askNginx(host);
  if (asked?.files !== undefined) return configurationOf(asked.files, asked.built, asked.program, host, []);
  const file = [asked?.built.file, ...USUAL_FILES].find((each) => each !== undefined && host.read(each));
  if (file === undefined) return undefined;
  const problems = asked ? [`${asked.program} -T does not print the configuration: ${asked.why}`] : [];
  const files = filesFrom(file, host, problems);
  return configurationOf(files, asked?.built ?? { ...USUAL_BUILD, file }, file, host, problems);
}

const PROGRAMS = [
  '/usr/sbin/nginx',
  '/usr/local/sbin/nginx',
  '/usr/local/nginx/sbin/nginx',
  '/usr/local/openresty/nginx/sbin/nginx',
];

const USUAL_FILES = [
  '/etc/nginx/nginx.conf',
  '/usr/local/etc/nginx/nginx.conf',
  '/usr/local/nginx/conf/nginx.conf',
  '/usr/local/openresty/nginx/conf/nginx.conf',
];

/** The paths with which nginx was built. */
export interface NginxBuild {
  /** The base of relative paths of logs. */
  readonly prefix: string;
  /** nginx.conf; relative paths of included files are relative to its directory. */
  readonly file: string;
  readonly accessLog: string;
  /** The default of error_log, which may be `stderr`. */
  readonly errorLog: string;
}

const USUAL_BUILD: NginxBuild = {
  prefix: '/usr/share/nginx',
  file: '/etc/nginx/nginx.conf',
  accessLog: '/var/log/nginx/access.log',
  errorLog: '/var/log/nginx/error.log',
};

/** The files of a configuration by path; the first file includes the others. */
export type NginxFiles = ReadonlyMap<string, readonly NginxDirective[]>;

interface Asked {
  readonly program: string;
  readonly built: NginxBuild;
  readonly files: NginxFiles | undefined;
  readonly why: string;
}

function askNginx(host: ConfigurationHost): Asked | undefined {
  for (const program of PROGRAMS) {
    const version = host.run(program, ['-V']);
    if (version === undefined) continue;
    const built = buildIn(`${version.stderr}\n${version.stdout}`);
    const dump = host.run(program, ['-T']);
    const files = dump?.ok ? filesInDump(dump.stdout) : undefined;
    const why = /\[emerg\] (?:\d+#\d+: )?(.*)/.exec(dump?.stderr ?? '')?.[1] || dump?.stderr.split('\n')[0];
    return {
      program,
      built,
      files: files && files.size > 0 ? files : undefined,
      why: why || 'it prints nothing',
    };
  }
  return undefined;
}

/** Parses the output of `nginx -V`. */
export function buildIn(text: string): NginxBuild {
  const option = (name: string): string | undefined =>
    new RegExp(`--${name}=('[^']*'|\\S+)`).exec(text)?.[1]?.replaceAll("'", '');
  const prefix = option('prefix') ?? '/usr/local/nginx';
  const at = (name: string, usual: string): string => below(prefix, option(name) ?? usual);
  return {
    prefix,
    file: at('conf-path', 'conf/nginx.conf'),
    accessLog: at('http-log-path', 'logs/access.log'),
    errorLog: option('error-log-path') ?? 'logs/error.log',
  };
}

/** The files in the output of `nginx -T`, each after a comment with its path. */
export function filesInDump(dump: string): NginxFiles {
  const files = new Map<string, readonly NginxDirective[]>();
  const begins = [...dump.matchAll(/^# configuration file (\/.*):$/gm)];
  for (const [at, begin] of begins.entries()) {
    const [head, path = ''] = begin;
    // If a file itself contains such a comment, the text after the comment counts as another file.
    const text = dump.slice(begin.index + head.length + 1, begins[at + 1]?.index);
    files.set(pathFrom(path), directivesOf(text));
  }
  return files;
}

const MOST_FILES = 5000;

/** A file and the files that it includes. */
function filesFrom(file: string, host: ConfigurationHost, problems: string[]): NginxFiles {
  const files = new Map<string, readonly NginxDirective[]>();
  const waiting = [file];
  for (let path = waiting.shift(); path !== undefined && files.size < MOST_FILES; path = waiting.shift()) {
    if (files.has(path)) continue;
    const read = host.read(path);
    if (read === undefined || 'problem' in read) problems.push(`${path} ${read?.problem ?? 'is missing'}`);
    const directives = read && 'text' in read ? directivesOf(read.text) : [];
    files.set(path, directives);
    waiting.push(
      ...includesOf(directives).flatMap((each) => expanded(pathFrom(below(dirname(file), each)), host)),
    );
  }
  return files;
}

const includesOf = (directives: readonly NginxDirective[]): string[] =>
  directives.flatMap(({ name, words, block }) =>
    name === 'include' ? words.slice(0, 1) : block ? includesOf(block) : [],
  );

const below = (base: string, path: string): string => (isAbsolute(path) ? path : join(base, path));

/** An effective directive, with its position and the blocks around it. */
interface Found {
  readonly directive: NginxDirective;
  /** `http`, `http server`, `http server location`, `stream`. */
  readonly context: readonly string[];
  readonly place: string;
}

function configurationOf(
  files: NginxFiles,
  built: NginxBuild,
  source: string,
  host: ConfigurationHost,
  problems: readonly string[],
): ServerConfiguration {
  return {
    server: 'nginx',
    source,
    isAsked: source !== built.file,
    problems,
    ...logsOfNginx(files, built, host),
  };
}

type Logs = Pick<ServerConfiguration, 'logs' | 'nameLookups' | 'realIp' | 'hasModSecurity'>;

/** Collects the effective directives about logs. The first file includes the others. */
export function logsOfNginx(files: NginxFiles, built: NginxBuild, host: ConfigurationHost): Logs {
  const [start = built.file] = files.keys();
  const found = allIn(start, files);
  const formats = formatsIn(found);
  const logs = found.flatMap((each) => logOf(each, formats, built, host) ?? []);
  const isHttp = ({ context }: Found): boolean => context.length === 1 && context[0] === 'http';
  const hasErrorLog = found.some(
    ({ directive, context }) => directive.name === 'error_log' && context.length === 0,
  );
  const hasOwn = found.some((each) => each.directive.name === 'access_log' && isHttp(each));
  const hasHttp = found.some(({ directive, context }) => directive.name === 'http' && context.length === 0);
  const byDefault: ConfiguredLog = {
    server: 'nginx',
    kind: 'access',
    path: host.realPath(built.accessLog),
    target: built.accessLog,
    format: COMBINED,
    place: `${start} (nginx’s default)`,
  };
  const errorsByDefault: ConfiguredLog = {
    server: 'nginx',
    kind: 'error',
    format: undefined,
    place: byDefault.place,
    ...destination(built.errorLog, [], built, host),
  };
  return {
    logs: [...(hasHttp && !hasOwn ? [byDefault] : []), ...logs, ...(hasErrorLog ? [] : [errorsByDefault])],
    nameLookups: [],
    realIp: found
      .filter(({ directive: { name } }) => /^(set_real_ip_from|real_ip_header|real_ip_recursive)$/.test(name))
      .map(located),
    hasModSecurity: found.some(
      ({ directive: { name, words } }) => name === 'modsecurity' && words[0]?.toLowerCase() === 'on',
    ),
  };
}

/** All directives, with included files in place. */
function allIn(start: string, files: NginxFiles): Found[] {
  const all: Found[] = [];
  const walk = (
    file: string,
    directives: readonly NginxDirective[],
    context: readonly string[],
    depth: number,
  ) => {
    for (const directive of directives) {
      if (all.length >= MOST_DIRECTIVES) return;
      all.push({ directive, context, place: `${file}:${directive.line}` });
      if (directive.block) walk(file, directive.block, [...context, directive.name], depth);
      if (directive.name !== 'include' || depth > MOST_INCLUDES) continue;
      const pattern = pathFrom(below(dirname(start), directive.words[0] ?? ''));
      for (const [path, inside] of files)
        if (matchesPath(pattern, path)) walk(path, inside, context, depth + 1);
    }
  };
  walk(start, files.get(start) ?? [], [], 0);
  return all;
}

const MOST_DIRECTIVES = 200_000;
const MOST_INCLUDES = 20;

/** The format that nginx has without a log_format directive. */
const COMBINED: FormatText = {
  name: 'combined',
  dialect: 'nginx',
  text: '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"',
  escaping: 'default',
};

function formatsIn(found: readonly Found[]): Map<string, FormatText> {
  const formats = new Map([['http combined', COMBINED]]);
  for (const { directive, context } of found) {
    const [name = '', ...texts] = directive.words;
    if (directive.name !== 'log_format') continue;
    const escaped = /^escape=(default|json|none)$/.exec(texts[0] ?? '')?.[1] as
      | FormatText['escaping']
      | undefined;
    const text = texts.slice(escaped === undefined ? 0 : 1).join('');
    formats.set(`${context[0] ?? ''} ${name}`, {
      name,
      dialect: 'nginx',
      text,
      escaping: escaped ?? 'default',
    });
  }
  return formats;
}

function logOf(
  found: Found,
  formats: ReadonlyMap<string, FormatText>,
  built: NginxBuild,
  host: ConfigurationHost,
): ConfiguredLog | undefined {
  const { directive, context, place } = found;
  const [target = '', ...options] = directive.words;
  const protocol = context[0] ?? 'main';
  if (directive.name === 'error_log' && target !== '') {
    const log = { server: 'nginx', kind: 'error', format: undefined, place } as const;
    return { ...log, ...destination(target, [], built, host) };
  }
  if (directive.name !== 'access_log' || target === '' || target === 'off') return undefined;
  const isOption = (word: string): boolean => /^(buffer|flush|if|gzip)(=|$)/.test(word);
  const name = options.find((word) => !isOption(word)) ?? 'combined';
  const format = formats.get(`${protocol} ${name}`);
  const log: ConfiguredLog = {
    server: 'nginx',
    kind: 'access',
    format,
    place,
    remark: remarkOn(options),
    ...destination(target, options, built, host),
  };
  if (protocol !== 'http') return { ...log, problem: `has connections (${protocol} { }), not requests` };
  return format === undefined
    ? { ...log, problem: `has the format ${name}, which no log_format defines` }
    : log;
}

function remarkOn(options: readonly string[]): string | undefined {
  const condition = options.find((word) => word.startsWith('if='));
  if (condition !== undefined) return `has only the requests that match ${condition}`;
  const buffer = options.find((word) => word.startsWith('buffer='));
  if (buffer === undefined) return undefined;
  return `is late: nginx delays lines (${buffer}${options.some((word) => word.startsWith('flush=')) ? '' : ', no flush='})`;
}

function destination(
  target: string,
  options: readonly string[],
  built: NginxBuild,
  host: ConfigurationHost,
): Pick<ConfiguredLog, 'path' | 'target' | 'problem'> {
  const unreadable = (problem: string) => ({ path: undefined, target, problem });
  if (/^(syslog|memory):/.test(target)) return unreadable(`goes to ${target.split(':')[0]}`);
  if (target === 'stderr') return unreadable('goes to standard error');
  if (target.includes('$')) return unreadable('has a variable in its path');
  if (options.some((word) => /^gzip(=|$)/.test(word))) return unreadable('is compressed (gzip)');
  const path = below(built.prefix, target);
  if (/^\/dev\/(null|std|fd\/|pts\/|tty|console)/.test(path) || path.startsWith('/proc/'))
    return unreadable('is not a permanent file');
  return { path: host.realPath(pathFrom(path)), target };
}

const located = ({ directive: { name, words }, place }: Found): Located => ({
  text: [name, ...words].join(' '),
  place,
  site: '',
});
