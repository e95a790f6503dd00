import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { go, openPage, settle, skipWithoutBrowser, startBrowser } from './support/browser.ts';
import { makeData } from './support/made-data.ts';
import { startMadeServer } from './support/made-server.ts';
import { PAGES } from './support/pages.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** By how many pixels document and page are wider than what shows of them. */
const WIDTHS = `['html', '#page'].flatMap((one) => {
  const it = document.querySelector(one);
  return it === null ? [] : [it.scrollWidth - it.clientWidth];
})`;

/** Colours on their way (a row under the pointer, a page that comes) have no contrast that anybody reads; they arrive first. */
const TRANSITIONS_DONE = `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
  .then(() => Promise.allSettled(document.getAnimations()
    .filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime))
    .map((one) => one.finished)))
  .then(() => undefined)`;

let browser: Browser;
before(async () => {
  if (skipWithoutBrowser.skip === false) browser = await startBrowser();
});
after(() => browser?.close());

/** Serious and critical violations that axe finds on the page as it stands. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found = await page.evaluate<{ id: string; impact: string; nodes: { html: string }[] }[]>(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
       .then(({ violations }) => violations)`,
  );
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}

test(
  'on each page axe finds nothing serious in light and dark, and a phone shows all of its width',
  skipWithoutBrowser,
  async () => {
    await using server = await startMadeServer(makeData());
    const { page, errors } = await openPage(browser);
    const found: string[] = [];
    // The scheme is chosen before the page is opened: a switch on the way is a moment that nobody reads in.
    for (const colorScheme of ['dark', 'light'] as const) {
      const look = async (name: string): Promise<void> => {
        await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
        await page.evaluate(TRANSITIONS_DONE);
        for (const violation of await violations(page)) found.push(`${name}, ${colorScheme}: ${violation}`);
        await page.setViewportSize({ width: 390, height: 800 });
        const widths = await page.evaluate<number[]>(WIDTHS);
        if (widths.some((width) => width > 0)) found.push(`${name}: ${widths.join(', ')} px too wide for a phone`);
        await page.setViewportSize({ width: 1280, height: 800 });
      };
      server.signedIn = true;
      await page.emulateMedia({ colorScheme });
      await page.goto(server.url);
      await settle(page);
      for (const path of PAGES) {
        await go(page, path);
        await look(path);
      }
      assert.deepEqual(errors, []);
      server.signedIn = false;
      await page.goto(server.url);
      await settle(page);
      await look('sign-in');
      errors.length = 0;
    }
    assert.deepEqual(found, []);
  },
);
