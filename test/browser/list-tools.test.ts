import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { EventSummary, FindingSummary, Incident, IncidentSummary, SavedFilter } from '../../src/console/api.ts';
import { parseCsv } from './support/csv.ts';
import { go, openPage, settle, skipWithoutBrowser, startBrowser } from './support/browser.ts';
import { apiOf } from './support/real-api.ts';
import { PASSWORD, night, serve, setUp, wiresTo } from './support/real-server.ts';
import { play } from '#sample';

const TOLD = new Set(['worm', 'tablet']);

let browser: Browser;
before(async () => {
  if (skipWithoutBrowser.skip === false) browser = await startBrowser();
});
after(() => browser?.close());

/** A name that a press has, told apart from others that begin alike. */
const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('main').getByRole('button', { name, exact: true }).first().click();

/** Presses the undo of the notice that says this, and waits until it is told that it is done. */
async function undo(page: Page, notice: string): Promise<void> {
  const said = page.getByRole('alert').filter({ hasText: notice });
  await said.getByRole('button', { name: 'Undo' }).click();
  const undone = page.getByRole('alert').filter({ hasText: 'It is as it was before.' });
  await undone.waitFor();
  await undone.getByRole('button', { name: 'Close' }).click();
  await undone.waitFor({ state: 'hidden' });
}

/** Presses Export and a format; the text of the file that came down, and its name. */
async function exported(page: Page, format: 'CSV' | 'JSON'): Promise<{ name: string; text: string }> {
  await press(page, 'Export');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: format, exact: true }).click(),
  ]);
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };
}

/** The rows of a list as they stand on screen, by the first link of each. */
async function shownLinks(page: Page, list: string): Promise<string[]> {
  return page.evaluate<
    string[]
  >(`[...document.querySelectorAll('[role=table][aria-label=${JSON.stringify(list)}] [role=rowgroup] [role=row]')]
    .sort((a, b) => a.getAttribute('aria-rowindex') - b.getAttribute('aria-rowindex'))
    .map((row) => row.querySelector('a').getAttribute('href'))`);
}

