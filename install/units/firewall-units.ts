import { allBackends } from '../../active-response/response/all-backends.ts';

/** The systemd units that set up a host's firewall when it starts, and may flush existing rules: for After=. */
export const firewallUnits = (): string =>
  allBackends()
    .flatMap(({ units = [] }) => units)
    .join(' ');
