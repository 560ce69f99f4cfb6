import { chooseFirewall, firewalls, presentFirewalls } from '../backend/firewalls.ts';
import type { Response } from '../circumstances.ts';

export const firewallDrop: Response = {
  name: 'firewall-drop',
  summary: 'drops or rejects what comes from an address, in this host’s firewall',
  backends: firewalls,
  present: presentFirewalls,
  choose: chooseFirewall,
};
