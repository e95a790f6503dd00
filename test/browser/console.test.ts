import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { PASSWORD, type World, openWorld } from '../../src/console/console.fixture.ts';
import { openPage, settle, skipWithoutBrowser, startBrowser } from './support/browser.ts';
import { HOSTILE } from './support/made-data.ts';

/** The pages over the console's own HTTP: its policy, sessions, accounts and a real ledger. */
const DIST = fileURLToPath(new URL('../../dist/web', import.meta.url));

let browser: Browser;
before(async () => {
  if (skipWithoutBrowser.skip === false) browser = await startBrowser();
});
after(() => browser?.close());

async function serve(t: { after: (done: () => Promise<void>) => void }): Promise<World & { url: string }> {
  const world = await openWorld(t, { webDirectory: DIST });
  const server = createServer(world.console.listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { ...world, url: `http://localhost:${(server.address() as AddressInfo).port}` };
}

test(
  'set-up by link, an event with a hostile line, its receipt and the ledger verified, sign-out',
  skipWithoutBrowser,
  async (t) => {
    const world = await serve(t);
    const { page, errors } = await openPage(browser);
    const link = await world.accounts.setup.issue();
    await page.goto(`${world.url}/setup?token=${link?.token ?? ''}`);
    await page.getByLabel('Name of the hospital').fill('Riverside Community Hospital');
    await page.getByLabel('Your user name').fill('maria.ortega');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();

    const event = { class_uid: 3002, time: world.clock.nowMs(), message: HOSTILE, user: { name: HOSTILE } };
    const index = await world.append(event, HOSTILE);
    await world.ledger.publish();
    await page.goto(`${world.url}/events/${index}`);
    await settle(page);
    await page.getByRole('tab', { name: 'Proof' }).click();
    await page.getByRole('button', { name: 'Verify now' }).click();
    await page.getByText('The receipt is good').waitFor();
    assert.equal(await page.evaluate(`'hacked' in window`), false);

    await page.goto(`${world.url}/ledger?verify=now`);
    await page.getByText('The ledger is whole').waitFor();
    await page.getByText('has seen this ledger for the first time').waitFor();
    await world.append(event);
    await world.ledger.publish();
    await page.getByRole('button', { name: 'Verify again' }).click();
    await page.getByText('are all still in it').waitFor();

    await page.getByRole('button', { name: 'Change' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Telemetry').fill('14');
    await dialog.getByText('cannot be brought back').waitFor();
    await dialog.getByRole('button', { name: 'Shorten and destroy' }).click();
    await page.getByText('14 days').waitFor();
    await page.getByRole('button', { name: 'Place a hold' }).click();
    await dialog.getByLabel('Case or file number').fill(HOSTILE.slice(0, 60));
    await dialog.getByLabel('First day').fill('2026-11-01');
    await dialog.getByRole('button', { name: 'Place a hold' }).click();
    await page.getByText('1 Nov 2026').or(page.getByText('Nov 1, 2026')).waitFor();
    await page.getByRole('button', { name: /^Release: / }).click();
    await dialog.getByRole('button', { name: 'Release' }).click();
    await page.getByText('There is none.').waitFor();
    assert.equal(await page.evaluate(`'hacked' in window`), false);

    assert.deepEqual(
      errors.filter((text) => !/ 40[13] /.test(text)),
      [],
    );
    await page.getByRole('button', { name: /maria\.ortega/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  },
);
