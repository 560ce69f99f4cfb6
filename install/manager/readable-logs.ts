import type { Manager, NoManager } from './manager.ts';

/**
 * True when a manager can read error logs safely. On an OSSEC server, rules cannot tell which log a line comes from, so a
 * client that writes a whole line into an error log can have any address blocked. Lines from an agent carry the log's
 * name, and Wazuh's rules and riposte serve know the name, too (docs/decoders.md).
 */
export const readsErrorLogs = ({ kind, role }: Manager | NoManager): boolean =>
  kind !== 'ossec' || role === 'agent';

/** True when a path names a web server's error log, by the names that distributions use. */
export const isErrorLogPath = (path: string): boolean =>
  /\/(apache2?|httpd|nginx)\/[^/]*error[_.]log[^/]*$/.test(path);

/** Apache's error logs on Debian, Red Hat and SUSE. */
export const USUAL_ERROR_LOGS = [
  '/var/log/apache2/error.log',
  '/var/log/apache2/error_log',
  '/var/log/httpd/error_log',
  '/var/log/httpd/ssl_error_log',
];
