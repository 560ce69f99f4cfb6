/**
 * Not stricter: it runs nft, ip, ipset, firewall-cmd and apachectl, writes where APACHE_FILE says, may load
 * kernel modules, and Node makes code at run time.
 */
export const sandbox = (home: string) => `ReadWritePaths=-${home}
ProtectSystem=yes
ProtectHome=read-only
PrivateTmp=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictNamespaces=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native`;
