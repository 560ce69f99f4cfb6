import { type Address, addressesIn } from '../../base/address.ts';
import { readIfThere } from '../../base/files.ts';
import { withoutComments } from '../ossec-conf.ts';

/**
 * The managers named in an agent's ossec.conf: `<server-ip>` and `<server-hostname>` (OSSEC) and `<address>` inside
 * `<client>` (Wazuh). Looks up host names only in the hosts file: a response must not wait for DNS, least of all on a
 * host under attack.
 */
export function managerAddresses(ossecConf: string | undefined, hostsFile = '/etc/hosts'): Address[] {
  if (ossecConf === undefined) return [];
  const [, ...sections] = withoutComments(ossecConf).split('<client>');
  const client = sections.map((section) => section.split('</client>', 1)[0]).join('\n');
  const elements = client.matchAll(/<(server-ip|server-hostname|address)>\s*([^<\s]+)\s*<\/\1>/g);
  return [...elements].flatMap(([, , name = '']) =>
    [name, ...inHostsFile(name, hostsFile)].flatMap((each) => addressesIn(each)),
  );
}

function inHostsFile(name: string, file: string): string[] {
  const lines = (readIfThere(file) ?? '')
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim().split(/\s+/));
  return lines.filter(([, ...names]) => names.includes(name)).map(([address = '']) => address);
}
