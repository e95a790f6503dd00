import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { go, goAfresh, openPage, settle, skipWithoutBrowser, startBrowser } from './support/browser.ts';
import { makeData } from './support/made-data.ts';
import { startMadeServer } from './support/made-server.ts';
import { byForm } from '../support/shared.ts';
import { OPENINGS } from './support/dialogs.ts';
import { PAGES } from './support/pages.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What is wider than what shows of it: the document, the page, and whatever scrolls sideways inside. Heat maps may. */
const TOO_WIDE = `['html', '#page', '*'].flatMap((one) => [...document.querySelectorAll(one)])
  .filter((it, at) => it.clientWidth > 0 && it.scrollWidth > it.clientWidth + 1
    && (at < 2 || ['auto', 'scroll'].includes(getComputedStyle(it).overflowX))
    && it.querySelector(':scope > table') === null)
  .map((it) => \`\${it.tagName} \${it.className} \${it.scrollWidth} px in \${it.clientWidth}\`)`;

/** Colours on their way (a row under the pointer, a page that comes) have no contrast that anybody reads; they arrive first. */
const TRANSITIONS_DONE = `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
  .then(() => Promise.allSettled(document.getAnimations()
    .filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime))
    .map((one) => one.finished)))
  .then(() => undefined)`;

const SHAPING_TRIES = 50;
const SHAPING_MS = 100;

let browser: Browser;
before(async () => {
  if (skipWithoutBrowser.skip === false) browser = await startBrowser();
});
after(() => browser?.close());

const ALL = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const CONTRAST = { type: 'rule', values: ['color-contrast'] };

/** Serious and critical violations that axe finds on the page as it stands, by all of its rules or that of contrast. */
async function violations(page: Page, runOnly: typeof ALL | typeof CONTRAST = ALL): Promise<string[]> {
  if (!(await page.evaluate<boolean>(`'axe' in window`))) await page.evaluate(AXE);
  const found = await page.evaluate<{ id: string; impact: string; nodes: { html: string }[] }[]>(
    `axe.run(document, { runOnly: ${JSON.stringify(runOnly)} }).then(({ violations }) => violations)`,
  );
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}

/** What does not fit once the page has taken its shape: that follows the width of the window by a render. */
async function tooWide(page: Page): Promise<string[]> {
  for (let n = 0; ; n += 1) {
    const wide = await page.evaluate<string[]>(TOO_WIDE);
    if (wide.length === 0 || n >= SHAPING_TRIES) return wide;
    await page.waitForTimeout(SHAPING_MS);
  }
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
      // Of all rules that of contrast alone looks at colours.
      const rules =
        colorScheme === 'dark'
          ? byForm<typeof ALL | typeof CONTRAST>({ quick: CONTRAST, ordinary: CONTRAST, long: ALL })
          : ALL;
      const look = async (name: string): Promise<void> => {
        await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
        await page.evaluate(TRANSITIONS_DONE);
        for (const violation of await violations(page, rules)) found.push(`${name}, ${colorScheme}: ${violation}`);
        await page.setViewportSize({ width: 390, height: 800 });
        const wide = await tooWide(page);
        if (wide.length > 0) found.push(`${name}: too wide for a phone: ${wide.join('; ')}`);
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

test('what opens on a page has nothing serious, and fits a phone', skipWithoutBrowser, async () => {
  const found: string[] = [];
  for (const [width, scheme] of [
    [1280, 'light'],
    [390, 'dark'],
  ] as const) {
    await using server = await startMadeServer(makeData());
    const { page, errors } = await openPage(browser, { width, scheme });
    for (const { name, path, open } of OPENINGS) {
      await goAfresh(page, server.url, path);
      await open(page);
      await page.evaluate(TRANSITIONS_DONE);
      for (const violation of await violations(page)) found.push(`${name}, ${scheme}: ${violation}`);
      const wide = width === 390 ? await tooWide(page) : [];
      if (wide.length > 0) found.push(`${name}: too wide for a phone: ${wide.join('; ')}`);
    }
    assert.deepEqual(errors, []);
  }
  assert.deepEqual(found, []);
});
