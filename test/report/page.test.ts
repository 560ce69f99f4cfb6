/** Tests the page of `riposte report` in a real browser. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { writeEntry } from '../cli/ledger-files.ts';
import { scene } from '../cli/scene.ts';
import { type Browser, missingForBrowser, type Opened, startBrowser } from '../lab/browser.ts';
import { inventedJournal } from '../lab/invented-journal.ts';
import { mmdb } from '../lab/mmdb.ts';
import { eventually } from '../lab/server.ts';
import { skippedSuite } from '../lab/suite.ts';
import { leftToAll } from '../runner/share.ts';
import { TEXT_FIELDS } from './journal-text.ts';

const lacking = await missingForBrowser();
const name = 'the page of riposte report';
const test = lacking.length === 0 ? suite(name) : skippedSuite(name, lacking.join(', '));
const inAll = leftToAll(test);

const WEEK = 7 * 86_400_000;
const FROM = Date.parse('2026-11-13T00:00:00Z');

let browser: Browser;
let usual: string;

test.before(async () => {
  browser = await startBrowser();
  usual = await pageFile([...inventedJournal({ events: 2000, sources: 120, from: FROM, to: FROM + WEEK })]);
});
test.after(() => browser.close());

/** Writes a report on these journal lines with the built program. @returns the page's URL */
async function pageFile(
  lines: readonly string[],
  blocked: readonly Record<string, string>[] = [],
  countries?: Buffer,
): Promise<string> {
  const it = scene();
  const database = join(it.home.root, 'countries.mmdb');
  if (countries) writeFileSync(database, countries);
  it.write('etc/riposte.conf', `GEOIP_FILES=${countries ? database : 'none'}\n`);
  it.write('var/riposte/events.jsonl', lines.map((line) => `${line}\n`).join(''));
  for (const [i, more] of blocked.entries())
    writeEntry(it.home.root, 'apache-deny', `203.0.113.${10 * i + 9}`, more);
  const file = join(it.home.root, 'report.html');
  await execa(process.execPath, [
    resolve('dist/riposte.js'),
    'report',
    '--home',
    it.home.root,
    '--html',
    file,
  ]);
  return pathToFileURL(file).href;
}

const section = (page: Page, heading: string) =>
  page.locator('section', { has: page.getByRole('heading', { name: heading, exact: true }) });
const column = (page: Page, heading: string, index: number) =>
  section(page, heading).locator(`tbody td:nth-child(${index})`).allTextContents();
const sortBy = (page: Page, heading: string, head: string) =>
  section(page, heading).getByRole('button', { name: head, exact: true }).click();

/** Counts the drawn pixels of each chart, and their colours. */
const drawn = (page: Page): Promise<{ pixels: number; colours: number }[]> =>
  page.evaluate(`[...document.querySelectorAll('canvas')].map((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const colours = new Map();
    let pixels = 0;
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] !== 255) continue;
      pixels++;
      const colour = data[i] + ',' + data[i + 1] + ',' + data[i + 2];
      colours.set(colour, (colours.get(colour) ?? 0) + 1);
    }
    return { pixels, colours: [...colours.values()].filter((count) => count > 500).length };
  })`);

function isQuiet({ complaints, requests }: Opened, url: string): void {
  assert.equal(complaints, []);
  assert.equal(requests, [url]);
}

for (const [width, scheme, register] of [
  [1440, 'light', test],
  [1440, 'dark', inAll],
  [390, 'light', inAll],
  [390, 'dark', test],
] as const) {
  register(
    `opens without errors and requests, draws charts, and fits into ${width} pixels, ${scheme}`,
    async () => {
      const opened = await browser.open(usual, width, scheme);
      const { page } = opened;
      assert.is(await page.locator('h1').count(), 1);
      assert.is(await page.evaluate('document.documentElement.scrollWidth'), width);
      const charts = await drawn(page);
      assert.is(charts.length, 3);
      for (const { pixels, colours } of charts)
        assert.ok(pixels > 5000 && colours >= 1, JSON.stringify(charts));
      assert.ok((charts[0]?.colours ?? 0) >= 2, 'blocks and other alerts have different colours');
      // Wide tables scroll inside their own boxes.
      const wide = await page.evaluate(
        `[...document.querySelectorAll('.scroll')].every((each) => each.getBoundingClientRect().right <= innerWidth)`,
      );
      assert.is(wide, true);
      isQuiet(opened, usual);
      await page.close();
    },
  );
}

