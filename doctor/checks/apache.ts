import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { APACHE_SETTINGS } from '../../active-response/backend/apache/settings.ts';
import { apacheDeny } from '../../active-response/response/apache-deny.ts';
import { type ValuesOf, valuesOf } from '../../active-response/settings/settings.ts';
import { lookForProgram } from '../../base/find-program.ts';
import { isAskedFor } from '../active-responses.ts';
import { type ApacheFile, apacheConfiguration, hostsWithoutRewriting } from '../apache-configuration.ts';
import type { Examination } from '../examination.ts';
import { type Judged, ok, orOk, problem } from '../finding.ts';
import type { Check } from './check.ts';

/** Checks that Apache reads apache-deny's file, if apache-deny is in use. */
export const apache: Check = (examined) => {
  const { home } = examined;
  const settings = valuesOf(APACHE_SETTINGS, examined.settings);
  const file = settings.apacheFile || join(home.apache, FILE[settings.apacheDeny] ?? '');
  const configuration = apacheConfiguration(examined.root);
  const isUsed =
    settings.apacheFile !== '' || existsSync(file) || isAsked(examined, configuration.length > 0);
  if (!isUsed) return [ok('this host does not use apache-deny')];
  if (!existsSync(file)) {
    // Apache's user could not read a map below the manager's home, so the map must be elsewhere.
    const fix =
      settings.apacheFile === '' && settings.apacheDeny === 'map'
        ? elsewhere(examined)
        : `install -D -m 644 /dev/null ${file}`;
    const seen = `there is no ${file}: Apache does not start if this file is missing`;
    return [problem(seen, `${fix}, then restart Apache`)];
  }
  const wrong = [
    ...(settings.apacheDeny === 'map' ? unreadable(file, examined) : notRunnable(settings)),
    ...(configuration.length === 0 ? [] : notInForce(file, settings.apacheDeny, configuration)),
  ];
  const read = configuration.length === 0 ? 'Apache’s configuration was not found' : 'Apache reads it';
  return orOk(wrong, `apache-deny writes ${file}; ${read}`);
};

const FILE: Record<string, string> = {
  map: 'deny.map',
  apache24: 'deny.apache24.conf',
  apache22: 'deny.apache22.conf',
};

/** A manager sends requests for apache-deny to all its agents, but an agent without Apache does not use it. */
const isAsked = ({ conf, arConf }: Examination, hasApache: boolean): boolean =>
  isAskedFor(apacheDeny, { conf, arConf: hasApache ? arConf : undefined });

/** Apache opens the map as its own user, unlike the rest of its configuration. */
function unreadable(file: string, examined: Examination): Judged[] {
  const closed = directoriesOf(file).find((directory) => (statSync(directory).mode & 0o001) === 0);
  if (closed !== undefined)
    return [problem(`Apache’s user cannot enter ${closed}, and so cannot read ${file}`, elsewhere(examined))];
  const isReadable = (statSync(file).mode & 0o004) !== 0;
  return isReadable ? [] : [problem(`Apache’s user cannot read ${file}`, `chmod 644 ${file}`)];
}

const MAP = '/var/lib/riposte/apache/deny.map';
const elsewhere = ({ home }: Examination): string =>
  `set APACHE_FILE=${MAP} in ${home.settings.at(-1)}; install -D -m 644 /dev/null ${MAP}`;

function directoriesOf(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [...directoriesOf(parent), parent];
}

function notRunnable({ apacheCheck, apacheReload }: ValuesOf<typeof APACHE_SETTINGS>): Judged[] {
  const missing = [apacheCheck, apacheReload].flatMap(([program]) =>
    program !== undefined && lookForProgram(program, '') === undefined ? program : [],
  );
  return [...new Set(missing)].map((program) =>
    problem(
      `there is no ${program}, which checks or reloads Apache`,
      'correct APACHE_CHECK and APACHE_RELOAD in riposte.conf',
    ),
  );
}

function notInForce(file: string, flavour: string, configuration: readonly ApacheFile[]): Judged[] {
  if (!configuration.some(({ text }) => text.includes(file))) {
    const fix = `include a fragment of httpd.conf.d with the path ${file} (on Debian: a2enconf riposte), then restart Apache`;
    return [problem(`nothing in Apache’s configuration names ${file}`, fix)];
  }
  if (flavour !== 'map') return [];
  const hasRewriting = configuration.some(({ text }) => /^\s*LoadModule\s+rewrite_module\b/im.test(text));
  const hosts = configuration.flatMap(hostsWithoutRewriting);
  return [
    ...(hasRewriting ? [] : [problem('Apache does not load mod_rewrite', 'a2enmod rewrite; restart Apache')]),
    ...hosts.map((at) =>
      problem(
        `${at}: this virtual host does not rewrite, so it denies nobody`,
        'write RewriteEngine On into this virtual host',
      ),
    ),
  ];
}
