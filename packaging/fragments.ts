/** The folders of fragments for the configurations of servers, which the build and the packages carry. */
export const FRAGMENTS = ['httpd.conf.d', 'nginx.conf.d', 'haproxy.cfg.d'] as const;
