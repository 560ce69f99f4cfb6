import { EX, RiposteError } from '../../base/errors.ts';
import type { Io } from '../../base/io.ts';
import { usePackOf } from '../../evaluate/rule-pack/chosen-pack.ts';
import { install as installAt, restart } from '../../install/install.ts';
import { type InstallOptions, isUpToDate } from '../../install/install-plan.ts';
import {
  type InstallTarget,
  type ManagedTarget,
  type NamedTarget,
  targetToInstall,
  usesOssecConf,
} from '../../install/install-target.ts';
import { AGENTS_NAMED, waitsForAgents } from '../../install/manager/manager.ts';
import { CHOICE_FLAGS, CHOICE_VALUES, type RequestedChoice } from '../../install/ossec-conf/choice.ts';
import { demandValues } from '../../install/ossec-conf/chosen-values.ts';
import { settingsToMove } from '../../install/settings-to-move.ts';
import { withInstallLock } from '../../install/with-install-lock.ts';
import type { Arguments } from '../arguments.ts';
import { asksYes, canAsk } from '../ask.ts';
import { demandRespond, demandServe, proposeResident, startRespond } from '../install/respond.ts';
import type { Option } from '../option.ts';
import { warnOn } from '../options/ruleset.ts';
import { demandRoot } from '../root.ts';
import type { Verb } from '../verb.ts';

/** The options that install and uninstall share. */
export const TARGET_OPTIONS: Readonly<Record<string, Option>> = {
  home: {
    value: 'DIR',
    text: "the manager's directory (default: RIPOSTE_HOME, else the directory that Riposte finds)",
  },
  root: { value: 'DIR', text: 'the file system of another host, for packagers: nothing is started there' },
  'dry-run': { text: 'show the changes, with a diff of ossec.conf, and make none' },
  restart: { text: 'restart the manager, so that it reads the changes' },
  force: { text: "discard your edits between Riposte's markers in ossec.conf" },
};

/** The target that --root, --home and --standalone name. */
export const targetNamedBy = (given: Arguments): NamedTarget => ({
  root: given.value('root'),
  home: given.value('home'),
  isStandalone: given.flag('standalone'),
});

/** @throws RiposteError (USAGE) for an operand, because a directory without --home would have no effect */
export function demandNoOperands(verb: string, { rest }: Arguments): void {
  if (rest.length > 0)
    throw new RiposteError(
      EX.USAGE,
      `${verb} takes no '${rest[0]}': name the manager's directory by --home; nothing was changed`,
    );
}

