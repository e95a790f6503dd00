import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { LONG } from '../support/shared.ts';
import { openPage, skipWithoutBrowser, startBrowser } from './support/browser.ts';
import { makeData } from './support/made-data.ts';
import { startMadeServer } from './support/made-server.ts';

/** Rows of the long list. */
const EVENTS = LONG ? 100_000 : 10_000;

/** What scrolling to the end saw: steps, the most rows drawn at once, frames in ms, and rows that were not where they belong. */
interface Scrolled {
  steps: number;
  drawnMost: number;
  frames: number[];
  wrong: string[];
}

/** Scrolls a screen a frame, and to what is loaded's end again and again, until the list says that it ends. */
const SCROLL_TO_END = `(async () => {
  const list = document.querySelector('[role=table]');
  const seen = { steps: 0, drawnMost: 0, frames: [], wrong: [] };
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  let before = await frame();
  for (let step = 1; step < 20000; step += 1) {
    list.scrollTop = step % 20 === 0 ? list.scrollHeight : list.scrollTop + list.clientHeight;
    const now = await frame();
    seen.frames.push(now - before);
    before = now;
    const rows = [...list.querySelectorAll('[role=rowgroup] [role=row]')];
    seen.drawnMost = Math.max(seen.drawnMost, rows.length);
    for (const row of rows) {
      const at = Number(row.getAttribute('aria-rowindex')) - 2;
      const href = row.querySelector('a').getAttribute('href');
      if (href !== '/events/' + (1000000 - at)) seen.wrong.push(at + ' ' + href);
    }
    if (list.nextElementSibling.textContent.includes('End of the list')
      && list.scrollTop + list.clientHeight >= list.scrollHeight - 1) return { ...seen, steps: step };
  }
  return seen;
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

test('a list of many events is scrolled to its end without drawing it all', skipWithoutBrowser, async (t) => {
  await using server = await startMadeServer(makeData({ events: EVENTS }));
  const { page, errors } = await openPage(browser);
  await page.goto(`${server.url}/events`);
  const list = page.getByRole('table', { name: 'Events' });
  await list.waitFor();
  const { steps, drawnMost, frames, wrong } = await page.evaluate<Scrolled>(SCROLL_TO_END);
  const sorted = frames.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
  t.diagnostic(`${EVENTS} rows, ${frames.length} frames: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${at(1)} ms`);
  assert.ok(steps > 0, 'the end of the list was not reached');
  assert.deepEqual(wrong.slice(0, 5), []);
  assert.ok(drawnMost < 80, `${drawnMost} rows were drawn at once`);
  await page.getByText(`End of the list: ${EVENTS.toLocaleString('en')}`).waitFor();
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
