import type { Response } from './request-context.ts';
import { flagOf, flagsFromNoMessage, SETTINGS, type Table } from './settings/settings.ts';

/** The text of --help. @param script the script's file name */
export function usage({ name, summary, settings: own }: Response, script: string): string {
  const table: Table = { ...SETTINGS, ...own };
  const settings = Object.entries(table).map(([setting, { key, form, fallback, means }]) =>
    [
      `  --${flagOf(setting)} VALUE`,
      `      ${means}`,
      `      ${form}${fallback && ` (default: ${fallback})`}; in riposte.conf: ${key}`,
    ].join('\n'),
  );
  return `${name}: ${summary}

  ${script} add - ADDRESS        block an address or a prefix
  ${script} delete - ADDRESS     unblock it
  ${script} --list               list the blocked addresses, and whether each is in force
  ${script} --sweep              make the backends agree with the ledger (for a timer)
  ${script} < message            read one JSON line, as Wazuh's execd sends it

  --origin PROGRAM:NAME
                with add and delete: act for this program alone, such as fail2ban:sshd
  --dry-run     print the commands, and run none
  --help, --version

The settings of riposte.conf, here and in Wazuh's <extra_args> (except
${flagsFromNoMessage(table)
  .map((flag) => `--${flag}`)
  .join(', ')}, which only root may set):
${settings.join('\n')}

Exit status: 0 when the address is blocked (or unblocked), was already, or is never blocked on purpose;
64 wrong usage, 65 wrong message or address, 69 a program is missing or refused, 70 a defect in Riposte,
73 another program's route is in the way, 74 files, 75 a time limit, 77 no permission, 78 configuration.`;
}
