import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { play } from '#sample';
import { openPage, settle, skipWithoutBrowser, startBrowser } from './support/browser.ts';
import { night, serve, setUp, wiresTo } from './support/real-server.ts';

const TOLD = new Set(['worm', 'tablet']);

let browser: Browser;
before(async () => {
  if (skipWithoutBrowser.skip === false) browser = await startBrowser();
});
after(() => browser?.close());

test(
  'from the set-up link to an incident, its proof, a hunt, the verified ledger and a live event',
  skipWithoutBrowser,
  async (t) => {
    const server = await serve(t);
    const { page, errors } = await openPage(browser);
    await setUp(page, server);
    await using wires = await wiresTo(page, server);

    // The overview stays open while the attack comes in.
    await play({ stream: night(Date.now(), TOLD), wires, speed: null });
    await page.getByText('need you now').or(page.getByText('needs you now')).first().waitFor();
    await server.flow.intake.settled();
    await server.flow.detector.settled();
    await server.flow.archive.settled();

    const [worst] = (await server.flow.incidents.list({ state: 'unclosed', severity: 'critical', limit: 1 })).items;
    assert.ok(worst !== undefined, 'no critical incident');
    await page
      .getByRole('link', { name: `Look at ${worst.number}` })
      .first()
      .click();
    await page.getByRole('heading', { level: 1, name: worst.title }).waitFor();
    await page.getByRole('heading', { name: 'What happened' }).waitFor();
    await page.getByRole('heading', { name: 'What to do' }).waitFor();

    await page
      .getByRole('button', { name: /^Event / })
      .first()
      .click();
    const drawer = page.getByRole('dialog', { name: /^Event / });
    await drawer.getByRole('tab', { name: 'Proof' }).click();
    await drawer.getByRole('button', { name: 'Verify now' }).click();
    await drawer.getByText('The receipt is good').waitFor();

    await page.goto(`${server.consoleUrl}/hunt`);
    await settle(page);
    await page.locator('summary').first().click();
    await page.getByRole('button', { name: 'Start from its example' }).first().click();
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByText(/^[1-9][\d,]* rows in/).waitFor();

    await page.goto(`${server.consoleUrl}/ledger`);
    await settle(page);
    await page.getByRole('button', { name: 'Verify now' }).click();
    await page.getByText('The ledger is whole').waitFor();

    await page.goto(`${server.consoleUrl}/events`);
    await settle(page);
    const line = 'Nov 24 12:00:00 fw1 sshd[77]: Failed password for lamplighter from 203.0.113.9 port 4122 ssh2';
    await wires.syslog([`<38>${line}`]);
    await page
      .getByRole('row', { name: /lamplighter/ })
      .first()
      .waitFor();

    assert.deepEqual(
      errors.filter((text) => !/ 40[13] /.test(text)),
      [],
    );
  },
);
