import { allBackends } from '../../active-response/response/all-backends.ts';

/** For After=: the systemd units that set up a host's firewall, and may flush existing rules when they start. */
export const firewallUnits = (): string =>
  allBackends()
    .flatMap(({ units = [] }) => units)
    .join(' ');
