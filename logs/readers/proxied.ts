import { parseAddressField } from './address-field.ts';
import { apacheFormat } from './apache-format.ts';
import { nginxFormat } from './nginx-format.ts';
import type { LineReader, LogFormat, Reading } from './reading.ts';

/**
 * Formats of servers behind a proxy, with the header in which the proxy names its client. If the header is at the
 * end, or a line has one address in front, other formats have the same lines. Then a setting or the web server's
 * configuration has to name the format.
 */

const BEHIND = '"%r" %>s %b "%{Referer}i" "%{User-Agent}i"';

/** nginx's packages name it `main`: combined, followed by X-Forwarded-For. */
export const nginxMain: LogFormat = nginxFormat(
  'nginx-main',
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" ' +
    '"$http_user_agent" "$http_x_forwarded_for"',
  'default',
  { hasTail: true },
);

export const combinedXff: LogFormat = apacheFormat(
  'combined_xff',
  `%h %l %u %t ${BEHIND} "%{X-Forwarded-For}i"`,
  { hasTail: true },
);

/** X-Forwarded-For in the place of the client: `198.51.100.9, 203.0.113.7 - - [20/Nov/2026:09:00:00 +0000] …` */
export const xff: LogFormat = commonOrCombined('xff', '%{X-Forwarded-For}i %l %u %t', (line) => {
  const { words, user } = headOf(line);
  return user !== undefined && words.includes(',') && isAddressList(words);
});

/**
 * X-Forwarded-For and the proxy: `198.51.100.9, 203.0.113.7 10.0.0.2 - - […] …`. A line with only two addresses does
 * not show which address is the header: a server with `%h %{X-Forwarded-For}i` writes such lines, too.
 */
export const xffHost: LogFormat = commonOrCombined('xff_host', '%{X-Forwarded-For}i %h %l %u %t', (line) => {
  const { words, user } = headOf(line);
  const space = words.lastIndexOf(' ');
  const isPeer = parseAddressField(words.slice(space + 1)) !== undefined;
  const list = words.slice(0, Math.max(0, space));
  return user !== undefined && isPeer && list.includes(',') && isAddressList(list);
});

/** The proxy and X-Forwarded-For: `10.0.0.2 (198.51.100.9, 203.0.113.7) - - […] …` */
export const hostXff: LogFormat = commonOrCombined(
  'host_xff',
  '%h (%{X-Forwarded-For}i) %l %u %t',
  (line) => {
    const { words, user } = headOf(line);
    const open = words.indexOf(' (');
    const isPeer = open > 0 && parseAddressField(words.slice(0, open)) !== undefined;
    const list = words.slice(open + 2, -1);
    return user !== undefined && isPeer && words.endsWith(')') && (list === '-' || isAddressList(list));
  },
);

const LONGEST_HEAD = 1000;

/** The words before ` - USER [`; the user is undefined unless it is one word. */
function headOf(line: string): { words: string; user?: string } {
  const head = line.slice(0, LONGEST_HEAD);
  const end = head.indexOf(' [');
  const dash = head.indexOf(' - ');
  const user = head.slice(dash + 3, Math.max(0, end));
  return dash > 0 && end > dash + 3 && !user.includes(' ')
    ? { words: head.slice(0, dash), user }
    : { words: head };
}

/** True for a list of addresses, `-` and `unknown` that has at least one address. */
function isAddressList(text: string): boolean {
  const elements = text.split(/, ?/);
  const addresses = elements.filter((element) => parseAddressField(element) !== undefined);
  const nobody = elements.filter((element) => element === '-' || element === 'unknown');
  return addresses.length > 0 && addresses.length + nobody.length === elements.length;
}

/** The common and the combined format with another head; anything may follow the user agent. */
function commonOrCombined(name: string, head: string, isToldBy: (line: string) => boolean): LogFormat {
  const common = apacheFormat(name, `${head} "%r" %>s %b`);
  const combined = apacheFormat(name, `${head} ${BEHIND}`, { hasTail: true });
  return {
    name,
    holds: 'access',
    newReader: (options) => new EitherReader(combined.newReader(options), common.newReader(options)),
    isToldBy,
  };
}

/** Reads lines with and without a referer and a user agent: their heads are the same. */
class EitherReader implements LineReader {
  constructor(
    private readonly combined: LineReader,
    private readonly common: LineReader,
  ) {}

  read(line: string): Reading {
    const reading = this.combined.read(line);
    if (reading.kind !== 'unreadable') return reading;
    const other = this.common.read(line);
    return other.kind === 'unreadable' ? reading : other;
  }
}
