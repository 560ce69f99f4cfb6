import { main } from './main.ts';
import { firewallDrop } from './response/firewall-drop.ts';

main(firewallDrop);
