/**
 * ModSecurity's hook: reports the request that a rule has matched to `riposte serve`. In a rule of httpd.conf.d:
 *
 *     SecRule REQUEST_URI "@contains /w00tw00t" "id:999004,phase:1,deny,log,msg:'a scan',\
 *       setenv:'RIPOSTE_RULE=%{rule.id}',setenv:'RIPOSTE_MESSAGE=%{rule.msg}',exec:/usr/local/lib/riposte/modsec-exec.js"
 *
 * and `group=www-data` for the server. Both variables are optional, and must be set before `exec:`. So may
 * RIPOSTE_SOCKET be, for a socket at another place, and RIPOSTE_NODE, where Apache's PATH has no `node`.
 *
 * ModSecurity 2.9 (apache2_exec in apache2_util.c) holds the request until the script has ended and nobody has
 * its standard output open any more; it wants a line there, and ignores it and the exit status. So the script
 * begins as one of bash (PRELUDE in build/bundle-hook.ts), which writes the line, leaves Node in the
 * background, and ends: Node alone would take longer to start than a request may be held.
 */
import { connect } from 'node:net';
import { reportLine } from './report-line.ts';

/**
 * After so many steps of so many milliseconds it is given up: the next report waits for this one. Steps, as a machine
 * that stands still for a second takes no longer than one of them from the report's time.
 */
const STEPS = 10;
const STEP = 50;

const { REMOTE_ADDR, RIPOSTE_SOCKET } = process.env;
const path = RIPOSTE_SOCKET || '/run/riposte/report.sock';

// Where somebody has put Node into the first line, ModSecurity reads this one.
console.log('riposte');
let steps = 0;
setInterval(() => ++steps === STEPS && end('the server does not take it'), STEP);
if (REMOTE_ADDR === undefined) end('there is no REMOTE_ADDR');

// Nothing waits for the answer: what the kernel has taken reaches the server, also one that is busy or stopped.
const socket = connect(path, () => socket.write(reportLine(process.env), () => process.exit(0)));
socket.on('error', ({ message }) => end(`${message} (is riposte serve running, and Apache in its group?)`));

/** Standard error is Apache's error log. What ModSecurity does with the request is for the rule to say. */
function end(why: string): never {
  console.error(`riposte: ${REMOTE_ADDR ?? 'a request'} is not reported: ${why}`);
  process.exit(0);
}
