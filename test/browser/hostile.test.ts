import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { goAfresh, openPage, skipWithoutBrowser, startBrowser } from './support/browser.ts';
import { OPENINGS } from './support/dialogs.ts';
import { HOSTILE, type MadeData, makeData } from './support/made-data.ts';
import { startMadeServer } from './support/made-server.ts';
import { PAGES } from './support/pages.ts';
import { planted } from './support/planted.ts';

let browser: Browser;
before(async () => {
  if (skipWithoutBrowser.skip === false) browser = await startBrowser();
});
after(() => browser?.close());

/** Pages that show nothing from outside but the name of the hospital. */
const OWN_WORDS = new Set(['/identify', '/recover', '/nowhere']);
const IN_PAGE = '#page';

/** Runs in the page: as text, since the types of a browser are not those of this process. */
const PROBE = `({
  hacked: 'hacked' in window,
  images: document.querySelectorAll('img[src="x"], #root script').length,
  foreign: [...document.querySelectorAll('a[href]')].filter((link) => new URL(link.href).origin !== location.origin).length,
})`;

/** Every field of every kind that takes text holds the attacker's. */
function hostileData(): MadeData {
  const { eventDetail, hunt, ...data } = makeData();
  const hostile = planted(data, HOSTILE);
  // A technique is shown under the tactic that it names.
  data.coverage.techniques.forEach(({ tactics }, n) => {
    const shown = hostile.coverage.techniques[n];
    if (shown !== undefined) shown.tactics = tactics;
  });
  return {
    ...hostile,
    eventDetail: (index) => planted(eventDetail(index), HOSTILE, false),
    hunt: () => planted(hunt(), HOSTILE),
  };
}

async function isText(page: Page, where: string): Promise<void> {
  assert.deepEqual(await page.evaluate(PROBE), { hacked: false, images: 0, foreign: 0 }, where);
}

test(
  'what an attacker writes into every field is shown as text, and nothing of it runs',
  skipWithoutBrowser,
  async () => {
    const data = hostileData();
    await using server = await startMadeServer(data, { hostile: HOSTILE });
    const { page, errors } = await openPage(browser);
    for (const path of PAGES) {
      await goAfresh(page, server.url, path);
      const where = OWN_WORDS.has(path) ? page : page.locator(IN_PAGE);
      const shown = where.getByText('<script>window.hacked=1</script>').first();
      await shown
        .waitFor({ state: 'attached', timeout: 10_000 })
        .catch(() => assert.fail(`${path} shows nothing of it`));
      await isText(page, path);
    }
    for (const { name, path, open } of OPENINGS) {
      await goAfresh(page, server.url, path);
      await open(page);
      await isText(page, name);
    }
    await server.streamOpened();
    server.tell({ kind: 'incident', id: HOSTILE, number: HOSTILE, title: HOSTILE, severity: 'critical', isNew: true });
    await page.getByRole('alert').getByText('window.hacked=1').first().waitFor();
    await isText(page, 'a notice');
    assert.deepEqual(errors, []);
  },
);
