/** The treatment of packets from blocked addresses, for every firewall. */
export interface FirewallPolicy {
  readonly action: 'drop' | 'reject';
  /** TCP and UDP ports that are closed, as `80` or `8000-8100`; all of them when empty. */
  readonly ports: readonly string[];
}
