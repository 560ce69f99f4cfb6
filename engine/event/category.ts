/** The kind of log, which selects the rules for an event. Only a plugin sets `ossec-alert`. */
export type Category =
  | 'syslog'
  | 'firewall'
  | 'ids'
  | 'web-log'
  | 'squid'
  | 'windows'
  | 'host-information'
  | 'ossec'
  | 'ossec-alert';
