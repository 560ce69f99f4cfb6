import { type Address, overlaps } from '../../base/address.ts';
import { isInDomain } from './host-name.ts';
import { CCBOT, GPTBOT, OAI_SEARCHBOT, type PublishedRanges } from './published-ranges.ts';

/** An operator of robots that can prove their identity. */
export interface Operator {
  /** The name of its robots, for messages. */
  readonly name: string;
  /** The words in its robots' user agents. */
  readonly agents: RegExp;
  /** The domains of its robots' host names; none if only its ranges prove anything. */
  readonly domains: readonly string[];
  /** Host names in these domains that prove nothing: fetchers that any user can send out. */
  readonly notNames?: RegExp;
  /** True if the operator says that each of its robots has such a name: a client without a name is not its robot. */
  readonly alwaysHasName: boolean;
  readonly ranges?: PublishedRanges;
  /** The page on which the operator says so, or a list that cites the operator. */
  readonly source: string;
}

/**
 * The operators, one a line. Robots that are missing here can prove nothing. Not in the table, on purpose:
 * - googleusercontent.com: users of Google's cloud have names there, also forward-confirmed ones;
 * - Google's user-triggered fetchers, which fetch for such users;
 * - DuckDuckBot: its list has 400 single rented addresses, which others will rent later;
 * - Facebook, which publishes only the number of its network.
 */
// biome-ignore format: one line for each operator
export const OPERATORS: readonly Operator[] = [
  { name: 'Googlebot', agents: /googlebot|googleother|adsbot-google|mediapartners-google|apis-google|storebot-google|google-inspectiontool|google-safety|google-cloudvertexbot/i, domains: ['googlebot.com', 'google.com'], notNames: /^google-proxy-/, alwaysHasName: true, source: 'https://developers.google.com/crawling/docs/crawlers-fetchers/verify-google-requests' },
  { name: 'Bingbot', agents: /bingbot|msnbot|adidxbot/i, domains: ['search.msn.com'], alwaysHasName: true, source: 'https://blogs.bing.com/webmaster/August-2012/How-to-Verify-that-Bingbot-is-Bingbot' },
  { name: 'Applebot', agents: /applebot/i, domains: ['applebot.apple.com'], alwaysHasName: true, source: 'https://support.apple.com/en-us/119829' },
  { name: 'YandexBot', agents: /\byandex(?:\w*bot|images|video|media|blogs|favicons|webmaster|pagechecker|sitelinks|metrika|direct|rca|calendar|vertis)/i, domains: ['yandex.ru', 'yandex.net', 'yandex.com'], alwaysHasName: true, source: 'https://yandex.com/support/webmaster/robot-workings/check-yandex-robots.html' },
  { name: 'Baiduspider', agents: /baiduspider/i, domains: ['baidu.com', 'baidu.jp'], alwaysHasName: false, source: 'https://help.baidu.com/question?prod_id=99&class=476&id=3001' },
  { name: 'Yahoo! Slurp', agents: /yahoo! slurp/i, domains: ['crawl.yahoo.net', 'yse.yahoo.net'], alwaysHasName: false, source: 'https://help.yahoo.com/help/us/ysearch/slurp' },
  { name: 'SeznamBot', agents: /seznambot/i, domains: ['seznam.cz'], alwaysHasName: false, source: 'https://napoveda.seznam.cz/en/full-text-search/seznambot-crawler/' },
  { name: 'PetalBot', agents: /petalbot/i, domains: ['petalsearch.com', 'aspiegel.com'], alwaysHasName: false, source: 'https://webmaster.petalsearch.com/site/petalbot' },
  { name: 'MojeekBot', agents: /mojeekbot/i, domains: ['mojeek.com'], alwaysHasName: false, source: 'https://www.mojeek.com/bot.html' },
  { name: 'Qwantify', agents: /qwantify|qwantbot/i, domains: ['search.qwant.com'], alwaysHasName: false, source: 'https://help.qwant.com/bot/' },
  { name: 'Sogou', agents: /sogou \w*\s?spider/i, domains: ['sogou.com'], alwaysHasName: false, source: 'https://www.sogou.com/docs/help/webmasters.htm#07' },
  { name: 'Amazonbot', agents: /amazonbot/i, domains: ['crawl.amazonbot.amazon'], alwaysHasName: false, source: 'https://developer.amazon.com/support/amazonbot/' },
  { name: 'Pinterestbot', agents: /pinterestbot/i, domains: ['pinterest.com', 'pinterestcrawler.com'], alwaysHasName: false, source: 'https://developers.pinterest.com/docs/reference/control-pinterestbot-access-to-your-site/' },
  { name: 'Twitterbot', agents: /twitterbot/i, domains: ['twttr.com'], alwaysHasName: false, source: 'https://github.com/CIDRAM/CIDRAM/blob/v2/vault/verification.yaml' },
  { name: 'GPTBot', agents: /gptbot/i, domains: [], alwaysHasName: false, ranges: GPTBOT, source: 'https://openai.com/gptbot.json' },
  { name: 'OAI-SearchBot', agents: /oai-searchbot/i, domains: [], alwaysHasName: false, ranges: OAI_SEARCHBOT, source: 'https://openai.com/searchbot.json' },
  { name: 'CCBot', agents: /\bccbot/i, domains: [], alwaysHasName: false, ranges: CCBOT, source: 'https://index.commoncrawl.org/ccbot.json' },
];

/** The operators that a user agent names; mostly none or one. */
export const operatorsIn = (userAgent: string): Operator[] =>
  OPERATORS.filter(({ agents }) => agents.test(userAgent));

/** True if a host name is in a domain of any operator. */
export const isOperatorName = (name: string): boolean =>
  OPERATORS.some((operator) => isNameOf(operator, name));

/** True if a host name proves a robot of the operator. */
export const isNameOf = ({ domains, notNames }: Operator, name: string): boolean =>
  domains.some((domain) => isInDomain(name, domain)) && notNames?.test(name) !== true;

/** True if the operator publishes this address as one of its robots. */
export const isPublished = ({ ranges }: Operator, address: Address): boolean =>
  ranges?.prefixes.some((range) => overlaps(range, address)) ?? false;
