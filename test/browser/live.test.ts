import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { LONG } from '../support/shared.ts';
import { openPage, skipWithoutBrowser, startBrowser } from './support/browser.ts';
import { makeData } from './support/made-data.ts';
import { startMadeServer } from './support/made-server.ts';

/** Rows of the long list. */
const EVENTS = LONG ? 100_000 : 5_000;

/** Scrolls to the bottom again and again until the list says that it ends; steps taken, or -1 when it never ends. */
const SCROLL_TO_END = `(async () => {
  const list = document.querySelector('[role=table]');
  for (let step = 1; step < 10000; step += 1) {
    list.scrollTop = list.scrollHeight;
    await new Promise((done) => setTimeout(done, 5));
    if (list.nextElementSibling.textContent.includes('End of the list')) return step;
  }
  return -1;
})()`;

let browser: Browser;
before(async () => {
  if (skipWithoutBrowser.skip === false) browser = await startBrowser();
});
after(() => browser?.close());

test('a new incident appears by itself, and a lost connection is said and caught up', skipWithoutBrowser, async () => {
  const data = makeData({ incidents: 3 });
  await using server = await startMadeServer(data);
  const { page } = await openPage(browser);
  await page.goto(`${server.url}/incidents`);
  await page.getByText('INC-3').waitFor();
  await server.streamOpened();

  const first = makeData({ incidents: 9 }).incidents[7];
  assert.ok(first !== undefined);
  data.incidents.unshift({ ...first, severity: 'critical' });
  const { id, number, title } = first;
  server.tell({ kind: 'incident', id, number, title, severity: 'critical', isNew: true });
  await page.getByText('New incident INC-8').waitFor();
  await page.getByRole('row', { name: /INC-8/ }).waitFor();

  server.cut();
  await page.getByText('Connection lost').waitFor();
  const second = makeData({ incidents: 9 }).incidents[8];
  assert.ok(second !== undefined);
  data.incidents.unshift(second);
  server.restore();
  await page.getByRole('row', { name: /INC-9/ }).waitFor();
  await page.getByText('Connection lost').waitFor({ state: 'hidden' });
});

test('a session that ended leads back to the sign-in', skipWithoutBrowser, async () => {
  await using server = await startMadeServer(makeData());
  const { page } = await openPage(browser);
  await page.goto(`${server.url}/incidents`);
  await page.getByText('INC-3').waitFor();
  server.signedIn = false;
  await page.getByRole('link', { name: 'Findings' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

test('a list of many events is scrolled to its end without drawing it all', skipWithoutBrowser, async () => {
  await using server = await startMadeServer(makeData({ events: EVENTS }));
  const { page, errors } = await openPage(browser);
  await page.goto(`${server.url}/events`);
  const list = page.getByRole('table', { name: 'Events' });
  await list.waitFor();
  const pages = await page.evaluate<number>(SCROLL_TO_END);
  assert.ok(pages > 0, 'the end of the list was not reached');
  await page.getByText(`End of the list: ${EVENTS.toLocaleString('en')}`).waitFor();
  const drawn = await page.evaluate<number>(`document.querySelectorAll('[role=row]').length`);
  assert.ok(drawn < 80, `${drawn} rows are drawn`);
  assert.deepEqual(errors, []);
});

test('the palette finds pages and incidents by keyboard', skipWithoutBrowser, async () => {
  await using server = await startMadeServer(makeData());
  const { page } = await openPage(browser);
  await page.goto(server.url);
  await page.getByText('Act now').waitFor();
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder('Go to or search…').fill('Ledg');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Ledger' }).waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('e');
  await page.getByRole('heading', { level: 1, name: 'Events' }).waitFor();
});
