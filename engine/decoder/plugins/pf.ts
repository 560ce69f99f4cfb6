import type { Event } from '../../event/event.ts';

/** `… rule 3/(match) pass out on xl0: 192.168.2.10.1514 > 192.168.2.190.1030:  udp 73` */
const PF = /^[^)]*\) (p|b)[^:]*: ([^ ]*) (?:> ([^:]*):)?(.*)$/s;

/** Reads a line of OpenBSD's packet filter, as tcpdump prints it. */
export function decodePf(event: Event): void {
  const match = PF.exec(event.log);
  if (!match) return;
  event.action = match[1] === 'p' ? 'pass' : 'block';
  [event.srcip, event.srcport] = addressAndPort(match[2] ?? '');
  if (match[3] === undefined) return;
  [event.dstip, event.dstport] = addressAndPort(match[3]);
  const protocol = match[4]?.trimStart()[0];
  if (protocol) event.protocol = protocol === 'u' ? 'UDP' : protocol === 'i' ? 'ICMP' : 'TCP';
}

/** Splits at the fourth dot: the port follows it. */
function addressAndPort(text: string): [string, string | undefined] {
  const parts = text.split('.');
  if (parts.length < 5) return [text, undefined];
  return [parts.slice(0, 4).join('.'), parts.slice(4).join('.')];
}