test('follows the colour scheme, and has enough contrast in both schemes', async () => {
  for (const [scheme, isDark] of [
    ['light', false],
    ['dark', true],
  ] as const) {
    const { page } = await browser.open(usual, 1440, scheme);
    const [back, card, text, muted] = await page.evaluate<number[]>(`(() => {
      const light = (colour) => {
        const [r, g, b] = colour.match(/\\d+/g).map((each) => each / 255).map((c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const style = (selector) => getComputedStyle(document.querySelector(selector));
      return [style('body').backgroundColor, style('.card').backgroundColor, style('body').color, style('.counter').color].map(light);
    })()`);
    const contrast = (a = 0, b = 0) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    assert.is((back ?? 0) < 0.1, isDark);
    // WCAG 2.1 demands 7:1 for level AAA (texts), and 4.5:1 for level AA (muted texts).
    assert.ok(contrast(card, text) >= 7 && contrast(back, text) >= 7);
    assert.ok(contrast(card, muted) >= 4.5 && contrast(back, muted) >= 4.5);
    await page.close();
  }
});

inAll('repaints charts when the colour scheme changes', async () => {
  const { page } = await browser.open(usual, 1440, 'light');
  const picture = `document.querySelectorAll('canvas')[1].toDataURL()`;
  await page.evaluate(`light = ${picture}`);
  await page.emulateMedia({ colorScheme: 'dark' });
  await eventually('the charts are drawn again', () => page.evaluate<boolean>(`light !== ${picture}`));
  await page.close();
});

test('shows times in the host’s zone when the browser is in another zone', async () => {
  const { page } = await browser.open(usual, 1440);
  const header = await page.locator('header p').textContent();
  const first = new Date(FROM + WEEK / 4000);
  const day = new Intl.DateTimeFormat('sv', { dateStyle: 'short' }).format(first);
  assert.match(header ?? '', day);
  await page.close();
});

test('sorts a table by each column in both directions, and numbers, times and addresses by their value', async () => {
  const { page } = await browser.open(usual, 1440);
  await section(page, 'Addresses').getByRole('button', { name: 'Show all 120' }).click();
  const numbers = async (index: number) =>
    (await column(page, 'Addresses', index)).map((text) => Number(text.replace(',', '')));
  const alerts = await numbers(2);
  assert.is(alerts.length, 120);
  await sortBy(page, 'Addresses', 'Blocked');
  const down = await numbers(3);
  assert.equal(
    down,
    [...down].sort((a, b) => b - a),
  );
  assert.is(await section(page, 'Addresses').locator('th[aria-sort="descending"]').textContent(), 'Blocked');
  await sortBy(page, 'Addresses', 'Blocked');
  assert.equal(await numbers(3), down.toReversed());
  await sortBy(page, 'Addresses', 'Address');
  const addresses = (await column(page, 'Addresses', 1)).filter((text) => text.startsWith('203.0.113.'));
  const lastOctets = addresses.map((text) => Number(text.split('.')[3]));
  assert.ok(lastOctets.length > 20);
  assert.equal(
    lastOctets,
    [...lastOctets].sort((a, b) => a - b),
  );
  await sortBy(page, 'Addresses', 'Last');
  const times = await column(page, 'Addresses', 6);
  assert.equal(times, [...times].sort().reverse());
  await page.close();
});

inAll('filters a table by any text in it, and shows the number of rows', async () => {
  const { page } = await browser.open(usual, 390);
  const addresses = section(page, 'Addresses');
  await addresses.getByRole('searchbox').fill('2001:DB8');
  const found = await column(page, 'Addresses', 1);
  assert.ok(found.length > 5);
  for (const address of found) assert.match(address, /^2001:db8:/);
  assert.match((await addresses.locator('.counter').textContent()) ?? '', /^\d+ of 120$/);
  await addresses.getByRole('searchbox').fill('nobody');
  assert.equal(await column(page, 'Addresses', 1), []);
  assert.is(await addresses.locator('.counter').textContent(), '0 of 120');
  await addresses.getByRole('searchbox').fill('');
  assert.is((await column(page, 'Addresses', 1)).length, 15);
  assert.ok((await column(page, 'Networks', 1)).length > 5, 'other tables are as they were');
  await page.close();
});

inAll('lists the current blocks with their end', async () => {
  const url = await pageFile([], [{ until: '2046-11-20T12:00:00.000Z', rule: '31151' }, {}]);
  const opened = await browser.open(url, 1440);
  assert.equal((await column(opened.page, 'Blocked now', 1)).sort(), ['203.0.113.19', '203.0.113.9']);
  assert.match(
    (await column(opened.page, 'Blocked now', 5)).join(),
    /an operator unblocks.*2046-11-20|2046-11-20.*an operator unblocks/,
  );
  assert.is(await opened.page.locator('canvas').count(), 0);
  isQuiet(opened, url);
  await opened.page.close();
});

