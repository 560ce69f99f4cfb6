import { alone } from '../install/alone.ts';
import { siteToUninstall } from '../install/site.ts';
import { uninstall as uninstallFrom } from '../install/uninstall.ts';
import { demandRoot } from '../root.ts';
import type { Verb } from '../verb.ts';
import { demandNoOperands, PLACE_OPTIONS } from './install.ts';

/** riposte uninstall: unblocks everybody, and takes out what install has put in. */
export const uninstall: Verb = {
  summary: 'unblock everybody and take Riposte out again',
  operands: '',
  options: {
    ...PLACE_OPTIONS,
    purge: {
      text: 'also remove riposte.conf, riposte.allow, what logrotate reads, ledger, journal, the backup of ossec.conf, and active-responses.log where install made it',
    },
  },
  notes:
    'ossec.conf becomes what it was before, byte for byte. A file that somebody has changed stays, and is named.',
  examples: [
    ['riposte uninstall', 'settings, ledger and journal stay, for the next installation'],
    ['riposte uninstall --purge --restart', 'nothing stays'],
  ],

  async run(given, io) {
    demandNoOperands('uninstall', given);
    demandRoot('uninstall'); // what a dry run looks at, only root may read
    const wishes = {
      dryRun: given.flag('dry-run'),
      restart: given.flag('restart'),
      purges: given.flag('purge'),
      discardsEdits: given.flag('force'),
    };
    const site = siteToUninstall(given, io);
    const work = () => uninstallFrom(site, wishes, io);
    return wishes.dryRun ? work() : alone(site.root, work);
  },
};
