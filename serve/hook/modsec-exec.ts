/**
 * ModSecurity's hook: if a rule matches a request, reports the request to `riposte serve`. In a rule of httpd.conf.d:
 *
 *     SecRule REQUEST_URI "@contains /w00tw00t" "id:999004,phase:1,deny,log,msg:'a scan',\
 *       setenv:'RIPOSTE_RULE=%{rule.id}',setenv:'RIPOSTE_MESSAGE=%{rule.msg}',exec:/usr/local/lib/riposte/modsec-exec.js"
 *
 * and `group=www-data` for the server. Both variables are optional, and must be set before `exec:`. Two more can be set in
 * the same way: RIPOSTE_SOCKET if the socket is at another path, and RIPOSTE_NODE if Apache's PATH has no `node`.
 *
 * ModSecurity 2.9 (apache2_exec in apache2_util.c) holds the request until the script has ended and its standard output
 * is closed. ModSecurity expects a line on standard output, and ignores the line's text and the script's exit status.
 * Node would take too long to start. So the script begins in bash (PRELUDE in build/bundle-hook.ts), which writes the
 * line, starts Node in the background, and ends.
 */
import { connect } from 'node:net';
import { reportLine } from './report-line.ts';

/**
 * The report is dropped after STEPS intervals of STEP milliseconds, because the next report waits for it. Intervals are
 * counted, so that a machine that pauses for a second uses up only one interval.
 */
const STEPS = 10;
const STEP = 50;

const { REMOTE_ADDR, RIPOSTE_SOCKET } = process.env;
const path = RIPOSTE_SOCKET || '/run/riposte/report.sock';

// ModSecurity reads this output only if the script's first line was changed to run Node.
console.log('riposte');
let steps = 0;
setInterval(
  () => ++steps === STEPS && end('the server does not read the report; see riposte serve --status'),
  STEP,
);
if (REMOTE_ADDR === undefined) end('REMOTE_ADDR is not set');

// Do not wait for the answer: the kernel delivers the report even when the server is busy or stopped.
const socket = connect(path, () => socket.write(reportLine(process.env), () => process.exit(0)));
socket.on('error', ({ message }) =>
  end(`${message} (check that riposte serve runs, and that Apache is in the group of the socket)`),
);

/** Writes to standard error, which is Apache's error log. The exit status is always 0: the rule decides about the request. */
function end(why: string): never {
  console.error(`riposte: ${REMOTE_ADDR ?? 'a request'} is not reported: ${why}`);
  process.exit(0);
}
