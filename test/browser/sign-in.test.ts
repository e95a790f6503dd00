import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { openPage, skipWithoutBrowser, startBrowser } from './support/browser.ts';
import { makeData } from './support/made-data.ts';
import { startMadeServer } from './support/made-server.ts';

let browser: Browser;
before(async () => {
  if (skipWithoutBrowser.skip === false) browser = await startBrowser();
});
after(() => browser?.close());

test('a wrong password is refused in words, the right one leads to the overview', skipWithoutBrowser, async () => {
  await using server = await startMadeServer(makeData(), { signedIn: false });
  const { page } = await openPage(browser);
  await page.goto(server.url);
  await page.getByLabel('User name').fill('maria.ortega');
  await page.getByLabel('Password', { exact: true }).fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').waitFor();
  assert.match(await page.getByRole('alert').innerText(), /do not fit/);
  await page.getByLabel('Password', { exact: true }).fill('correct horse battery');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Act now').waitFor();
  assert.equal(await page.title(), 'Overview · Wardkeep');
});

test('the list of incidents leads to one by keyboard, and back', skipWithoutBrowser, async () => {
  await using server = await startMadeServer(makeData());
  const { page, errors } = await openPage(browser);
  await page.goto(`${server.url}/incidents`);
  await page.getByText('INC-3').waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: /Vendor account/ }).waitFor();
  assert.equal(new URL(page.url()).pathname, '/incidents/i1');
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { level: 1, name: 'Incidents' }).waitFor();
  assert.deepEqual(errors, []);
});
