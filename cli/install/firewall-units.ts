/** What sets up a host's firewall when it starts, and may flush what is there: units of systemd, for After=. */
export const FIREWALLS = 'nftables.service firewalld.service netfilter-persistent.service';
