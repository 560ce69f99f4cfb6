import type { Event } from '../../event/event.ts';
import { compilePattern, endOf, groupsOf } from '../../pattern/pattern.ts';

const PRIORITY = compilePattern('osregex', 'pri=(\\d) c=(\\d+) m=(\\d+) ');
const ADDRESSES = compilePattern(
  'osregex',
  'src=(\\d+.\\d+.\\d+.\\d+):(\\d+):\\S+ dst=(\\d+.\\d+.\\d+.\\d+):(\\d+):',
);
const PROXY = compilePattern('osregex', 'result=(\\d+) dstname=(\\S+) arg=(\\S+)$');

const ACTIONS: Readonly<Record<string, string>> = {
  98: 'pass',
  597: 'pass',
  598: 'pass',
  36: 'drop',
  37: 'drop',
  38: 'drop',
  173: 'drop',
  174: 'drop',
  537: 'close',
};
const PROXY_MESSAGE = '97';
const ATTACK_CATEGORY = '32';

/** Reads a SonicWall line; its message number decides whether it is a firewall, IDS or proxy event. */
export function decodeSonicWall(event: Event): void {
  event.category = 'syslog';
  const priority = PRIORITY.exec(event.log);
  if (!priority) return;
  const [status, category, message = ''] = groupsOf(priority);
  event.status = status;
  event.id = message;
  const rest = event.log.slice(endOf(priority));
  const addresses = ADDRESSES.exec(rest);
  if (!addresses) return;
  [event.srcip, event.srcport, event.dstip, event.dstport] = groupsOf(addresses);
  const after = rest.slice(endOf(addresses));
  event.protocol = /^[^ ]* proto=([A-Za-z0-9()\-.@_]{1,6})/.exec(after)?.[1];
  if (category === ATTACK_CATEGORY) event.category = 'ids';
  else if (message === PROXY_MESSAGE) readProxy(event, after);
  else if (Object.hasOwn(ACTIONS, message)) {
    event.category = 'firewall';
    event.action = ACTIONS[message];
  }
}

function readProxy(event: Event, text: string): void {
  event.category = 'squid';
  const proxy = PROXY.exec(text);
  if (!proxy) return;
  const [code, host, path] = groupsOf(proxy);
  event.id = code;
  event.url = `${host}${path}`;
}
