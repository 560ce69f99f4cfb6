import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Home } from '../active-response/home.ts';
import { carriedFile, carriedFiles } from '../base/carried-files.ts';
import { readIfThere } from '../base/files.ts';
import type { DesiredFile, DesiredFiles } from './desired-file.ts';
import { initialAllowList, initialCredentials, initialSettings } from './initial-settings.ts';
import { type InstallTarget, type ManagedTarget, usesOssecConf } from './install-target.ts';
import { withInterpreter } from './interpreter.ts';
import { logrotateFile } from './logrotate.ts';
import { type Choice, isWanted } from './ossec-conf/choice.ts';
import { asPackaged, isPackaged, linkOfHome, PACKAGED_UNITS } from './package.ts';
import { SERVER_FILES } from './sandbox.ts';
import { RESPOND_UNIT, respondUnit } from './units/respond-unit.ts';
import { UNIT, unitText } from './units/serve-unit.ts';
import { hasSystemd, timerFiles, timerLinks } from './units/timer.ts';

/** The input for the files of an installation. */
export interface RenderInput extends Choice {
  /** The interpreter's absolute path. */
  readonly interpreter: string;
  /** The text of the built operator's command. */
  readonly program: string;
  /** The lines of riposte.conf about logs, for a host without a manager. */
  readonly logLines: readonly string[];
}

/** All files that this kind of manager, in this role, needs besides a changed ossec.conf. */
export function desiredFiles(target: ManagedTarget, input: RenderInput): DesiredFiles {
  const { manager, root, inside } = target;
  const analyses = manager.role !== 'agent' && usesOssecConf(manager);
  const program = join(manager.home, 'bin/riposte');
  // A package has installed the command, its manual page and completion, and has enabled the timer if the host's
  // presets enable it.
  const fromPackage = isPackaged(root, input.interpreter);
  return {
    files: [
      ...scripts(target, input),
      ...(analyses && manager.kind === 'wazuh' ? [integration(target, input)] : []),
      ...(analyses ? rulesAndDecoders(target, input) : []),
      ...administratorsFiles(target, input),
      ...(fromPackage ? [] : [...shellFiles(root), notices(root), ...hookFile(target, input)]),
      ...(input.isForFail2ban ? [fail2banAction(target)] : []),
      ...unitFiles(target, input),
    ],
    links: fromPackage
      ? [linkOfHome(root, inside(manager.home))]
      : [{ path: join(root, 'usr/local/bin/riposte'), target: inside(program) }, ...timerLinks(root)],
  };
}

/** The units, or lines for cron. Without a manager, leaves out a unit that a package has brought with the same text. */
function unitFiles(target: ManagedTarget, input: RenderInput): DesiredFile[] {
  const { manager, root, inside } = target;
  const timers = timerFiles(root, inside(join(manager.home, 'bin/riposte')), inside(manager.home));
  if (manager.kind !== 'none')
    return [...timers, ...(input.serves ? serverUnitFile(target, input) : []), ...respondUnitFile(target)];
  const packaged = ({ path }: DesiredFile) => readIfThere(join(root, PACKAGED_UNITS, basename(path)));
  return [...timers, ...serverUnitFile(target, input)].filter(
    (unit) => packaged(unit) !== asPackaged(unit.bytes.toString()),
  );
}

/** ModSecurity's hook, for a host on which `riposte serve` runs. */
const hookFile = ({ root, manager }: ManagedTarget, { serves }: RenderInput): DesiredFile[] =>
  manager.kind === 'none' || serves
    ? [file(join(root, 'usr/local/lib/riposte/modsec-exec.js'), carriedFile('modsec-exec.js'), 0o755, 0)]
    : [];

/** The unit of `riposte serve`, not yet started. */
function serverUnitFile(
  { root, home, inside, manager }: ManagedTarget,
  { interpreter: node, isBehindProxy }: RenderInput,
): DesiredFile[] {
  const unit = unitText({
    node,
    program: inside(join(home.root, 'bin/riposte')),
    home: inside(home.root),
    response: isBehindProxy ? 'apache-deny' : undefined, // a firewall would only see the proxy
    alerts: manager.kind === 'none' ? undefined : inside(alertsFileOf(home)),
    writes: SERVER_FILES,
  });
  return hasSystemd(root) ? [file(join(root, 'etc/systemd/system', UNIT), unit, 0o644, 0)] : [];
}

/** The file in which `riposte serve` writes its alerts beside a manager. */
export const alertsFileOf = ({ root }: Home): string => join(root, 'logs/riposte-alerts.log');

