import type { ReadingChoice } from '../../evaluate/format-rules.ts';
import type { Arguments } from '../arguments.ts';
import type { Option } from '../option.ts';

/** The options of every verb that reads logs. */
export const FORMAT_OPTIONS: Readonly<Record<string, Option>> = {
  format: {
    value: 'FORMAT',
    text: 'the format of logs that are named without one: a name, apache:LOGFORMAT, nginx:LOG_FORMAT, or raw',
  },
  'trusted-proxies': {
    value: 'LIST',
    text: 'addresses, prefixes and CDNs (cloudflare, fastly, cloudfront) whose X-Forwarded-For is trusted',
  },
  'trust-error-log': {
    text: 'act on addresses in an error log even when no access log shows a request from them',
  },
};

/** The choices that these options and --behind-proxy make. */
export const readingChoice = (given: Arguments): ReadingChoice => ({
  format: given.value('format'),
  trustedProxies: given.value('trusted-proxies'),
  isBehindProxy: given.flag('behind-proxy'),
});
