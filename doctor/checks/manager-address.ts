import { managerAddresses } from '../../active-response/guard/manager-address.ts';
import type { Element } from '../../engine/xml/element.ts';
import { type Conf, lineOf, sections } from '../conf.ts';
import { orOk, warning } from '../finding.ts';
import type { Check } from './check.ts';

/** Checks that ossec.conf names the manager by its address or by a name in /etc/hosts: a response does not wait for DNS. */
export const managerAddress: Check = ({ manager, conf }) => {
  if (manager?.role !== 'agent' || conf === undefined) return [];
  const named = namesIn(conf);
  const unknown = named.filter(
    ({ name, text }) => managerAddresses(`<client><${name}>${text.trim()}</${name}></client>`).length === 0,
  );
  const wrong = unknown.map((element) =>
    warning(
      `${conf.file}: the manager is ${element.text.trim()} (${lineOf(element)}), which only DNS can resolve: a response could block the manager`,
      `add its address and ${element.text.trim()} to /etc/hosts`,
    ),
  );
  return orOk(wrong, `Riposte never blocks the manager, ${named.map(({ text }) => text.trim()).join(', ')}`);
};

function namesIn(conf: Conf): Element[] {
  const inClient = sections(conf, 'client').flatMap(({ children }) => [
    ...children,
    ...children.flatMap((child) => child.children),
  ]);
  return inClient.filter(({ name }) => ['server-ip', 'server-hostname', 'address'].includes(name));
}
