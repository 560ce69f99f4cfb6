/** The folders with configuration fragments for servers. The build and the packages contain these folders. */
export const FRAGMENTS = ['httpd.conf.d', 'nginx.conf.d', 'haproxy.cfg.d'] as const;
