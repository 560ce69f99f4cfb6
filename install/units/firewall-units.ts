import { allBackends } from '../../active-response/response/all-backends.ts';

/** The units of systemd that set up a host's firewall when it starts, and may flush what is there: for After=. */
export const firewallUnits = (): string =>
  allBackends()
    .flatMap(({ units = [] }) => units)
    .join(' ');
