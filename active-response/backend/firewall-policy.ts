/** What happens to a packet of a blocked address, whichever firewall sees to it. */
export interface FirewallPolicy {
  readonly action: 'drop' | 'reject';
  /** TCP and UDP ports that are closed, as `80` or `8000-8100`; all of them when empty. */
  readonly ports: readonly string[];
}
