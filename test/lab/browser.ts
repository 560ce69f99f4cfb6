import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

/** Where Debian's package puts it. */
const CHROMIUM = '/usr/bin/chromium';

/** How long it may take for one thing, in milliseconds. */
const PATIENCE = 120_000;

/** Gets Chromium where it is not installed. What is missing then; nothing when it can be started. */
export async function missingForBrowser(): Promise<string[]> {
  const script = resolve('test/lab/chromium-packages.sh');
  const { stdout } = await execa('bash', [script], { stdin: 'ignore', reject: false });
  return stdout.split('\n').filter((line) => line !== '');
}

/** A Chromium of our own, without a window, that is told to fetch nothing by itself. */
export interface Browser {
  /** A page of this width, in a scheme; what goes wrong on it, and what it asks for, is kept. */
  open(url: string, width: number, scheme?: 'light' | 'dark'): Promise<Opened>;
  close(): Promise<void>;
}

export interface Opened {
  readonly page: Page;
  /** Errors and warnings of the console, and what scripts threw. */
  readonly complaints: readonly string[];
  /** All addresses that were asked for. */
  readonly requests: readonly string[];
}

const SWITCHES = [
  '--no-sandbox', // root has none
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
      // Its helpers end after it, and write there until then.
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