test('shows hostile text of every field as text, and runs none of it', async () => {
  const scripts = [
    '</script><script>document.title="pwned"</script>',
    '<img src=x onerror=document.title="pwned">',
    '<svg/onload=document.title="pwned">',
    '"><iframe srcdoc="<script>parent.document.title=1</script>">',
    '<!--<script>',
    '<style>*{display:none}</style>',
    '<meta http-equiv=refresh content="0;url=http://192.0.2.1/">',
    '<link rel=stylesheet href=http://192.0.2.1/x.css>',
    '<a href="javascript:document.title=1">x</a>',
    '{{constructor.constructor("document.title=1")()}}',
  ];
  const lines = scripts.flatMap((evil) =>
    [evil, 'GET'].map((method) => {
      const all = Object.fromEntries(TEXT_FIELDS.map((field) => [field, evil]));
      const agent = evil.replaceAll('"', "'");
      const log = `203.0.113.7 - - [x] "${method} /${agent} HTTP/1.1" 404 1 "${agent}" "${agent}"`;
      return JSON.stringify({
        time: '2026-11-20T09:00:00.000Z',
        event: 'blocked',
        command: 'add',
        offence: 2,
        ms: 1,
        ...all,
        log,
      });
    }),
  );
  const url = await pageFile(lines, [
    { rule: scripts[0] ?? '', note: scripts[1] ?? '', location: scripts[2] ?? '' },
  ]);
  const opened = await browser.open(url, 1440);
  const { page } = opened;
  assert.is(await page.title(), 'Riposte report');
  for (const kind of ['img', 'svg', 'iframe', 'a', 'main script', 'main style', 'body meta', 'body link'])
    assert.is(await page.locator(kind).count(), 0, kind);
  const addresses = await column(page, 'Addresses', 1);
  for (const evil of scripts) assert.ok(addresses.includes(evil), evil);
  assert.ok((await column(page, 'User agents', 1)).includes(scripts[1]?.replaceAll('"', "'") ?? ''));
  await sortBy(page, 'Rules', 'Rule');
  await section(page, 'Rules').getByRole('searchbox').fill('<img');
  assert.is((await column(page, 'Rules', 1)).length, 1);
  await page.mouse.move(400, 400);
  assert.is(await page.evaluate('document.documentElement.scrollWidth'), 1440);
  isQuiet(opened, url);
  await page.close();
});

test('shows columns for countries and autonomous systems only if the host has their data', async () => {
  const line = {
    event: 'blocked',
    command: 'add',
    response: 'apache-deny',
    rule: '117053',
    reason: '',
    ms: 1,
  };
  const time = new Date(FROM).toISOString();
  const lines = ['203.0.113.9', '203.0.113.9', '198.51.100.7'].map((address) =>
    JSON.stringify({ ...line, time, address }),
  );
  const record = {
    country: { iso_code: 'NL' },
    autonomous_system_number: 64500,
    autonomous_system_organization: '<img src=x onerror=alert(1)>',
  };
  const system = 'AS64500 <img src=x onerror=alert(1)>';
  const url = await pageFile(lines, [{}], mmdb([['203.0.113.0/24', record]]));
  const { page, complaints } = await browser.open(url, 1440);
  assert.equal(await column(page, 'Countries', 1), ['NL']);
  assert.equal(await column(page, 'Countries', 3), ['2']);
  assert.equal(await column(page, 'Autonomous systems', 1), [system]);
  assert.equal(await column(page, 'Addresses', 8), ['NL', '–']);
  assert.equal(await column(page, 'Addresses', 9), [system, '–']);
  assert.equal(await column(page, 'Blocked now', 9), ['NL']);
  assert.equal(complaints, []);
  const other = await browser.open(usual, 1440);
  assert.is(await section(other.page, 'Countries').count(), 0);
  assert.is(await section(other.page, 'Addresses').locator('thead th').count(), 7);
});

test('runs no script that was inserted into the page', async () => {
  const it = scene();
  it.write(
    'report.html',
    readFileSync(new URL(usual), 'utf8').replace(
      '<main>',
      '<script>document.title="pwned"</script><img src=x onerror=document.title="pwned"><main>',
    ),
  );
  const { page, complaints } = await browser.open(
    pathToFileURL(join(it.home.root, 'report.html')).href,
    1440,
  );
  await eventually('the browser refuses the scripts', async () =>
    /Content Security Policy/.test(complaints.join('\n')),
  );
  assert.is(await page.title(), 'Riposte report');
  await page.close();
});

test.run();
