import { connect, Host } from './host.ts';

/** The addresses of the lab, all from the ranges for documentation. */
export const ADDRESS = {
  attacker: '203.0.113.7',
  attacker6: '2001:db8:113::7',
  /** A visitor from the attacker's network, who must never be blocked. */
  visitor: '203.0.113.8',
  web: '203.0.113.1',
  web6: '2001:db8:113::1',
  /** A container behind the web host, reached through a published port. */
  container: '192.0.2.10',
} as const;

/**
 * Time limits for curl. The kernels make a connection at once, or never if packets are dropped. A busy server may
 * answer later.
 */
export const PATIENCE = ['--connect-timeout', '1', '--max-time', '20'] as const;

/** The time for which this process may pause during a request without losing the connection, in milliseconds. */
const PAUSE = 400;
/** The greatest number of attempts at a request, on a machine that pauses again and again. */
const TRIES = 20;

/**
 * Repeats an unanswered request if this machine paused meanwhile, or was too busy for this process, because curl's time
 * limit may have passed before curl ran again. So if the result has no answer, the packets were dropped.
 *
 * @param isAnswered false for a result without an answer
 */
export async function unhindered<T>(
  request: () => Promise<T>,
  isAnswered: (result: T) => boolean,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    let pause = 0;
    let last = performance.now();
    const clock = setInterval(() => {
      const now = performance.now();
      pause = Math.max(pause, now - last);
      last = now;
    }, PAUSE / 8);
    const result = await request().finally(() => clearInterval(clock));
    if (isAnswered(result) || Math.max(pause, performance.now() - last) < PAUSE || tries === TRIES)
      return result;
  }
}

/** A web host, and an attacker and a visitor outside of it. */
export interface Network {
  readonly web: Host;
  /** The host with the attacker's and the visitor's addresses. */
  readonly outside: Host;
  /** Fetches a page from outside. Returns the HTTP status, or 0 without an answer. */
  fetch(from: string, url?: string): Promise<number>;
  remove(): Promise<void>;
}

/** Builds the network, which is invisible on the machine that runs it. */
export async function createNetwork(): Promise<Network> {
  const [web, outside] = await Promise.all([Host.create('web'), Host.create('outside')]);
  await connect(
    outside,
    [`${ADDRESS.attacker}/24`, `${ADDRESS.visitor}/24`, `${ADDRESS.attacker6}/64`],
    web,
    [`${ADDRESS.web}/24`, `${ADDRESS.web6}/64`],
  );
  // Resolve the IPv6 neighbour now: if the link is not ready, the kernel retries only after a second.
  await outside.start(['curl', '--silent', '--globoff', '--max-time', '5', `http://[${ADDRESS.web6}]/`], {});
  return {
    web,
    outside,
    fetch: (from, url = from.includes(':') ? `http://[${ADDRESS.web6}]/` : `http://${ADDRESS.web}/`) =>
      fetchFrom(outside, from, url),
    remove: async () => {
      await Promise.all([web.remove(), outside.remove()]);
    },
  };
}

async function fetchFrom(host: Host, from: string, url: string): Promise<number> {
  const args = [
    '--silent',
    '--output',
    '/dev/null',
    '--write-out',
    '%{http_code}',
    ...PATIENCE,
    '--interface',
    from,
  ];
  const ask = async () => Number((await host.start(['curl', '--globoff', ...args, url], {})).stdout);
  return unhindered(ask, (status) => status !== 0);
}

/** Adds a container with its own web server to the web host, and publishes it on a port as Docker does (DNAT). */
export async function addContainer({ web }: Network, port: number): Promise<Host> {
  const container = await Host.create('container');
  await connect(web, ['192.0.2.1/24'], container, [`${ADDRESS.container}/24`]);
  await container.run('ip route add default via 192.0.2.1');
  // As above: if the new link drops a packet, the kernel sends the packet again only after a second.
  await web.start(['curl', '--silent', '--max-time', '5', `http://${ADDRESS.container}/`], {});
  await web.start(['sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward'], {});
  await web.run('nft add table ip nat');
  await web.run('nft add chain ip nat prerouting { type nat hook prerouting priority -100; }');
  await web.run(`nft add rule ip nat prerouting tcp dport ${port} dnat to ${ADDRESS.container}:80`);
  return container;
}
