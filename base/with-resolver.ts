import { Resolver } from 'node:dns/promises';

/** The time limits of DNS. */
export interface DnsLimits {
  /** For an answer to the first try, in milliseconds. */
  readonly query: number;
  /** For all answers, in milliseconds. */
  readonly patience: number;
  /** `ADDRESS:PORT` of name servers, instead of this host's. */
  readonly servers?: readonly string[] | undefined;
}

/** Asks DNS within a bounded time. Each call reads resolv.conf anew, because its name servers change. */
export async function withResolver<T>(
  { query, patience, servers }: DnsLimits,
  work: (resolver: Resolver) => Promise<T>,
): Promise<T> {
  const resolver = new Resolver({ timeout: query, tries: 2 });
  if (servers) resolver.setServers(servers);
  const timer = setTimeout(() => resolver.cancel(), patience);
  try {
    return await work(resolver);
  } finally {
    clearTimeout(timer);
  }
}