/** riposte install: puts Riposte into OSSEC or Wazuh, on a server or an agent. */
export const install: Verb = {
  summary: 'put Riposte into OSSEC or Wazuh, or on a host without them, or bring it up to date',
  operands: '',
  options: {
    ...TARGET_OPTIONS,
    standalone: { text: 'a host without a manager: riposte serve reads its logs (home: /var/lib/riposte)' },
    yes: {
      text: 'ask nothing: make the changes, and move settings that name programs or files to /etc/riposte.conf',
    },
    [CHOICE_FLAGS.isBehindProxy]: {
      text: "the web server is behind a proxy: rules by X-Forwarded-For, and Apache's response",
    },
    [CHOICE_FLAGS.countsAll4xx]: {
      text: 'count bursts of all 4xx, for any request; do not use it where the manager gets hundreds of them a second',
    },
    [CHOICE_FLAGS.answers31151]: {
      text: 'answer stock rule 31151, which counts any 4xx, by route-null for 600 seconds',
    },
    [CHOICE_FLAGS.isForFail2ban]: {
      text: 'give fail2ban an action that blocks by Riposte: banaction = riposte',
    },
    [CHOICE_FLAGS.serves]: {
      text: 'on an agent of Wazuh 5: a unit for riposte serve, which blocks here and writes alerts that Wazuh shows',
    },
    timeout: {
      value: 'TIME',
      text: 'the time of the manager’s blocks: 10m, 1h, forever (default 10m)',
    },
    location: {
      value: 'WHERE',
      text: 'where responses run: local (the host of the log), server, all (agents), or an agent’s number (default local)',
    },
    worker: {
      text: 'on a worker of a Wazuh cluster, after install on its master, which sends rules and decoders',
    },
    respond: {
      text: 'start riposte respond, which handles the scripts’ requests without starting a Node for each',
    },
    level: {
      value: 'N',
      text: 'also block for every alert of level N and higher, of any rule, that names an address',
    },
  },
  notes:
    '--behind-proxy, --all-4xx, --answer-31151 and --fail2ban hold for the next install as well, until --no-behind-proxy, --no-all-4xx, --no-answer-31151 or --no-fail2ban. --serve holds until --no-serve; --timeout, --location and --level hold until the value default. On a terminal, install shows its plan and asks first. It changes ossec.conf between markers, after the manager’s own programs have accepted the new file, and keeps the old one as etc/ossec.conf.before-riposte. When a step fails, nothing is changed.',
  examples: [
    ['riposte install --dry-run', 'show the changes'],
    ['riposte install --restart', 'install, and restart the manager'],
    ['riposte install --timeout 1h --location all', 'block for an hour, on all agents'],
    ['riposte install --home /opt/ossec', 'choose one of two managers'],
  ],

  async run(given, io) {
    demandNoOperands('install', given);
    demandRoot('install'); // a dry run reads files that only root can read
    const target = targetToInstall(targetNamedBy(given), io);
    usePackOf(target.home, warnOn(io));
    const choice = {
      isBehindProxy: given.choice(CHOICE_FLAGS.isBehindProxy),
      countsAll4xx: given.choice(CHOICE_FLAGS.countsAll4xx),
      answers31151: given.choice(CHOICE_FLAGS.answers31151),
      isForFail2ban: given.choice(CHOICE_FLAGS.isForFail2ban),
      serves: given.choice(CHOICE_FLAGS.serves),
      timeout: given.value('timeout'),
      location: given.value('location'),
      level: given.value('level'),
    };
    demandValues(choice);
    demandAnswers(target, choice);
    if (given.flag('respond')) demandRespond(target);
    if (choice.serves) demandServe(target, given.flag('respond'));
    const options = {
      dryRun: given.flag('dry-run'),
      movesSettings: given.flag('yes') || (await isMoveWanted(target, given, io)),
      restart: given.flag('restart'),
      isWorker: given.flag('worker'),
      choice,
      discardsEdits: given.flag('force'),
    };
    if (asksFirst(target, given, options, io) && !(await isConfirmed(target, options, io))) {
      io.out('nothing was changed');
      return EX.OK;
    }
    const work = () => installAt(target, options, io);
    const concernsManager = options.dryRun ? work() : withInstallLock(target.root, work);
    if (given.flag('respond')) startRespond(options.dryRun, io);
    else proposeResident(target, choice.serves, io);
    if (concernsManager) await restart(target, options, io);
    if (concernsManager && options.restart && !options.dryRun && waitsForAgents(target.manager))
      io.out(AGENTS_NAMED);
    return EX.OK;
  },
};

/** True on a terminal, without --yes and --dry-run, when there is something to change. */
const asksFirst = (target: ManagedTarget, given: Arguments, options: InstallOptions, io: Io): boolean =>
  !given.flag('yes') && !options.dryRun && canAsk(io) && !isUpToDate(target, options, io);

/** Shows the plan, and asks whether to carry it out. */
async function isConfirmed(target: ManagedTarget, options: InstallOptions, io: Io): Promise<boolean> {
  installAt(target, { ...options, dryRun: true }, io);
  return asksYes('Make these changes?', io);
}

/**
 * @throws RiposteError (USAGE) for --timeout, --location or --level on a host where no ossec.conf decides about them
 */
function demandAnswers({ manager }: ManagedTarget, choice: RequestedChoice): void {
  const given = CHOICE_VALUES.find((key) => choice[key] !== undefined);
  if (given === undefined || (usesOssecConf(manager) && manager.role !== 'agent')) return;
  const where =
    manager.kind === 'none'
      ? 'there is no manager: set BLOCK_FOR in riposte.conf, and see riposte serve'
      : 'an agent obeys its server: give the option to riposte install on the server';
  throw new RiposteError(EX.USAGE, `--${given} has no effect here: ${where}; nothing was changed`);
}

/** Asks whether to move the settings that name programs or files, if there are any. */
async function isMoveWanted(target: InstallTarget, given: Arguments, io: Io): Promise<boolean> {
  const moving = given.flag('dry-run') ? undefined : settingsToMove(target);
  if (moving === undefined) return false;
  const question = `${moving.why}, so ${moving.keys.join(', ')} no longer count there. Move them to /etc/riposte.conf?`;
  return asksYes(question, io);
}
