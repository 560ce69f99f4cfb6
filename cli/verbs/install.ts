import { EX, RiposteError } from '../../active-response/errors.ts';
import type { Arguments } from '../arguments.ts';
import { alone } from '../install/alone.ts';
import { install as installAt } from '../install/install.ts';
import { siteToInstall } from '../install/site.ts';
import { CHOICE_FLAGS } from '../ossec-conf/choice.ts';
import { demandRoot } from '../root.ts';
import type { Option, Verb } from '../verb.ts';

/** The options that install and uninstall share. */
export const PLACE_OPTIONS: Readonly<Record<string, Option>> = {
  home: { value: 'DIR', text: "the manager's directory (default: RIPOSTE_HOME, else the one that is found)" },
  root: { value: 'DIR', text: 'the file system of another host, for packagers: nothing is started there' },
  'dry-run': { text: 'say what would be done, with a diff of ossec.conf, and do nothing' },
  restart: { text: 'restart the manager, so that it reads what has changed' },
  force: { text: "discard what was edited between Riposte's markers in ossec.conf" },
};

/** @throws RiposteError (USAGE): a directory that is named without --home is none that would be heeded */
export function demandNoOperands(verb: string, { rest }: Arguments): void {
  if (rest.length > 0)
    throw new RiposteError(
      EX.USAGE,
      `${verb} takes no '${rest[0]}': it names the manager's directory by --home; nothing was changed`,
    );
}

/** riposte install: into OSSEC or Wazuh, on a server or an agent. */
export const install: Verb = {
  summary: 'put Riposte into OSSEC or Wazuh, or on a host without them, or bring it up to date',
  operands: '',
  options: {
    ...PLACE_OPTIONS,
    standalone: { text: 'a host without a manager: riposte serve reads its logs (home: /var/lib/riposte)' },
    [CHOICE_FLAGS.isBehindProxy]: {
      text: "the web server is behind a proxy: rules by X-Forwarded-For, and Apache's answer",
    },
    [CHOICE_FLAGS.countsAll4xx]: {
      text: 'count bursts of all 4xx, whatever the request: not where the manager gets hundreds of them a second',
    },
  },
  notes:
    'What was chosen by --behind-proxy and --all-4xx holds for the next install as well, until --no-behind-proxy or --no-all-4xx. ossec.conf is changed between markers, after the manager’s own programs have found the new one sound; the one before is kept as etc/ossec.conf.before-riposte. When something fails, nothing is changed.',
  examples: [
    ['riposte install --dry-run', 'what would be done'],
    ['riposte install --restart', 'install, and have the manager read it'],
    ['riposte install --home /opt/ossec', 'where there are two managers'],
  ],

  async run(given, io) {
    demandNoOperands('install', given);
    demandRoot('install'); // what a dry run looks at, only root may read
    const wishes = {
      dryRun: given.flag('dry-run'),
      restart: given.flag('restart'),
      choice: {
        isBehindProxy: given.choice(CHOICE_FLAGS.isBehindProxy),
        countsAll4xx: given.choice(CHOICE_FLAGS.countsAll4xx),
      },
      discardsEdits: given.flag('force'),
    };
    const site = siteToInstall(given, io);
    const work = () => installAt(site, wishes, io);
    return wishes.dryRun ? work() : alone(site.root, work);
  },
};
