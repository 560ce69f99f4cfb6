import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { carriedFile, carriedFiles } from '../carried-files.ts';
import { type Choice, isWanted } from '../ossec-conf/choice.ts';
import { RESPOND_UNIT, respondUnit } from '../resident/unit.ts';
import { UNIT, unitText } from '../serve/unit.ts';
import { webLogs } from './conf-file.ts';
import { initialAllowList, initialCredentials, initialSettings } from './initial-settings.ts';
import { withInterpreter } from './interpreter.ts';
import { logrotateFile } from './logrotate.ts';
import { type ManagedSite, usesOssecConf } from './site.ts';
import { hasSystemd, timerFiles, timerLinks } from './timer.ts';

/** A file as it shall be. Its path is one on this host, below the site's root. */
export interface WantedFile {
  readonly path: string;
  readonly bytes: Buffer;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  /** Laid out where it is missing, and never touched again: it is the administrator's. */
  readonly once?: boolean;
}

export interface WantedLink {
  readonly path: string;
  readonly target: string;
}

export interface Belongings {
  readonly files: readonly WantedFile[];
  readonly links: readonly WantedLink[];
}

/** What the files of an installation are made from. */
export interface Makings extends Choice {
  /** The interpreter's absolute path. */
  readonly interpreter: string;
  /** The text of the built operator's command. */
  readonly program: string;
  /** The text of ossec.conf (latin1); empty where there is none. */
  readonly ossecConf: string;
}

/** Everything that this kind of manager, in this role, needs besides a changed ossec.conf. */
export function belongingsOf(site: ManagedSite, makings: Makings): Belongings {
  const { manager, root, inside } = site;
  const analyses = manager.role !== 'agent' && usesOssecConf(manager);
  const program = join(manager.home, 'bin/riposte');
  return {
    files: [
      ...scripts(site, makings),
      ...(analyses && manager.kind === 'wazuh' ? [integration(site, makings)] : []),
      ...(analyses ? rulesAndDecoders(site, makings) : []),
      ...laidOutOnce(site, makings),
      ...forTheShell(root),
      ...timerFiles(root, inside(program), inside(manager.home)),
      ...(manager.kind === 'none' ? server(site, makings) : respondent(site)),
    ],
    links: [{ path: join(root, 'usr/local/bin/riposte'), target: inside(program) }, ...timerLinks(root)],
  };
}

/** Where the file that Apache reads is, by the README: Apache's user does not get into every home. */
const APACHE = '/var/lib/riposte/apache';

/** What `riposte serve` needs: its unit, which nobody has started yet, and ModSecurity's hook. */
function server(
  { root, home, inside }: ManagedSite,
  { interpreter: node, isBehindProxy }: Makings,
): WantedFile[] {
  const unit = unitText({
    node,
    program: inside(join(home.root, 'bin/riposte')),
    home: inside(home.root),
    response: isBehindProxy ? 'apache-deny' : undefined, // a firewall would see the proxy alone
    writes: [APACHE],
  });
  return [
    file(join(root, 'usr/local/lib/riposte/modsec-exec.js'), carriedFile('modsec-exec.js'), 0o755, 0),
    ...(hasSystemd(root) ? [file(join(root, 'etc/systemd/system', UNIT), unit, 0o644, 0)] : []),
  ];
}

/** What answers the scripts of a manager: its unit, which an administrator starts who wants it. */
function respondent({ root, home, inside }: ManagedSite): WantedFile[] {
  const unit = respondUnit(inside(join(home.root, 'bin/riposte')), inside(home.root));
  return hasSystemd(root) ? [file(join(root, 'etc/systemd/system', RESPOND_UNIT), unit, 0o644, 0)] : [];
}

/** OSSEC's installer gives its scripts 0550, Wazuh's 0750. */
function scripts({ manager, gid }: ManagedSite, { interpreter, program }: Makings): WantedFile[] {
  const mode = manager.kind === 'ossec' ? 0o550 : 0o750;
  const scriptFiles = carried('active-response/').map(([path, text]) => [
    join(manager.home, 'active-response/bin', basename(path)),
    text,
  ]);
  return [...scriptFiles, [join(manager.home, 'bin/riposte'), program]].map(([path = '', text = '']) =>
    file(path, withInterpreter(text, interpreter), mode, gid),
  );
}

/** What integratord calls for an <integration> of this name: the e-mail hook once more. */
function integration({ manager, gid }: ManagedSite, { interpreter }: Makings): WantedFile {
  const text = withInterpreter(carriedFile('active-response/email-alert.js'), interpreter);
  return file(join(manager.home, 'integrations/custom-riposte-email'), text, 0o750, gid);
}

/** Each manager's own layout is that of its part of `dist`: rules/ and etc/, or etc/rules/ and etc/decoders/. */
function rulesAndDecoders({ manager, gid }: ManagedSite, choice: Choice): WantedFile[] {
  return carried(`${manager.kind}/`)
    .filter(([path]) => !path.includes('/ossec.conf.d/'))
    .filter(([path]) => isWanted(path, choice))
    .map(([path, text]) => file(join(manager.home, path.slice(manager.kind.length + 1)), text, 0o640, gid));
}

function laidOutOnce(site: ManagedSite, { ossecConf }: Makings): WantedFile[] {
  const { root, home, gid, manager } = site;
  const logs = statSync(join(manager.home, 'logs'), { throwIfNoEntry: false });
  const [own = '', general = ''] = home.settings;
  // The first that exists counts, so one of our own would put the host's out of force.
  const hasGeneral = statSync(join(root, general), { throwIfNoEntry: false }) !== undefined;
  const logsToRead = manager.kind === 'none' ? webLogs(site) : [];
  const dialect = manager.kind === 'wazuh' ? 'wazuh' : 'ossec';
  const once = [
    ...(hasGeneral ? [] : [file(own, initialSettings(logsToRead), 0o640, gid)]),
    file(join(home.root, 'etc/riposte.mail'), initialCredentials, 0o600, 0),
    file(home.allowList, initialAllowList(ossecConf, home.ossecConf, dialect), 0o640, gid),
    file(join(root, 'etc/logrotate.d/riposte'), logrotateFile(site, logs), 0o644, 0),
    { ...file(home.activeResponsesLog, '', 0o660, logs?.gid ?? gid), uid: logs?.uid ?? 0 },
  ];
  return once.map((each) => ({ ...each, once: true }));
}

/** The manual page, and completion for each shell. */
function forTheShell(root: string): WantedFile[] {
  const texts = {
    'man/man8/riposte.8': carriedFile('man/riposte.8'),
    'bash-completion/completions/riposte': carriedFile('completion/bash'),
    'zsh/site-functions/_riposte': carriedFile('completion/zsh'),
  };
  return Object.entries(texts).map(([path, text]) =>
    file(join(root, 'usr/local/share', path), text, 0o644, 0),
  );
}

function file(path: string, text: string, mode: number, gid: number): WantedFile {
  return { path, bytes: Buffer.from(text), uid: 0, gid, mode };
}

const carried = (prefix: string): [string, string][] =>
  Object.entries(carriedFiles()).filter(([path]) => path.startsWith(prefix));
