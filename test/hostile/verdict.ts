import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import type { Host } from '../lab/host.ts';
import { Installation } from '../lab/installation.ts';
import { eventually, RunningServer, verb } from '../lab/server.ts';
import { ADDRESS, AUDIT_LOG, type Format } from './lanes.ts';
import { endsWithAddress, loggedClients, type Sent, type Setting } from './recording.ts';

/** An address with an event of the product, and the line of that event. */
export interface Found {
  readonly address: string;
  readonly level: number;
  readonly line: string;
}

/** The product's verdict on the logs of a setting. */
export interface Answer {
  /** The first event of each address, of any level. */
  readonly events: readonly Found[];
  readonly blocked: ReadonlySet<string>;
  /** The reason why the product did not read the log. */
  readonly refusal: string | undefined;
}

/** The way in which the product runs on logs. */
export interface Command {
  /** The words after `riposte`, without `--level` and `--home`; they ask for JSON. */
  readonly words: readonly string[];
  /** The text of riposte.conf. If it is given, the command gets a home with this riposte.conf, by `--home`. */
  readonly configuration?: string;
}

/**
 * Gives the command for a setting, or undefined for a setting that cannot be judged.
 *
 * @param logs the paths of the logs to judge: for an error log the access log beside it, then the log itself
 */
export type Product = (setting: Setting, logs: readonly string[]) => Command | undefined;

/** `riposte replay`, which gets formats and proxies by its options. */
export const replay: Product = (setting, logs) => {
  const { beside, log } = setting;
  const definition = definitionOf((beside?.log ?? log).format);
  const isIpv6 = setting.sent.some(({ client }) => client.includes(':'));
  return {
    // The attackers share a /64, and each must be found.
    ...(isIpv6 && { configuration: 'IPV6_PREFIX=128\n' }),
    words: [
      'replay',
      '--json',
      ...(definition === undefined ? [] : ['--format', definition]),
      ...(knowsProxies(setting) ? ['--trusted-proxies', ADDRESS.proxy] : []),
      // An error log's lines show its format. But if --format is given, too, the error log's format must be named.
      ...logs.map((path, index) =>
        definition !== undefined && index > 0 ? `${path}=${log.format.name}` : path,
      ),
    ],
  };
};

/** `riposte scan`, which blocks nobody here. */
export const scan: Product = (setting, logs) => configured(setting, logs, ['scan', '--simulate', '--json']);

/** `riposte serve`, which writes alerts and blocks nobody. */
export const serve: Product = (setting, logs) => configured(setting, logs, ['serve']);

/** Gives formats and proxies by settings in riposte.conf. */
function configured(setting: Setting, logs: readonly string[], words: readonly string[]): Command {
  const definition = definitionOf((setting.beside?.log ?? setting.log).format);
  const lines = [
    ...(definition?.includes(':') ? [`LOG_FORMAT_site=${definition}`] : []),
    ...(knowsProxies(setting) ? [`TRUSTED_PROXIES=${ADDRESS.proxy}`] : []),
  ];
  const operands = logs.map((path, index) =>
    index > 0
      ? `${path}=${setting.log.format.name}`
      : definition === undefined
        ? path
        : `${path}=${definition.includes(':') ? 'site' : definition}`,
  );
  return { words: [...words, ...operands], configuration: lines.map((line) => `${line}\n`).join('') };
}

const knowsProxies = ({ log, beside }: Setting): boolean => (beside?.log ?? log).knowsProxies;

/** The definition of a site's own format; undefined for a usual format, which the lines show. */
function definitionOf({ name, directive, escaping }: Format): string | undefined {
  if (directive === undefined || ['combined', 'common'].includes(name)) return undefined;
  // Name this format, because the reader may fail to detect it: the site's name may be a Host header with spaces.
  if (name === 'vhost_combined') return name;
  return directive.includes('%')
    ? `apache:${directive}`
    : `nginx:escape=${escaping ?? 'default'} ${directive}`;
}

/**
 * Runs the built product on a setting's logs at level 1, which shows every event. If that run does not block each
 * attacker, runs the product again at the level from which it blocks by default.
 */
export async function ask(product: Product, setting: Setting): Promise<Answer | undefined> {
  const command = product(setting, logsOf(setting));
  if (command === undefined) return undefined;
  return answerOf(setting, (level) => run(command, level));
}

/** Runs the built `riposte serve` on a host, in the same way: a setting's logs grow while the server reads them. */
export async function askServer(host: Host, product: Product, setting: Setting): Promise<Answer | undefined> {
  return answerOf(setting, (level) => follow(host, product, setting, level));
}

type Outcome = { found: Found[] } | { refusal: string };

async function answerOf(
  setting: Setting,
  read: (level: readonly string[]) => Promise<Outcome | undefined>,
): Promise<Answer | undefined> {
  const all = await read(['--level', '1']);
  if (all === undefined) return undefined;
  if ('refusal' in all) return { events: [], blocked: new Set(), refusal: all.refusal };
  const blocked = addressesOf(all.found.filter(({ level }) => level >= BLOCK_LEVEL));
  const due = await attackers(setting);
  if (due.every(({ client }) => blocked.has(client)))
    return { events: all.found, blocked, refusal: undefined };
  // At level 1 the scan shows only an address's first event, so the scan may leave out an event that blocks.
  const severe = await read([]);
  if (severe === undefined || 'refusal' in severe)
    throw new Error('the product reads the log only at level 1');
  return { events: all.found, blocked: addressesOf(severe.found), refusal: undefined };
}

