import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

/** The path in Debian's package. */
const CHROMIUM = '/usr/bin/chromium';

/** The time limit for one action, in milliseconds. */
const PATIENCE = 120_000;

/** Installs Chromium when it is missing. Returns the missing programs; none when Chromium can start. */
export async function missingForBrowser(): Promise<string[]> {
  const script = resolve('test/lab/chromium-packages.sh');
  const { stdout } = await execa('bash', [script], { stdin: 'ignore', reject: false });
  return stdout.split('\n').filter((line) => line !== '');
}

/** A headless Chromium. It fetches nothing by itself. */
export interface Browser {
  /** Opens a page at this width, in a light or dark scheme, and records the page's errors, warnings and requests. */
  open(url: string, width: number, scheme?: 'light' | 'dark'): Promise<Opened>;
  close(): Promise<void>;
}

export interface Opened {
  readonly page: Page;
  /** Errors and warnings of the console, and exceptions of scripts. */
  readonly complaints: readonly string[];
  /** All requested addresses. */
  readonly requests: readonly string[];
}

const SWITCHES = [
  '--no-sandbox', // root cannot use the sandbox
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export async function startBrowser(): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'riposte-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    timeout: PATIENCE,
    args: SWITCHES,
    timezoneId: 'Pacific/Auckland',
  });
  return {
    open: (url, width, scheme = 'light') => open(context, url, width, scheme),
    close: async () => {
      await context.close();
      // The browser's helper processes end later, and write to the profile until then.
      await rm(profile, { recursive: true, force: true, maxRetries: 20 });
    },
  };
}

async function open(
  context: BrowserContext,
  url: string,
  width: number,
  scheme: 'light' | 'dark',
): Promise<Opened> {
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on('request', (request) => requests.push(request.url()));
  await page.emulateMedia({ colorScheme: scheme });
  await page.setViewportSize({ width, height: width < 600 ? 844 : 900 });
  await page.goto(url, { waitUntil: 'load' });
  return { page, complaints, requests };
}
