import { EX } from '../../base/errors.ts';
import { restart } from '../../install/install.ts';
import { targetToUninstall } from '../../install/install-target.ts';
import { uninstall as uninstallFrom } from '../../install/uninstall.ts';
import { withInstallLock } from '../../install/with-install-lock.ts';
import { demandRoot } from '../root.ts';
import type { Verb } from '../verb.ts';
import { demandNoOperands, TARGET_OPTIONS, targetNamedBy } from './install.ts';

/** riposte uninstall: unblocks all addresses, and removes everything that install has added. */
export const uninstall: Verb = {
  summary: 'unblock all addresses and remove Riposte',
  operands: '',
  options: {
    ...TARGET_OPTIONS,
    'keep-commands': {
      text: 'keep the <command>s of ossec.conf that active responses of your own use; without Riposte, these responses do nothing',
    },
    purge: {
      text: 'also remove riposte.conf, riposte.allow, the logrotate file, ledger, journal, the backup of ossec.conf, and active-responses.log if install created it',
    },
  },
  notes:
    'ossec.conf gets its former content back, byte for byte. Uninstall keeps a file that you have changed, and names it.',
  examples: [
    ['riposte uninstall', 'keep settings, ledger and journal for the next installation'],
    ['riposte uninstall --purge --restart', 'remove these files, too, and restart the manager'],
  ],

  async run(given, io) {
    demandNoOperands('uninstall', given);
    demandRoot('uninstall'); // a dry run reads files that only root can read
    const options = {
      dryRun: given.flag('dry-run'),
      restart: given.flag('restart'),
      purges: given.flag('purge'),
      discardsEdits: given.flag('force'),
      keepsCommands: given.flag('keep-commands'),
    };
    const target = targetToUninstall(targetNamedBy(given), io);
    const work = () => uninstallFrom(target, options, io);
    const managed = options.dryRun ? work() : withInstallLock(target.root, work);
    if (managed) await restart(managed, options, io);
    return EX.OK;
  },
};
