import type { Event } from '../../event/event.ts';

/** `ossec: Alert Level: 3; Rule: 5501 - Login; Location: host->/var/log/x; srcip: 1.2.3.4; user: bob; the line` */
const ALERT = /^[^;]*;[^:]*: (\S+) [^;]*; Location: ([^;]*);(.*)$/s;

/** Reads an alert that another OSSEC server sent by syslog: the event gets the rule that the alert names. */
export function decodeOssecAlert(event: Event): void {
  event.category = 'ossec-alert';
  if (!event.log.startsWith('Alert Level:') && !event.log.startsWith('ossec: Alert Level')) return;
  const match = ALERT.exec(event.log);
  if (!match) return;
  event.forwardedRule = match[1];
  event.location = `${event.location}|${match[2]}`;
  event.hostname = event.location;
  let rest = match[3] ?? '';
  for (let field = /^ ([^ ;][^;]*);/.exec(rest); field; field = /^ ([^ ;][^;]*);/.exec(rest)) {
    if (field[1]?.startsWith('srcip: ')) event.srcip = field[1].slice(7);
    if (field[1]?.startsWith('user: ')) event.dstuser = field[1].slice(6);
    rest = rest.slice(field[0].length);
  }
  event.log = rest.trimStart();
}
