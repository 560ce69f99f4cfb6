/** The text of --help. @param script the script's file name */
export const usage = (script: string): string => `email-alert: sends alerts to people, by mail or by a webhook

  ${script} add - ADDRESS [ALERTID RULEID]   report an address, or an alert in OSSEC's alerts.log
  ${script} < message            one JSON line, as Wazuh's execd sends it
  ${script} --list               list the messages that wait to be sent
  ${script} --sweep              send the messages that wait (for a timer; riposte sweep does it, too)

  --dry-run     print the message, and send nothing
  --help, --version

A message is written to the disk first; a separate process sends it, so the manager does not wait. As
integrations/custom-riposte-email it takes the arguments of Wazuh's integratord: ALERT_FILE API_KEY HOOK_URL.

In riposte.conf: MAIL_TO, MAIL_FROM, MAIL_SERVER, MAIL_LEVEL, MAIL_RATE, MAIL_CREDENTIALS, MAIL_CA; in the file
of MAIL_CREDENTIALS (by default etc/riposte.mail, readable by root alone): USER, PASSWORD, WEBHOOK_URL.
In Wazuh's <extra_args> and here: --mail-level.

Exit status: 0 when the message is on the disk; 64 wrong usage, 65 wrong message, 69 a server refused for good,
70 a defect in Riposte, 74 files, 75 no server can be reached yet, 77 no permission, 78 configuration.`;
