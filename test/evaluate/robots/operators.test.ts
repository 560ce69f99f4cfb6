import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAddress } from '../../../base/address.ts';
import { hostName } from '../../../evaluate/robots/host-name.ts';
import { isOperatorName, isPublished, operators, operatorsIn } from '../../../evaluate/robots/operators.ts';
import { claimsToBeRobot } from '../../../judgement/sources/robots.ts';

/** User agents as the operators document them. */
const AGENTS: readonly [name: string, userAgent: string][] = [
  ['Googlebot', 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'],
  ['Googlebot', 'AdsBot-Google (+http://www.google.com/adsbot.html)'],
  ['Googlebot', 'Mediapartners-Google'],
  ['Googlebot', 'GoogleOther'],
  ['Bingbot', 'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)'],
  ['Applebot', 'Mozilla/5.0 (compatible; Applebot/0.3; +http://www.apple.com/go/applebot)'],
  ['YandexBot', 'Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)'],
  ['YandexBot', 'Mozilla/5.0 (compatible; YandexImages/3.0; +http://yandex.com/bots)'],
  ['Baiduspider', 'Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)'],
  ['Yahoo! Slurp', 'Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)'],
  ['SeznamBot', 'Mozilla/5.0 (compatible; SeznamBot/4.0; +https://o-seznam.cz/)'],
  ['PetalBot', 'Mozilla/5.0 (compatible;PetalBot;+https://webmaster.petalsearch.com/site/petalbot)'],
  ['MojeekBot', 'Mozilla/5.0 (compatible; MojeekBot/0.11; +https://www.mojeek.com/bot.html)'],
  ['Qwantify', 'Mozilla/5.0 (compatible; Qwantify/2.4w; +https://www.qwant.com/)'],
  ['Sogou', 'Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)'],
  ['Amazonbot', 'Mozilla/5.0 (compatible; Amazonbot/0.1; +https://developer.amazon.com/support/amazonbot)'],
  ['Pinterestbot', 'Mozilla/5.0 (compatible; Pinterestbot/1.0; +https://www.pinterest.com/bot.html)'],
  ['Twitterbot', 'Twitterbot/1.0'],
  ['GPTBot', 'Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)'],
  ['OAI-SearchBot', 'Mozilla/5.0 (compatible; OAI-SearchBot/1.0; +https://openai.com/searchbot)'],
  ['CCBot', 'CCBot/2.0 (https://commoncrawl.org/faq/)'],
];

for (const [name, userAgent] of AGENTS)
  test(`finds the operator of ${userAgent.slice(0, 50)}`, () => {
    assert.equal(
      operatorsIn(userAgent).map((each) => each.name),
      [name],
    );
    assert.ok(claimsToBeRobot(userAgent));
  });

test('has a documented user agent for each operator', () => {
  const named = new Set(AGENTS.map(([name]) => name));
  assert.equal(
    operators().filter(({ name }) => !named.has(name)),
    [],
  );
});

for (const userAgent of [
  'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120.0 YaBrowser/24.1 YandexSearch/24.15 Mobile Safari/537.36',
  'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
  'FeedFetcher-Google; (+http://www.google.com/feedfetcher.html)',
  'Feedly/1.0',
])
  test(`finds no operator of ${userAgent.slice(-40)}`, () => {
    assert.equal(operatorsIn(userAgent), []);
  });

for (const { name, domains, ranges, source } of operators())
  test(`has a proof and a source for ${name}`, () => {
    assert.match(source, /^https:\/\//);
    assert.ok(domains.length > 0 || ranges);
    for (const domain of domains) assert.is(hostName(domain), domain);
    if (ranges) assert.match(ranges.date, /^20\d\d-\d\d-\d\d$/);
    for (const { prefix } of ranges?.prefixes ?? []) assert.ok(prefix >= 24, 'a range is narrow');
  });

test('does not accept the host name of a rented machine as a name of the operator', () => {
  assert.ok(isOperatorName('crawl-203-0-113-7.googlebot.com'));
  assert.ok(isOperatorName('rate-limited-proxy-203-0-113-7.google.com'));
  for (const name of [
    'google-proxy-203-0-113-7.google.com',
    '7.113.0.203.bc.googleusercontent.com',
    '203-0-113-7.gae.googleusercontent.com',
    'ec2-203-0-113-7.compute-1.amazonaws.com',
    'host.yandexcloud.net',
  ])
    assert.not(isOperatorName(name), name);
});

test('finds published addresses', () => {
  const [gptbot] = operatorsIn('GPTBot/1.2');
  const [googlebot] = operatorsIn('Googlebot/2.1');
  const [ccbot] = operatorsIn('CCBot/2.0');
  if (!gptbot || !googlebot || !ccbot) throw new Error('an operator is missing');
  const [first] = gptbot.ranges?.prefixes ?? [];
  if (!first) throw new Error('GPTBot has no range');
  const inside = parseAddress(first.text.replace(/\/\d+$/, ''));
  assert.ok(isPublished(gptbot, inside));
  assert.not(isPublished(googlebot, inside));
  assert.not(isPublished(gptbot, parseAddress('203.0.113.7')));
  assert.not(isPublished(ccbot, parseAddress('2001:db8::7')));
});

test.run();
