import { copyFile, mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { connect, Host } from '../lab/host.ts';
import { modSecurityModule, nginxProgram } from '../lab/nginx.ts';
import { phpProgram } from '../lab/php.ts';
import { type RawRequest, sendRaw } from '../lab/raw-requests.ts';
import { eventually } from '../lab/server.ts';
import { ADDRESS, AUDIT_LOG, LANES, type Lane, type Log } from './lanes.ts';
import { type HostileRequest, THIRD_PARTY, THIRD_PARTY6, VISIT, VISITOR, VISITOR6 } from './requests.ts';
import { type LoggingServer, startHostileApache, startHostileNginx, startHostileProxy } from './servers.ts';

/** A request and its client. The client sends no other request, so each line of a log shows its request. */
export interface Sent {
  readonly request: HostileRequest;
  readonly client: string;
}

/** The logs of real servers after the requests. */
export interface Recording {
  readonly sent: readonly Sent[];
  readonly settings: readonly Setting[];
}

/** One log of one lane. */
export interface Setting {
  /** `apache.combined` */
  readonly name: string;
  readonly lane: Lane;
  readonly log: Log;
  readonly path: string;
  /** For an error log: the access log of the same lane, which confirms the records of the error log. */
  readonly beside: { readonly log: Log; readonly path: string } | undefined;
  /** The requests that were sent down the lane. */
  readonly sent: readonly Sent[];
}

/** Real Apache and nginx, and a proxy in front of them, in private networks. */
export class HostileSite {
  private constructor(
    private readonly hosts: { outside: Host; web: Host; proxy: Host },
    private readonly servers: Record<Lane['server'], LoggingServer>,
    private readonly lanes: readonly Lane[],
  ) {}

  /** @returns undefined when nginx is not available */
  static async create(): Promise<HostileSite | undefined> {
    const program = await nginxProgram();
    if (program === undefined) return undefined;
    const php = await phpProgram();
    if (php === undefined) console.log('skipped: messages of PHP: apt-get download cannot fetch PHP');
    const modSecurity = await modSecurityModule();
    const hosts = await createHosts();
    const started = await Promise.allSettled([
      startHostileApache(hosts.web, php),
      startHostileNginx(hosts.web, program, php, modSecurity),
      startHostileProxy(hosts.proxy, program),
    ]);
    const [apache, nginx, proxy] = started.map((result) =>
      result.status === 'fulfilled' ? result.value : undefined,
    );
    if (apache && nginx && proxy) return new HostileSite(hosts, { apache, nginx, proxy }, await lanesHere());
    // A host that is not removed would keep this process running.
    await Promise.all([apache, nginx, proxy].map((server) => server?.stop()));
    await Promise.all(Object.values(hosts).map((host) => host.remove()));
    throw new AggregateError(
      started.flatMap((result) => (result.status === 'rejected' ? [result.reason] : [])),
    );
  }

  /**
   * Sends each request down each lane, and copies the logs that the servers have written into a directory.
   *
   * @param family 6 sends over IPv6, down the lanes that have no proxy
   */
  async record(
    requests: readonly HostileRequest[],
    directory: string,
    family: 4 | 6 = 4,
  ): Promise<Recording> {
    const lanes = this.lanes.filter((lane) => canSendBy(lane, family));
    const sent = requests.map((request, index) => ({ request, client: clientAddress(index, family) }));
    await mkdir(directory, { recursive: true });
    for (const lane of lanes)
      for (const log of lane.logs) await truncate(this.file(lane, log)).catch(() => {});
    const targets = lanes.filter(({ server }) => server !== 'proxy');
    const raw = targets.flatMap((lane) =>
      withVisits(lane, sent, family).map(({ text, client, serverName }): RawRequest => {
        const to = lane.through ? ADDRESS.proxyFront : family === 6 ? ADDRESS.web6 : ADDRESS.web;
        return {
          from: client,
          to,
          port: lane.port,
          bytes: Buffer.from(text, 'latin1').toString('base64'),
          ...(serverName !== undefined && { serverName }),
        };
      }),
    );
    await sendRaw(this.hosts.outside, raw);
    await this.allLogged(targets, sent).catch(() => {}); // a test reports the missing requests
    const settings: Setting[] = [];
    for (const lane of lanes) {
      for (const log of lane.logs) {
        const path = join(directory, `${lane.name}.${log.name}.log`);
        await copyFile(this.file(lane, log), path).catch(() => writeFile(path, ''));
        const isError = log.format.directive === undefined && log !== AUDIT_LOG;
        const access = isError ? accessLogOf(lane) : undefined;
        settings.push({
          name: `${lane.name}.${log.name}`,
          lane,
          log,
          path,
          beside: access && { log: access, path: join(directory, `${lane.name}.${access.name}.log`) },
          sent: sentDown(lane, sent),
        });
      }
    }
    return { sent, settings };
  }

  /** Waits for the access logs, because a server may log a request after it has closed the connection. */
  private async allLogged(lanes: readonly Lane[], sent: readonly Sent[]): Promise<void> {
    for (const lane of lanes.filter(({ through }) => through === undefined))
      for (const log of lane.logs.filter(logsEveryClient))
        await eventually(
          `${lane.name}.${log.name} has all requests`,
          async () => {
            const logged = await loggedClients(this.file(lane, log));
            return sentDown(lane, sent).every(({ client }) => logged.has(client));
          },
          { patience: 20_000 },
        );
  }

  async remove(): Promise<void> {
    await Promise.all(Object.values(this.servers).map((server) => server.stop()));
    await Promise.all(Object.values(this.hosts).map((host) => host.remove()));
  }

  private file(lane: Lane, log: Log): string {
    return this.servers[lane.server].file(lane, log.name);
  }
}

/** The lanes for which this machine has the needed programs. */
export async function lanesHere(): Promise<readonly Lane[]> {
  const hasModSecurity = (await modSecurityModule()) !== undefined;
  return LANES.filter(({ needs }) => needs === undefined || hasModSecurity);
}

/** True if a lane can take requests of this address family. The proxy has only IPv4. */
export const canSendBy = ({ through, server }: Lane, family: 4 | 6): boolean =>
  family === 4 || (through === undefined && server !== 'proxy');

/** Writes the facts of a recording beside its logs, to replay them elsewhere. */
export async function writeTruth(directory: string, { settings, sent }: Recording): Promise<void> {
  const truth = {
    never: [VISITOR, VISITOR6, THIRD_PARTY, THIRD_PARTY6, ADDRESS.proxy, ADDRESS.proxyFront, ADDRESS.web],
    requests: sent.map(({ client, request: { name, kind, attack, forwardedFor, serverName, text } }) => ({
      client,
      name,
      kind,
      attack: attack ?? null,
      forwardedFor,
      serverName: serverName ?? null,
      base64: Buffer.from(text, 'latin1').toString('base64'),
    })),
    settings: settings.map(({ name, lane, log, path }) => ({
      file: path.slice(directory.length + 1),
      name,
      server: lane.server,
      through: lane.through ?? null,
      client: log.client,
      knowsProxies: log.knowsProxies,
      format: log.format,
    })),
  };
  await writeFile(join(directory, 'truth.json'), `${JSON.stringify(truth, null, 1)}\n`);
}

/** True if a log gets a line for each client that reaches its server directly. */
export const logsEveryClient = ({ client, format }: Log): boolean =>
  client === 'as the peer' && format.directive !== undefined;

/** The addresses in the lines of a log that hold this text. */
export async function loggedClients(path: string, having = ''): Promise<Set<string>> {
  const lines = (await readFile(path, 'latin1')).split('\n');
  const text = lines.filter((line) => line.includes(having)).join('\n');
  return new Set(
    [...text.matchAll(/(?<![\w.:])(?:\d+(?:\.\d+){3}|[0-9a-f]+:[0-9a-f:]+)/g)].map(([address]) => address),
  );
}

const accessLogOf = ({ logs }: Lane) => logs.find(({ format }) => format.directive !== undefined);

/**
 * A proxy that passes X-Forwarded-For on unchanged lets a client name any address, and no log shows that. So no list of
 * addresses is sent through such a proxy.
 */
function sentDown({ through, tls }: Lane, sent: readonly Sent[]): readonly Sent[] {
  const fitting = sent.filter(({ request }) => (tls === true) === (request.serverName !== undefined));
  if (through !== 'a proxy that passes on') return fitting;
  return fitting.filter(({ request }) => !endsWithAddress(request.forwardedFor));
}

/** The requests for a lane: hostile requests, and an innocent visitor's requests among them. */
function withVisits(lane: Lane, sent: readonly Sent[], family: 4 | 6): Outgoing[] {
  const client = family === 4 ? VISITOR : VISITOR6;
  const visit = { client, text: VISIT, serverName: lane.tls ? 'web.example' : undefined };
  return sentDown(lane, sent).flatMap(({ request: { text, serverName }, client: from }, index) => {
    const hostile = { client: from, text, serverName };
    return index % 10 === 0 ? [visit, hostile] : [hostile];
  });
}

interface Outgoing {
  readonly client: string;
  readonly text: string;
  readonly serverName: string | undefined;
}

/** True if the last element of X-Forwarded-For is an address, in any of its forms. */
export function endsWithAddress(headers: readonly string[]): boolean {
  const last = headers
    .join(',')
    .split(',')
    .map((element) => element.trim())
    .filter(Boolean)
    .at(-1);
  const bare = (last ?? '').replace(/^\[(.*)\](?::\d+)?$/, '$1').replace(/^([\d.]+):\d+$/, '$1');
  return isIP(bare) !== 0;
}

/** 634 addresses of the ranges for documentation, without the addresses of the lab and the third party. */
function clientAddress(index: number, family: 4 | 6): string {
  if (family === 6) return `2001:db8:113::${(index + 1).toString(16)}`;
  if (index < 254) return `203.0.113.${index + 1}`;
  if (index < 508) return `192.0.2.${index - 253}`;
  if (index < 634) return `198.51.100.${index - 508 + 129}`;
  throw new Error(`there are no more than 634 clients, and request ${index + 1} needs one of its own`);
}

/** Creates the clients' host with every address of the clients' ranges, the web servers' host and the proxy's host. */
async function createHosts(): Promise<{ outside: Host; web: Host; proxy: Host }> {
  const [outside, web, proxy] = await Promise.all(
    ['outside', 'web', 'proxy'].map((name) => Host.create(name)),
  );
  if (!outside || !web || !proxy) throw new Error('a host is missing');
  const toWeb = ['198.51.100.2/30', '2001:db8:51::2/64'];
  await connect(outside, toWeb, web, [`${ADDRESS.web}/30`, `${ADDRESS.web6}/64`]);
  await connect(proxy, [`${ADDRESS.proxy}/30`], web, ['198.51.100.6/30']);
  await connect(outside, ['198.51.100.18/30'], proxy, [`${ADDRESS.proxyFront}/30`]);
  const clients = ['203.0.113.0/24', '192.0.2.0/24', '198.51.100.128/25', `${VISITOR}/32`];
  for (const range of clients) {
    await outside.run(`ip route add local ${range} dev lo`);
    await web.run(`ip route add ${range} via 198.51.100.2`);
    await proxy.run(`ip route add ${range} via 198.51.100.18`);
  }
  // For IPv6 a local route alone does not let a client take any address of the prefix.
  await outside.start(['sh', '-c', 'echo 1 > /proc/sys/net/ipv6/ip_nonlocal_bind'], {});
  await outside.run('ip -6 route add local 2001:db8:113::/64 dev lo');
  await web.run('ip -6 route add 2001:db8:113::/64 via 2001:db8:51::2');
  await proxy.run(`ip route add ${ADDRESS.web}/32 via 198.51.100.6`);
  return { outside, web, proxy };
}
