import { firewallUnits } from './firewall-units.ts';

/** The lines of a unit from `Documentation` to `NotifyAccess`, for a service that says when it is ready. */
export const notifyingService = (): string => `Documentation=man:riposte(8)
# The services of firewalls flush the kernel's tables when they start.
After=network.target ${firewallUnits()}

[Service]
Type=notify
# Node cannot write to systemd's socket, so systemd-notify does.
NotifyAccess=all`;
