import { EX, RiposteError } from '../../base/errors.ts';
import type { Io } from '../../base/io.ts';
import { install as installAt } from '../../install/install.ts';
import { type InstallTarget, type NamedTarget, targetToInstall } from '../../install/install-target.ts';
import { CHOICE_FLAGS } from '../../install/ossec-conf/choice.ts';
import { settingsToMove } from '../../install/settings-to-move.ts';
import { withInstallLock } from '../../install/with-install-lock.ts';
import type { Arguments } from '../arguments.ts';
import { asksYes } from '../ask.ts';
import type { Option } from '../option.ts';
import { demandRoot } from '../root.ts';
import type { Verb } from '../verb.ts';

/** The options that install and uninstall share. */
export const TARGET_OPTIONS: Readonly<Record<string, Option>> = {
  home: { value: 'DIR', text: "the manager's directory (default: RIPOSTE_HOME, else the one that is found)" },
  root: { value: 'DIR', text: 'the file system of another host, for packagers: nothing is started there' },
  'dry-run': { text: 'say what would be done, with a diff of ossec.conf, and change nothing' },
  restart: { text: 'restart the manager, so that it reads the changes' },
  force: { text: "discard your edits between Riposte's markers in ossec.conf" },
};

/** The target that --root, --home and --standalone name. */
export const targetNamedBy = (given: Arguments): NamedTarget => ({
  root: given.value('root'),
  home: given.value('home'),
  isStandalone: given.flag('standalone'),
});

/** @throws RiposteError (USAGE): a directory without --home would be ignored */
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
    yes: { text: 'move settings that name programs or files to /etc/riposte.conf without asking' },
    [CHOICE_FLAGS.isBehindProxy]: {
      text: "the web server is behind a proxy: rules by X-Forwarded-For, and Apache's response",
    },
    [CHOICE_FLAGS.countsAll4xx]: {
      text: 'count bursts of all 4xx, whatever the request: not where the manager gets hundreds of them a second',
    },
    [CHOICE_FLAGS.answers31151]: {
      text: 'answer stock rule 31151, which counts any 4xx, by route-null for 600 seconds',
    },
  },
  notes:
    '--behind-proxy, --all-4xx and --answer-31151 hold for the next install as well, until --no-behind-proxy, --no-all-4xx or --no-answer-31151. Install changes ossec.conf between markers, after the manager’s own programs have accepted the new file, and keeps the old one as etc/ossec.conf.before-riposte. When a step fails, nothing is changed.',
  examples: [
    ['riposte install --dry-run', 'say what would be done'],
    ['riposte install --restart', 'install, and restart the manager'],
    ['riposte install --home /opt/ossec', 'choose one of two managers'],
  ],

  async run(given, io) {
    demandNoOperands('install', given);
    demandRoot('install'); // a dry run reads files that only root can read
    const target = targetToInstall(targetNamedBy(given), io);
    const options = {
      dryRun: given.flag('dry-run'),
      movesSettings: given.flag('yes') || (await isMoveWanted(target, given, io)),
      restart: given.flag('restart'),
      choice: {
        isBehindProxy: given.choice(CHOICE_FLAGS.isBehindProxy),
        countsAll4xx: given.choice(CHOICE_FLAGS.countsAll4xx),
        answers31151: given.choice(CHOICE_FLAGS.answers31151),
      },
      discardsEdits: given.flag('force'),
    };
    const work = () => installAt(target, options, io);
    return options.dryRun ? work() : withInstallLock(target.root, work);
  },
};

/** Asks whether to move the settings that name programs or files, if there are any. */
async function isMoveWanted(target: InstallTarget, given: Arguments, io: Io): Promise<boolean> {
  const moving = given.flag('dry-run') ? undefined : settingsToMove(target);
  if (moving === undefined) return false;
  const question = `${moving.why}, so ${moving.keys.join(', ')} no longer count there. Move them to /etc/riposte.conf?`;
  return asksYes(question, io);
}
