import { resolve } from 'node:path';
import { riposte } from '../cli/io.ts';
import { type Apache, type Extras, startApache } from './apache.ts';
import { type Network, PATIENCE, unhindered } from './network.ts';

/** ModSecurity as in Debian's modsecurity.conf-recommended, but switched on, with its data in Apache's directory. */
export const MODSECURITY: Extras = {
  modules: ['unique_id', 'security2'],
  configuration: (directory) => `
    SecRuleEngine On
    SecRequestBodyAccess On
    SecRule REQUEST_HEADERS:Content-Type "^application/json" \\
      "id:200001,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=JSON"
    SecDataDir ${directory}/data
    SecTmpDir ${directory}/data
    SecAuditEngine Off`,
};

/** Lines that define variables, such as `{ RIPOSTE_PROXIES: '192.0.2.1' }`, and then include files of httpd.conf.d. */
export function including(names: readonly string[], definitions: Record<string, string> = {}): string {
  return [
    ...Object.entries(definitions).map(([name, value]) => `Define ${name} "${value}"`),
    ...names.map((name) => `Include ${resolve('httpd.conf.d', name)}`),
  ].join('\n');
}

/** An alert of Riposte's rules for a line of Apache's error log. */
export interface Alert {
  rule: number;
  level: number;
  srcip: string;
  /** The id of ModSecurity's rule. */
  by: number;
}

/** A site behind ModSecurity, with clients outside. */
export interface GuardedSite {
  readonly apache: Apache;
  /** Runs curl with these words from an address of the lab. Returns the HTTP status, 0 for none. */
  ask(from: string, ...words: string[]): Promise<number>;
  /** ModSecurity's new lines in the error log since the last call. */
  lines(): Promise<string[]>;
  /** The alerts of Riposte's rules for these lines. */
  alerts(): Promise<Alert[]>;
}

/** @param fragments the result of `including`, to which the test may add directives */
export async function startGuardedSite(network: Network, fragments: string): Promise<GuardedSite> {
  const apache = await startApache(network.web, fragments, MODSECURITY);
  let seen = 0;
  const lines = async () => {
    const all = (await apache.errors()).split('\n').filter((line) => line.includes('] ModSecurity: '));
    const fresh = all.slice(seen);
    seen = all.length;
    return fresh;
  };
  await lines();
  return {
    apache,
    ask: async (from, ...words) => {
      const options = ['--silent', '--globoff', '--path-as-is', '--output', '/dev/null', ...PATIENCE];
      const write = ['--write-out', '%{http_code} %{http_connect}', '--interface', from];
      const request = async () => {
        const { stdout } = await network.outside.start(['curl', ...options, ...write, ...words], {});
        const [status = '', toConnect = ''] = stdout.split(' ');
        return Number(status) || Number(toConnect);
      };
      return unhindered(request, (status) => status !== 0);
    },
    lines,
    alerts: async () => alertsOf(await lines()),
  };
}

/** The alerts of Riposte's rules for lines of the error log. */
export async function alertsOf(lines: string[]): Promise<Alert[]> {
  const { out } = await riposte(['logtest', '--json', '-q'], lines.map((line) => `${line}\n`).join(''));
  const events = out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    // Leave out ModSecurity's own messages at Apache's start, which may be late.
    .filter(({ rule }) => rule.level > 0);
  return events.map(({ rule, data, full_log }) => ({
    rule: Number(rule.id),
    level: rule.level,
    srcip: data.srcip,
    by: Number(/\[id "(\d+)"\]/.exec(full_log)?.[1]),
  }));
}