/** The lowest level for which the product blocks by default. */
const BLOCK_LEVEL = 10;

const addressesOf = (found: readonly Found[]) => new Set(found.map(({ address }) => address));

const logsOf = ({ beside, path }: Setting) => (beside === undefined ? [path] : [beside.path, path]);

/**
 * The faults of an answer: named third parties, and missed attackers.
 *
 * @returns a line for each fault
 */
export async function faults(setting: Setting, answer: Answer): Promise<string[]> {
  const clients = new Map(setting.sent.map(({ client, request }) => [client, request.name]));
  const named = answer.events
    .filter(({ address }) => !clients.has(address))
    .map(({ address, line }) => `${address} is named by: ${line.slice(0, 300)}`);
  const due = await attackers(setting);
  if (answer.refusal !== undefined) return due.length > 0 ? [`the log is refused: ${answer.refusal}`] : [];
  const missed = due
    .filter(({ client }) => !answer.blocked.has(client))
    .map(({ client, request }) => `${client} is not blocked: ${request.name}`);
  return [...named, ...missed];
}

/** The requests whose lines in the setting's log must lead to a block of their client. */
async function attackers({ lane, log, path, beside, sent }: Setting): Promise<readonly Sent[]> {
  const access = beside?.log ?? log;
  if (lane.through === 'a proxy that passes on') return [];
  if (access.client === 'nowhere' || access.client === 'after text of an attacker') return [];
  // The audit log also has requests that no rule has denied.
  const logged = await loggedClients(beside?.path ?? path, log === AUDIT_LOG ? '"ruleId"' : '');
  return sent.filter(({ client, request }) => {
    if (request.attack === undefined || !logged.has(client)) return false;
    if (request.attack === 'user agent' && !access.hasAgent) return false;
    // Spaces beside an unquoted header make the line ambiguous, so the product names no client.
    const hasSpaces = /^authorization:/im.test(request.text) || request.forwardedFor.length > 0;
    if (access.isBare && hasSpaces) return false;
    // A header that is not a list of addresses names no client, even if the proxy has appended the client to it.
    const isList = request.forwardedFor.length === 0 || endsWithAddress(request.forwardedFor);
    return isList || access.client === 'as the peer';
  });
}

async function run({ words, configuration }: Command, more: readonly string[]): Promise<Outcome> {
  const home = configuration === undefined ? undefined : await makeHome(configuration);
  try {
    const all = ['dist/riposte.js', ...words, ...more, ...(home === undefined ? [] : ['--home', home])];
    const { stdout, stderr, exitCode } = await execa(process.execPath, all, {
      reject: false,
      stdin: 'ignore',
      maxBuffer: 1 << 28,
    });
    if (exitCode === 78) return { refusal: stderr };
    if (exitCode !== 0) throw new Error(`riposte ${words.join(' ')} has failed: ${stderr}`);
    return { found: stdout.split('\n').filter(Boolean).flatMap(foundIn) };
  } finally {
    if (home !== undefined) await rm(home, { recursive: true, force: true });
  }
}

async function follow(
  host: Host,
  product: Product,
  setting: Setting,
  more: readonly string[],
): Promise<Outcome | undefined> {
  const at = await Installation.create(host);
  try {
    const logs = logsOf(setting).map((path) => join(at.home, basename(path)));
    const command = product(setting, logs);
    if (command === undefined) return undefined;
    const { words, configuration = '' } = command;
    await at.write('etc/riposte.conf', configuration);
    for (const log of logs) await writeFile(log, '');
    const alerts = join(at.home, 'alerts.json');
    const options = ['--alerts', alerts, '--no-block', ...more];
    const server = RunningServer.launch(at, [...words.slice(1), ...options]);
    try {
      await eventually('the server follows its logs', async () => {
        return /riposte serve, started from/.test(server.said) || server.hasEnded;
      });
      if (server.hasEnded) return { refusal: server.said };
      const texts = await Promise.all(logsOf(setting).map((path) => readFile(path)));
      await Promise.all(logs.map((log, index) => appendFile(log, texts[index] ?? '')));
      const grown = Date.now();
      await eventually(
        'the server has read its logs',
        async () => {
          const { stdout } = await verb(at, ['serve', '--status', '--json']);
          const { now = 0, logs: read = [] } = JSON.parse(stdout || '{}');
          return Date.parse(now) > grown && read.every(({ lag }: { lag: number }) => lag === 0);
        },
        { orElse: () => server.said },
      );
    } finally {
      await server.end();
    }
    const text = await readFile(alerts, 'utf8').catch(() => '');
    return { found: text.split('\n').filter(Boolean).flatMap(foundIn) };
  } finally {
    await at.remove();
  }
}

/** A line of JSON: a block or an event, an alert of `serve`, or the summary, which has no address. */
function foundIn(line: string): Found[] {
  const { address, line: evidence, level, srcip = address, log = evidence } = JSON.parse(line);
  return typeof srcip === 'string' ? [{ address: srcip, level: Number(level), line: String(log) }] : [];
}

async function makeHome(configuration: string): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'riposte-hostile-'));
  await mkdir(join(home, 'etc'));
  await writeFile(join(home, 'etc/riposte.conf'), configuration);
  return home;
}
