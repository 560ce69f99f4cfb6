import type { ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { StandInService, type TakenRequest } from './stand-in-service.ts';

export const KEY = 'a-key-for-tests';

/** A report that the server has accepted. */
export interface GotReport {
  readonly ip: string;
  readonly categories: string;
  readonly comment: string;
  readonly timestamp: string;
}

/** AbuseIPDB accepts only one report of an address in this time, in milliseconds. */
const ONCE_IN = 15 * 60_000;

/**
 * The API v2 of AbuseIPDB as its documentation describes it: a key, form fields, one report of an address in 15
 * minutes, and a daily limit.
 *
 * Source: https://docs.abuseipdb.com/
 */
export class AbuseServer extends StandInService {
  /** The accepted reports. */
  readonly reports: GotReport[] = [];
  /** `METHOD PATH` of each request. */
  readonly requests: string[] = [];
  /** The valid keys. */
  keys = [KEY];
  /** The number of reports that the server still accepts today. It answers further reports with 429. */
  left = 1000;
  /** The headers of an answer 429. */
  limitHeaders: Record<string, string> = { 'Retry-After': '29241', 'X-RateLimit-Remaining': '0' };
  /** The server accepts this many further reports, but sends no answer to them. */
  lostAnswers = 0;
  /** The time of each address's last report, in milliseconds. */
  readonly #times = new Map<string, number>();

  get url(): string {
    return `${this.origin}/api/v2`;
  }

  get ips(): string[] {
    return this.reports.map(({ ip }) => ip);
  }

  protected note(what: string): void {
    this.requests.push(what);
  }

  protected async answer(
    { method, headers, pathname, searchParams, body }: TakenRequest,
    response: ServerResponse,
  ): Promise<void> {
    response.setHeader('Content-Type', 'application/json');
    if (!this.keys.includes(String(headers.key)))
      return refuse(
        response,
        401,
        'Authentication failed. Your API key is either missing, incorrect, or revoked.',
      );
    const what = `${method} ${pathname}`;
    if (what === 'POST /api/v2/report') return this.#report(new URLSearchParams(body), response);
    if (what === 'GET /api/v2/check') return check(searchParams, response);
    refuse(response, 404, 'The requested resource was not found.');
  }

  #report(form: URLSearchParams, response: ServerResponse): void {
    const [ip = '', categories = '', comment = '', timestamp = ''] = FIELDS.map(
      (name) => form.get(name) ?? '',
    );
    const refusal = this.#refusalOf(ip, categories, timestamp);
    if (refusal) {
      const isLimit = refusal[0] === 429 && refusal[2] === undefined;
      for (const [name, value] of Object.entries(isLimit ? this.limitHeaders : {}))
        response.setHeader(name, value);
      refuse(response, ...refusal);
      return;
    }
    this.left--;
    this.#times.set(ip, Date.now());
    this.reports.push({ ip, categories, comment: comment.slice(0, 1024), timestamp });
    if (this.lostAnswers > 0) {
      this.lostAnswers--;
      response.destroy();
      return;
    }
    response.end(JSON.stringify({ data: { ipAddress: ip, abuseConfidenceScore: 52 } }));
  }

  #refusalOf(ip: string, categories: string, timestamp: string): Refusal | undefined {
    if (isIP(ip) === 0) return [422, 'The ip must be a valid IPv4 or IPv6 address', 'ip'];
    if (!/^\d+(,\d+)*$/.test(categories) || categories.split(',').some((each) => Number(each) > 23))
      return [422, 'The categories are invalid', 'categories'];
    if (Number.isNaN(Date.parse(timestamp))) return [422, 'The timestamp is invalid', 'timestamp'];
    if (Date.now() - (this.#times.get(ip) ?? 0) < ONCE_IN)
      return [429, `You can only report the same IP address (\`${ip}\`) once in 15 minutes.`, 'ip'];
    return this.left > 0 ? undefined : [429, 'Daily rate limit of 1000 requests exceeded for this endpoint.'];
  }
}

type Refusal = [status: number, detail: string, parameter?: string];

const FIELDS = ['ip', 'categories', 'comment', 'timestamp'];

function check(search: URLSearchParams, response: ServerResponse): void {
  const ipAddress = search.get('ipAddress') ?? '';
  if (isIP(ipAddress) === 0) {
    refuse(response, 422, 'The ip address must be valid', 'ipAddress');
    return;
  }
  const data = {
    ipAddress,
    isPublic: true,
    abuseConfidenceScore: 87,
    countryCode: 'NL',
    usageType: 'Data Center/Web Hosting/Transit',
    isp: 'Example \u001b[31mHosting',
    totalReports: 12,
    numDistinctUsers: 1,
    lastReportedAt: '2026-11-20T10:00:00+00:00',
  };
  response.end(JSON.stringify({ data }));
}

function refuse(response: ServerResponse, status: number, detail: string, parameter?: string): void {
  response.statusCode = status;
  const source = parameter === undefined ? {} : { source: { parameter } };
  response.end(JSON.stringify({ errors: [{ detail, status, ...source }] }));
}
