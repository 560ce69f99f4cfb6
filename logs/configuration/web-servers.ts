import { apacheConfiguration } from './apache.ts';
import type { ServerConfiguration } from './configured-log.ts';
import type { ConfigurationHost } from './host.ts';
import { nginxConfiguration } from './nginx.ts';

/** The log configurations of all web servers on a host; empty if there are none. */
export const webServers = (host: ConfigurationHost): ServerConfiguration[] =>
  [apacheConfiguration(host), nginxConfiguration(host)].filter((each) => each !== undefined);