/** The unit of `riposte respond`, which the administrator may start. */
function respondUnitFile({ root, home, inside }: ManagedTarget): DesiredFile[] {
  const unit = respondUnit(inside(join(home.root, 'bin/riposte')), inside(home.root));
  return hasSystemd(root) ? [file(join(root, 'etc/systemd/system', RESPOND_UNIT), unit, 0o644, 0)] : [];
}

/** OSSEC's installer gives its scripts 0550, Wazuh's 0750. */
function scripts({ manager, gid }: ManagedTarget, { interpreter, program }: RenderInput): DesiredFile[] {
  const mode = manager.kind === 'ossec' ? 0o550 : 0o750;
  const scriptFiles = carried('active-response/').map(([path, text]) => [
    join(manager.home, 'active-response/bin', basename(path)),
    text,
  ]);
  return [...scriptFiles, [join(manager.home, 'bin/riposte'), program]].map(([path = '', text = '']) =>
    file(path, withInterpreter(text, interpreter), mode, gid),
  );
}

/** The program that integratord calls for the <integration> custom-riposte-email: a copy of the e-mail hook. */
function integration({ manager, gid }: ManagedTarget, { interpreter }: RenderInput): DesiredFile {
  const text = withInterpreter(carriedFile('active-response/email-alert.js'), interpreter);
  return file(join(manager.home, 'integrations/custom-riposte-email'), text, 0o750, gid);
}

/** Each part of `dist` has the layout of its manager: rules/ and etc/, or etc/rules/ and etc/decoders/. */
function rulesAndDecoders({ manager, gid }: ManagedTarget, choice: Choice): DesiredFile[] {
  return carried(`${manager.kind}/`)
    .filter(([path]) => !path.includes('/ossec.conf.d/'))
    .filter(([path]) => isWanted(path, choice))
    .map(([path, text]) => file(join(manager.home, path.slice(manager.kind.length + 1)), text, 0o640, gid));
}

/** The files that an installation makes once, and that belong to the administrator from then on. */
export const administratorsPaths = ({ root, home }: InstallTarget): string[] => [
  home.settings[0] ?? '',
  join(home.root, 'etc/riposte.mail'),
  home.allowList,
  join(root, 'etc/logrotate.d/riposte'),
  home.activeResponsesLog,
];

function administratorsFiles(target: ManagedTarget, { logLines }: RenderInput): DesiredFile[] {
  const { root, home, gid, manager } = target;
  const logs = statSync(join(manager.home, 'logs'), { throwIfNoEntry: false });
  const [own = '', general = ''] = home.settings;
  // Only the first existing file counts, so a file in the home would override the host's file.
  const hasGeneral = statSync(join(root, general), { throwIfNoEntry: false }) !== undefined;
  const once = [
    ...(hasGeneral ? [] : [file(own, initialSettings(logLines), 0o640, gid)]),
    file(join(home.root, 'etc/riposte.mail'), initialCredentials, 0o600, 0),
    file(home.allowList, initialAllowList, 0o640, gid),
    file(join(root, 'etc/logrotate.d/riposte'), logrotateFile(target, logs), 0o644, 0),
    { ...file(home.activeResponsesLog, '', 0o660, logs?.gid ?? gid), uid: logs?.uid ?? 0 },
  ];
  return once.map((each) => ({ ...each, once: true }));
}

/** The action of fail2ban, with the home of this installation. */
function fail2banAction({ root, home, inside }: ManagedTarget): DesiredFile {
  const text = carriedFile('fail2ban/action.d/riposte.conf');
  const named = text.replace(/^home = .*$/m, () => `home = ${inside(home.root)}`);
  return file(join(root, 'etc/fail2ban/action.d/riposte.conf'), named, 0o644, 0);
}

/** The manual page, and completion for each shell. */
function shellFiles(root: string): DesiredFile[] {
  const texts = {
    'man/man8/riposte.8': carriedFile('man/riposte.8'),
    'bash-completion/completions/riposte': carriedFile('completion/bash'),
    'zsh/site-functions/_riposte': carriedFile('completion/zsh'),
  };
  return Object.entries(texts).map(([path, text]) =>
    file(join(root, 'usr/local/share', path), text, 0o644, 0),
  );
}

/** The licences of the packages whose code the installed files contain. */
const notices = (root: string): DesiredFile =>
  file(
    join(root, 'usr/local/share/doc/riposte/THIRD-PARTY-NOTICES.txt'),
    carriedFile('THIRD-PARTY-NOTICES.txt'),
    0o644,
    0,
  );

function file(path: string, text: string, mode: number, gid: number): DesiredFile {
  return { path, bytes: Buffer.from(text), uid: 0, gid, mode };
}

const carried = (prefix: string): [string, string][] =>
  Object.entries(carriedFiles()).filter(([path]) => path.startsWith(prefix));
