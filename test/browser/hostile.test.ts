import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { go, openPage, skipWithoutBrowser, startBrowser } from './support/browser.ts';
import { HOSTILE, makeData } from './support/made-data.ts';
import { startMadeServer } from './support/made-server.ts';
import { PAGES } from './support/pages.ts';

let browser: Browser;
before(async () => {
  if (skipWithoutBrowser.skip === false) browser = await startBrowser();
});
after(() => browser?.close());

/** Pages that show nothing from outside. */
const OWN_WORDS = new Set(['/suppressions', '/coverage', '/ledger', '/tokens', '/identify', '/recover', '/nowhere']);

/** Runs in the page: as text, since the types of a browser are not those of this process. */
const PROBE = `({
  hacked: 'hacked' in window,
  images: document.querySelectorAll('img[src="x"], #root script').length,
  foreign: [...document.querySelectorAll('a[href]')].filter((link) => new URL(link.href).origin !== location.origin).length,
})`;

test(
  'what an attacker writes into every field is shown as text, and nothing of it runs',
  skipWithoutBrowser,
  async () => {
    await using server = await startMadeServer(makeData({ hostile: HOSTILE }));
    const { page, errors } = await openPage(browser);
    await page.goto(server.url);
    for (const path of PAGES) {
      if (OWN_WORDS.has(path)) continue;
      await go(page, path);
      await page.getByText('<script>window.hacked=1</script>').first().waitFor({ state: 'attached' });
      const seen = await page.evaluate(PROBE);
      assert.deepEqual(seen, { hacked: false, images: 0, foreign: 0 }, path);
    }
    assert.deepEqual(errors, []);
  },
);
