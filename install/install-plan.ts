import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { whiteListOf } from '../active-response/guard/white-list.ts';
import { utf8 } from '../base/bytes.ts';
import { readIfThere } from '../base/files.ts';
import type { Io } from '../base/io.ts';
import { printable } from '../base/printable.ts';
import { readXml } from '../engine/xml/read-xml.ts';
import { filesInCluster } from './cluster.ts';
import { type ConfFile, managersLogs, readConf } from './conf-file.ts';
import { desiredFiles } from './desired-files.ts';
import { type FilePlan, planInstall, type Step } from './file-plan.ts';
import { findLogsToServe } from './find-logs.ts';
import { type ManagedTarget, usesOssecConf } from './install-target.ts';
import { demandRoots, interpreter, runningProgram } from './interpreter.ts';
import { linesOf } from './logs-to-serve.ts';
import {
  type Manifest,
  manifestFileOf,
  manifestOf,
  manifestText,
  NOTHING,
  readManifest,
} from './manifest.ts';
import { chosen, type RequestedChoice, rememberedIn } from './ossec-conf/choice.ts';
import { type Dependent, linesOfDependents } from './ossec-conf/dependents.ts';
import { withRiposte } from './ossec-conf/riposte-in-conf.ts';
import { type SettingsToMove, settingsToMove } from './settings-to-move.ts';
import { staleTempFiles } from './stale-temp-files.ts';
import { cronAdvice, cronState } from './units/cron.ts';
import { hasSystemd } from './units/timer.ts';

/** The options of an installation. */
export interface InstallOptions {
  /** Undefined keeps the earlier choice. */
  readonly choice: RequestedChoice;
  readonly dryRun: boolean;
  readonly restart: boolean;
  /** True on a worker of a Wazuh cluster, whose rules and decoders come from the master. */
  readonly isWorker: boolean;
  /** True to move settings that name programs or files to /etc/riposte.conf. */
  readonly movesSettings: boolean;
  /** True to discard edits between the markers in ossec.conf. */
  readonly discardsEdits: boolean;
}

/** A planned installation, before anything is changed. */
export interface InstallPlan extends FilePlan {
  readonly before: Manifest;
  readonly after: Manifest;
  /** ossec.conf and its new text; undefined when Riposte does not change the manager's ossec.conf. */
  readonly conf: (ConfFile & { readonly wanted: string }) | undefined;
  /** Temporary files of a killed run. */
  readonly leftovers: readonly string[];
}

/** @throws RiposteError for an ossec.conf that cannot be read, and for foreign files in our paths */
export function installPlan(target: ManagedTarget, options: InstallOptions, io: Io): InstallPlan {
  const { home, manager, inside } = target;
  const conf = usesOssecConf(manager) ? { ...readConf(target), manager } : undefined;
  // Reads ossec.conf as XML now, because an agent has no program that checks it.
  const roots = conf ? readXml(conf.text, home.ossecConf, conf.manager.kind) : [];
  const node = interpreter();
  demandRoots(node);
  const known = readManifest(home) ?? NOTHING;
  const choice = chosen(options.choice, known.choice);
  const logs = findLogsToServe(target, choice.serves);
  const readByManager = managersLogs(target);
  const files = desiredFiles(target, {
    interpreter: node,
    program: runningProgram(io.program),
    ...choice,
    logLines: linesOf(logs),
  });
  const isServer = manager.kind === 'wazuh' && manager.role === 'server';
  const cluster = filesInCluster(target, isServer ? roots : [], options.isWorker, files, known);
  const { desired, before } = cluster;
  const changes = planInstall(target, desired, before);
  const moving = settingsToMove(target);
  const once = changes.steps.flatMap((step) => (isOnce(step) ? [inside(step.file.path)] : []));
  // Without a manager, everything below the home belongs to Riposte, whichever run has created it.
  const own =
    manager.kind === 'none' ? [home.root, join(home.root, 'var'), join(home.root, 'var/riposte')] : [];
  const after = manifestOf(
    desired,
    { before, leftOut: changes.leftOut.map(inside) },
    choice,
    inside,
    [...new Set([...before.once, ...once])],
    [...new Set([...before.directories, ...[...own, ...changes.directories].map(inside)])],
  );
  const keptFor: Dependent[] = [];
  const needs = {
    home: inside(home.root),
    logFiles: readByManager.logs,
    hasLocalDecoder: existsSync(join(home.root, 'etc/local_decoder.xml')),
    ...choice,
  };
  const wanted =
    conf &&
    withRiposte(
      conf.text,
      home.ossecConf,
      { ...needs, manager: conf.manager },
      options.discardsEdits,
      (dependents) => keptFor.push(...dependents),
    );
  return {
    ...changes,
    steps: [...changes.steps, ...(moving && options.movesSettings ? moving.steps : [])],
    remarks: [
      ...rememberedIn(options.choice, choice),
      ...cluster.remarks,
      ...logs.remarks.map(harmless),
      ...(conf ? readByManager.remarks : []),
      ...changes.remarks,
      ...remarksOnCron(target),
      ...(conf ? remarksOnWhiteList(conf.text) : []),
      ...(keptFor.length > 0 ? [remarkOnKept(keptFor, home.ossecConf)] : []),
      ...(moving && !options.movesSettings ? [adviceOn(moving)] : []),
    ],
    before,
    after,
    conf: conf && { ...conf, wanted: wanted ?? conf.text },
    leftovers: staleTempFiles(target, conf?.path, before, desired),
  };
}

