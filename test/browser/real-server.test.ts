import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { silentLog } from '#kernel';
import { parseConfig } from '#kernel/config';
import { STORIES, createHospital, hospitalStream, openWires, play } from '#sample';
import { type RunningServer, startServer } from '#server';
import { openPage, settle, skipWithoutBrowser, startBrowser } from './support/browser.ts';

const MINUTE = 60_000;
const PASSWORD = 'four quiet green lamps';
const TOLD = new Set(['worm', 'tablet']);
/** Of the ordinary minutes one in so many is played; the stories are whole. */
const THINNED_BY = 10;

let browser: Browser;
before(async () => {
  if (skipWithoutBrowser.skip === false) browser = await startBrowser();
});
after(() => browser?.close());

async function serve(t: { after: (done: () => Promise<void>) => void }): Promise<RunningServer> {
  const base = mkdtempSync(join(tmpdir(), 'wardkeep-real-'));
  const config = parseConfig('{"zone":"UTC"}', 'the test');
  const anyPort = { http: 0, syslogUdp: null, syslogTcp: 0, syslogTls: null, mllp: 0 };
  const server = await startServer({
    dir: join(base, 'data'),
    keyFile: join(base, 'master.key'),
    config: { ...config, http: { ...config.http, port: 0 }, intake: { ...config.intake, ...anyPort } },
    version: '0.0.0',
    env: {},
    log: silentLog,
  });
  t.after(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(base, { recursive: true });
  });
  return server;
}

/** Makes a source as the page does, with the session of the browser; its token. */
async function tokenOf(page: Page, name: string, kind: string): Promise<string> {
  const made = await page.request.post(new URL('/api/v1/sources', page.url()).href, {
    headers: { 'x-wardkeep': '1', origin: new URL(page.url()).origin },
    data: { name, kind, format: 'auto', zone: null, silentAfterMs: 60 * MINUTE },
  });
  assert.equal(made.status(), 201, await made.text());
  return ((await made.json()) as { token: string }).token;
}

async function wiresTo(page: Page, { ports }: RunningServer) {
  const host = '127.0.0.1';
  return openWires({
    http: `http://${host}:${ports.http ?? 0}`,
    tokens: {
      ehr: await tokenOf(page, 'EHR audit', 'fhir-auditevent'),
      windows: await tokenOf(page, 'Windows (Winlogbeat)', 'elastic-bulk'),
      zeek: await tokenOf(page, 'Zeek', 'ndjson'),
      entra: await tokenOf(page, 'Microsoft Entra', 'splunk-hec'),
    },
    mllp: { host, port: ports.mllp ?? 0 },
    syslog: { host, port: ports.syslogTcp ?? 0 },
  });
}

async function setUp(page: Page, { setup }: RunningServer): Promise<void> {
  await page.goto(setup?.url ?? '');
  await page.getByLabel('Name of the hospital').fill('Riverside Community Hospital');
  await page.getByLabel('Your user name').fill('maria.ortega');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Start' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
}

function night(toMs: number) {
  const stories = STORIES.filter(({ id }) => TOLD.has(id)).map((story) => {
    const fromMs = toMs - story.lengthMs - MINUTE;
    return { story, fromMs: fromMs - (fromMs % MINUTE) };
  });
  return hospitalStream({
    hospital: createHospital(),
    fromMs: toMs - 45 * MINUTE,
    toMs,
    stories,
    thinnedBy: THINNED_BY,
  });
}

test(
  'from the set-up link to an incident, its proof, a hunt, the verified ledger and a live event',
  skipWithoutBrowser,
  async (t) => {
    const server = await serve(t);
    const { page, errors } = await openPage(browser);
    await setUp(page, server);
    await using wires = await wiresTo(page, server);

    // The overview stays open while the attack comes in.
    await play({ stream: night(Date.now()), wires, speed: null });
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
