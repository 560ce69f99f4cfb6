import type { PageData } from '../page.ts';
import { element } from './element.ts';
import { bytes, number } from './format.ts';

/** The figures at the top. */
export function sums(data: PageData): HTMLElement {
  const { alerts, fates, addresses, networks, repeatOffenders, unblocked, restored, now } = data;
  const about = ({ different, isExact }: { different: number; isExact: boolean }) =>
    `${isExact ? '' : '≈ '}${number(different)}`;
  const dropped = now.packets === undefined ? '–' : number(now.packets);
  return element(
    'dl',
    { class: 'sums' },
    sum('Alerts', number(alerts), `${number(fates.already)} about addresses that were already blocked`),
    sum('Blocked', number(fates.blocked), ended(unblocked, restored), 'blocked'),
    sum(
      'Addresses',
      about(addresses),
      `in ${about(networks)} ${networks.different === 1 ? 'network' : 'networks'}`,
    ),
    sum('Repeat offenders', number(repeatOffenders), 'blocked more than once'),
    sum(
      'Blocked now',
      number(now.total),
      now.strays > 0 ? `and ${number(now.strays)} that are not in the ledger` : 'in the ledger',
    ),
    sum(
      'Packets dropped',
      dropped,
      now.bytes === undefined ? 'not counted here' : `${bytes(now.bytes)}, from addresses blocked now`,
    ),
    ...(fates.held > 0 ? [sum('Never blocked', number(fates.held), 'on purpose', 'held')] : []),
    ...(fates.failed > 0 ? [sum('Failed', number(fates.failed), 'see riposte doctor', 'failed')] : []),
  );
}

function ended(unblocked: number, restored: number): string {
  const parts = [
    ...(unblocked > 0 ? [`${number(unblocked)} unblocked since`] : []),
    ...(restored > 0 ? [`${number(restored)} restored`] : []),
  ];
  return parts.length === 0 ? 'none unblocked since' : parts.join(', ');
}

const sum = (name: string, value: string, more: string, kind = ''): HTMLElement =>
  element(
    'div',
    { class: `sum ${kind}` },
    element('dt', {}, name),
    element('dd', {}, value, element('small', {}, more)),
  );
