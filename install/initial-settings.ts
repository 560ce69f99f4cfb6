import { ALL_SETTINGS } from '../active-response/response/all-settings.ts';

/**
 * A riposte.conf that sets nothing, with every setting as a comment.
 *
 * @param found lines that set something: LOGS and its formats, for a host without a manager
 */
export function initialSettings(found: readonly string[] = []): string {
  const settings = Object.values(ALL_SETTINGS).map(
    ({ key, fallback, form, means }) => `# ${means}\n# (${form})\n#${key}=${fallback}\n`,
  );
  return [
    '# Settings of Riposte: KEY=value. Made by riposte install, which never changes it again.\n# A line such as #KEY=value shows the default.\n',
    ...settings,
    ...(found.length > 0 ? [`# Found when riposte was installed:\n${found.join('\n')}\n`] : []),
  ].join('\n');
}

/** A credentials file without values. Only root can read it from the start. */
export const initialCredentials =
  '# For root alone (mode 0600): the login at MAIL_SERVER, and the URL of a webhook. Riposte refuses this file\n# if another user can read it.\n#USER=\n#PASSWORD=\n#WEBHOOK_URL=https://\n';

/** A riposte.allow without entries. */
export const initialAllowList =
  '# Addresses that Riposte never blocks: one address, prefix or name on each line. A manager’s <white_list> in ossec.conf\n# counts as well: Riposte reads it there.\n';
