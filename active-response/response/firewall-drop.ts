import { chooseFirewall, firewalls, nextFirewall, presentFirewalls } from '../backend/firewalls.ts';
import type { Response } from '../request-context.ts';

export const firewallDrop: Response = {
  name: 'firewall-drop',
  summary: 'drops or rejects packets from an address in this host’s firewall',
  backends: firewalls,
  present: presentFirewalls,
  choose: chooseFirewall,
  next: nextFirewall,
};
