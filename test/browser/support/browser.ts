import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, type Page, chromium } from 'playwright-core';

const CHROMIUM = process.env['WARDKEEP_CHROMIUM'] ?? '/usr/bin/chromium';
const DIST = fileURLToPath(new URL('../../../dist/web/index.html', import.meta.url));

/** For `test(name, skipWithoutBrowser, …)`: skips, with the reason printed, where there is no browser or no build. */
export const skipWithoutBrowser: { skip: false | string } = {
  skip: !existsSync(CHROMIUM)
    ? `no browser: ${CHROMIUM} is missing (apt-get install chromium)`
    : !existsSync(DIST)
      ? 'the pages are not built: run node scripts/build-web.ts'
      : false,
};

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

export interface Watched {
  page: Page;
  /** Errors of the console and of scripts, refused by policy or thrown. */
  errors: string[];
}

/** A fresh page of a size, that collects whatever goes wrong in it. */
export async function openPage(
  browser: Browser,
  options: { width?: number; height?: number; scheme?: 'light' | 'dark' } = {},
): Promise<Watched> {
  const { width = 1280, height = 800, scheme = 'light' } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    reducedMotion: 'reduce',
    locale: 'en-US',
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${message.text()} ${message.location().url}`);
  });
  return { page, errors };
}

/** Goes to another page of the console as a click on a link does, and waits until it is drawn. */
export async function go(page: Page, path: string): Promise<void> {
  await page.evaluate(
    `history.pushState({}, '', ${JSON.stringify(path)}); dispatchEvent(new PopStateEvent('popstate'))`,
  );
  await settle(page);
}

/** Goes to a page as if nothing had been opened before: what lies above the one before is closed, or all is loaded anew. */
export async function goAfresh(page: Page, origin: string, path: string): Promise<void> {
  if (page.url().startsWith(origin)) {
    await page.keyboard.press('Escape');
    await go(page, '/nowhere');
    if ((await page.locator(ABOVE).count()) === 0) return go(page, path);
  }
  await page.goto(`${origin}${path}`);
  await settle(page);
}

/** What lies above a page: dialogs, drawers, menus, lists of choices. */
const ABOVE = '[role=dialog], [role=menu], [role=listbox]';

/** Until the page has its heading and nothing loads any more. */
export async function settle(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await page.locator('.mantine-Loader-root').first().waitFor({ state: 'hidden' });
}