/** Without systemd, cron runs the sweep. */
function remarksOnCron({ root }: ManagedTarget): string[] {
  const state = hasSystemd(root) ? 'runs' : cronState(root);
  if (state !== 'stopped' && state !== 'missing') return [];
  const what = state === 'missing' ? 'cron is not installed' : 'cron does not run';
  return [
    `${what}, so nothing would run /etc/cron.d/riposte, which ends and repairs blocks: ${cronAdvice(state)}`,
  ];
}

/**
 * Remarks on entries of <white_list>: Riposte ignores a pattern, and protects a name's addresses only after the next
 * sweep.
 */
function remarksOnWhiteList(ossecConf: string): string[] {
  const entries = whiteListOf(ossecConf).filter(({ address }) => address === undefined);
  const names = entries.flatMap(({ name }) => name ?? []);
  const others = entries.filter(({ text, name }) => name === undefined && !/^\^?localhost/.test(text));
  return [
    ...(names.length === 0
      ? []
      : [
          `white_list names ${names.join(', ')}: each sweep looks up the addresses, and Riposte never blocks them`,
        ]),
    ...others.map(
      ({ text }) =>
        `white_list has ${printable(utf8(text), 80)}, which is neither an address nor a name: put the addresses that you mean into riposte.allow`,
    ),
  ];
}

const remarkOnKept = (dependents: readonly Dependent[], file: string): string =>
  `${linesOfDependents(dependents, file)}: these active responses of yours use commands that Riposte no longer needs; Riposte keeps the commands until you remove the responses and install again`;

const adviceOn = ({ keys, why }: SettingsToMove): string =>
  `Riposte reads ${keys.join(', ')} only from a file that root alone can change, and ${why}: riposte install --yes moves these lines to /etc/riposte.conf`;

/** Makes a remark printable: a web server's configuration may contain foreign text. */
const harmless = (text: string): string => printable(text, LONGEST_REMARK);

const LONGEST_REMARK = 600;

export const isConfChanged = ({ conf }: Pick<InstallPlan, 'conf'>): boolean =>
  conf !== undefined && conf.wanted !== conf.text;

/** True when the manager has something new to read: its configuration, rules or decoders. */
export const concernsManager = (plan: InstallPlan): boolean =>
  isConfChanged(plan) || [...plan.steps, ...plan.obsolete].some(isRuleset);

/** True when there is nothing to do. */
export const isComplete = ({ home }: ManagedTarget, plan: InstallPlan): boolean =>
  plan.steps.length + plan.obsolete.length + plan.leftovers.length === 0 &&
  !isConfChanged(plan) &&
  readIfThere(manifestFileOf(home)) === manifestText(plan.after);

/** True when an installation with these options has nothing to do. @throws RiposteError as `installPlan` does */
export const isUpToDate = (target: ManagedTarget, options: InstallOptions, io: Io): boolean =>
  isComplete(target, installPlan(target, options, io));

const isRuleset = (step: Step): boolean =>
  step.does !== 'keep' && /^(0000-)?riposte_.*\.xml$/.test(basename(pathOf(step)));

const pathOf = (step: Step): string =>
  step.does === 'remove' || step.does === 'keep'
    ? step.path
    : step.does === 'link'
      ? step.link.path
      : step.file.path;

function isOnce(step: Step): step is Extract<Step, { does: 'make' | 'replace' }> {
  return (step.does === 'make' || step.does === 'replace') && step.file.once === true;
}
