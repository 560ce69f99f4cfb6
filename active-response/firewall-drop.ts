import { chooseFirewall, firewalls } from './backend/firewalls.ts';
import { main } from './main.ts';

main({
  name: 'firewall-drop',
  summary: 'drops or rejects what comes from an address, in this host’s firewall',
  backends: firewalls,
  choose: chooseFirewall,
});