test('undo, export, saved filters and order do what they say, on a real server', skipWithoutBrowser, async (t) => {
  const server = await serve(t);
  const { page, errors } = await openPage(browser);
  await setUp(page, server);
  await using wires = await wiresTo(page, server);
  await play({ stream: night(Date.now(), TOLD), wires, speed: null });
  await server.flow.intake.settled();
  await server.flow.detector.settled();
  await server.flow.archive.settled();
  const api = apiOf(page);
  const all = (await api.get<{ items: IncidentSummary[] }>('/incidents?limit=500')).items;
  const [first] = all;
  assert.ok(first !== undefined && all.length >= 3, `${all.length} incidents`);
  const incident = (): Promise<Incident> => api.get<Incident>(`/incidents/${first.id}`);
  const decided = async () => {
    const { state, verdict, assignee, severity, isSeverityFixed } = await incident();
    return { state, verdict, assignee, severity, isSeverityFixed };
  };

  await t.test('each act on an incident is taken back by its undo', async () => {
    const untouched = await decided();
    await page.goto(`${server.consoleUrl}/incidents/${first.id}`);
    await settle(page);
    await press(page, 'Take it');
    await page.getByText('It is yours now.').waitFor();
    assert.equal((await decided()).assignee, 'maria.ortega');
    await undo(page, 'It is yours now.');
    assert.deepEqual(await decided(), untouched);

    await press(page, 'Mark contained');
    await page.getByText('It is marked contained.').waitFor();
    assert.equal((await decided()).state, 'contained');
    await undo(page, 'It is marked contained.');
    assert.deepEqual(await decided(), untouched);

    const other = untouched.severity === 'low' ? 'Medium' : 'Low';
    await press(page, 'Menu');
    await page.getByRole('menuitem', { name: other, exact: true }).click();
    await page.getByText(`Its severity is now: ${other}.`).waitFor();
    assert.equal((await decided()).severity, other.toLowerCase());
    await undo(page, 'Its severity is now');
    assert.deepEqual(await decided(), untouched, 'a severity that nobody set follows the findings again');

    await press(page, 'Close');
    await page.getByRole('dialog').getByRole('button', { name: 'False alarm' }).click();
    await page.getByText('It is closed: False alarm.').waitFor();
    const { state, verdict } = await decided();
    assert.deepEqual([state, verdict], ['closed', 'false-positive']);
    // The notice outlives the page that it came from.
    await page.getByRole('link', { name: 'Findings', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Findings' }).waitFor();
    await undo(page, 'It is closed: False alarm.');
    assert.deepEqual(await decided(), untouched);
  });

  await t.test('a change of a source is taken back by its undo', async () => {
    const [source] = await api.get<{ id: string; name: string }[]>('/sources');
    assert.ok(source !== undefined);
    await go(page, `/sources/${source.id}`);
    await press(page, 'Change');
    await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('Another name');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: 'Another name' }).waitFor();
    const before = await api.get<object>(`/sources/${source.id}`);
    await page.getByRole('alert').getByRole('button', { name: 'Undo' }).click();
    await page.getByText('It is as it was before.').waitFor();
    await page.getByRole('heading', { level: 1, name: source.name }).waitFor();
    const now = await api.get<Record<string, unknown>>(`/sources/${source.id}`);
    for (const name of ['format', 'zone', 'silentAfterMs'])
      assert.deepEqual(now[name], (before as Record<string, unknown>)[name]);
  });

  await t.test('an exported list is what the interface gives, as JSON and as CSV', async () => {
    await go(page, '/incidents?severity=high');
    await page.getByText('End of the list').waitFor();
    const wanted = (await api.get<{ items: IncidentSummary[] }>('/incidents?severity=high&limit=500')).items;
    assert.ok(wanted.length > 0);
    const json = await exported(page, 'JSON');
    assert.equal(json.name, 'incidents.json');
    assert.deepEqual(JSON.parse(json.text), wanted);
    const csv = await exported(page, 'CSV');
    assert.equal(csv.name, 'incidents.csv');
    assert.deepEqual(
      parseCsv(csv.text).map(({ number, title, severity, state, first: from, findings }) => ({
        number,
        title,
        severity,
        state,
        from,
        findings,
      })),
      wanted.map(({ number, title, severity, state, firstMs, findings }) => ({
        number,
        title,
        severity,
        state,
        from: new Date(firstMs).toISOString(),
        findings: String(findings),
      })),
    );

    await go(page, '/findings');
    await page.getByText('End of the list').waitFor();
    const findings = await api.all<FindingSummary>('/findings');
    assert.deepEqual(JSON.parse((await exported(page, 'JSON')).text), findings);
    assert.deepEqual(
      parseCsv((await exported(page, 'CSV')).text).map(({ index, uid, rule, level }) => [index, uid, rule, level]),
      findings.map(({ index, uid, rule }) => [String(index), uid, rule.title, rule.level]),
    );

    await go(page, '/events?class=3002');
    await page.getByText('End of the list').waitFor();
    const events = await api.all<EventSummary>('/events?class=3002');
    assert.ok(events.length > 0);
    assert.deepEqual(JSON.parse((await exported(page, 'JSON')).text), events);
    assert.deepEqual(
      parseCsv((await exported(page, 'CSV')).text).map((row) => [row['index'], row['text'], row['user']]),
      // A text that a spreadsheet would run is marked as text.
      events.map(({ index, text, user }) => [String(index), text.replace(/^(?=[=+\-@\t\r])/, "'"), user ?? '']),
    );
  });

  await t.test(
    'lists are in the order that the server gives, by press and by address, and so are their files',
    async () => {
      const order = async (query: string): Promise<string[]> =>
        (await api.all<IncidentSummary>(`/incidents${query}`)).map(({ id }) => `/incidents/${id}`);
      const shownBy = async (query: string): Promise<void> => {
        await page.waitForURL(`**/incidents${query}`);
        await settle(page);
        await page.getByText('End of the list').waitFor();
        assert.deepEqual(await shownLinks(page, 'Incidents'), await order(query), query);
      };
      const head = (name: string) => page.getByRole('columnheader', { name });
      await go(page, '/incidents');
      await head('Severity').getByRole('button').click();
      await shownBy('?sort=-severity');
      await page.getByText('sorted by Severity, descending').waitFor();
      assert.equal(await head('Severity').getAttribute('aria-sort'), 'descending');
      const severities = (JSON.parse((await exported(page, 'JSON')).text) as IncidentSummary[]).map(
        (one) => one.severity,
      );
      const ranks = severities.map((one) => ['informational', 'low', 'medium', 'high', 'critical'].indexOf(one));
      assert.deepEqual(
        ranks,
        ranks.toSorted((a, b) => b - a),
      );
      await head('Severity').getByRole('button').click();
      await shownBy('?sort=severity');
      await head('Severity').getByRole('button').click();
      await shownBy('');
      await head('State').getByRole('button').click();
      await shownBy('?sort=-state');
      await page.goto(`${server.consoleUrl}/incidents?sort=last`);
      await shownBy('?sort=last');

      const found = async (query: string): Promise<string[]> =>
        (await api.all<FindingSummary>(`/findings${query}`)).map(({ rule }) => `/rules/${rule.id}`);
      await page.goto(`${server.consoleUrl}/findings?sort=-level`);
      await settle(page);
      await page.getByText('End of the list').waitFor();
      const shown = await shownLinks(page, 'Findings');
      assert.deepEqual(shown, (await found('?sort=-level')).slice(0, shown.length));
      await page.getByRole('columnheader', { name: 'Time' }).getByRole('button').click();
      await page.getByText('sorted by Time, descending').waitFor();
      await page.getByText('End of the list').waitFor();
      assert.deepEqual(await shownLinks(page, 'Findings'), (await found('?sort=-at')).slice(0, shown.length));
      // What the server cannot put in order is not offered, and an address that asks for it shows the list as it is.
      await page.goto(`${server.consoleUrl}/incidents?sort=assignee`);
      await settle(page);
      await page.getByText('End of the list').waitFor();
      assert.deepEqual(await shownLinks(page, 'Incidents'), await order(''));
      assert.equal(await head('With').getByRole('button').count(), 0);
    },
  );

  await t.test(
    'filters are saved, found by their address, renamed, removed and put back; they are of one person',
    async () => {
      const search = 'state=unclosed&severity=high';
      await go(page, `/incidents?${search}`);
      const shown = await shownLinks(page, 'Incidents');
      assert.ok(shown.length > 0);
      await press(page, 'Saved filters');
      await page.getByRole('menuitem', { name: 'Save these filters…' }).click();
      await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('My night');
      await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
      await page.getByText('The filters are saved.').waitFor();
      const saved = async () =>
        (await api.get<SavedFilter[]>('/filters')).map(({ name, page: list, search: text, isShared, author }) => ({
          name,
          list,
          text,
          isShared,
          author,
        }));
      const mine = { name: 'My night', list: 'incidents', text: search, isShared: false, author: 'maria.ortega' };
      assert.deepEqual(await saved(), [mine]);

      // After a reload, from the list without filters.
      await page.goto(`${server.consoleUrl}/incidents`);
      await settle(page);
      await press(page, 'Saved filters');
      await page.getByRole('menuitem', { name: 'My night', exact: true }).click();
      await page.waitForURL(`**/incidents?${search}`);
      await settle(page);
      assert.deepEqual(await shownLinks(page, 'Incidents'), shown);
      // The address alone shows the same.
      await page.goto(`${server.consoleUrl}/incidents?${search}`);
      await settle(page);
      await page.getByText('End of the list').waitFor();
      assert.deepEqual(await shownLinks(page, 'Incidents'), shown);

      const sam = await openPage(browser);
      await api.join(sam.page, { name: 'sam.reed', role: 'analyst', password: PASSWORD });
      assert.deepEqual(await apiOf(sam.page).get('/filters'), []);
      await sam.page.goto(`${server.consoleUrl}/incidents?${search}`);
      await settle(sam.page);
      await press(sam.page, 'Saved filters');
      await sam.page.getByText('None yet').waitFor();

      await press(page, 'Saved filters');
      await page.getByRole('menuitem', { name: 'Change “My night”…' }).click();
      await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('Our night');
      await page.getByRole('dialog').getByLabel('Everybody here sees them').check();
      await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
      await press(page, 'Saved filters');
      await page.getByRole('menuitem', { name: 'Our night', exact: true }).waitFor();
      await sam.page.reload();
      await settle(sam.page);
      await press(sam.page, 'Saved filters');
      await sam.page.getByRole('menuitem', { name: 'Our night', exact: true }).waitFor();
      await sam.page.context().close();

      await page.getByRole('menuitem', { name: 'Remove “Our night”' }).click();
      await page.getByText('The saved filters are removed.').waitFor();
      assert.deepEqual(await saved(), []);
      await page.getByRole('link', { name: 'Findings', exact: true }).click();
      await page.getByRole('heading', { level: 1, name: 'Findings' }).waitFor();
      await undo(page, 'The saved filters are removed.');
      assert.deepEqual(await saved(), [{ ...mine, name: 'Our night', isShared: true }]);
    },
  );

  assert.deepEqual(
    errors.filter((text) => !/ 40[13] /.test(text)),
    [],
  );
});
