import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { silentLog } from '#kernel';
import { parseConfig } from '#kernel/config';
import { STORIES, createHospital, hospitalStream, openWires } from '#sample';
import { type RunningServer, startServer } from '#server';

const MINUTE = 60_000;
/** The password of everybody who is made here. */
export const PASSWORD = 'four quiet green lamps';
/** Of the ordinary minutes one in so many is played; the stories are whole. */
const THINNED_BY = 10;

/** A whole server over an empty directory, on ports of its own; it ends with the test. */
export async function serve(t: { after: (done: () => Promise<void>) => void }): Promise<RunningServer> {
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

/** Ways into the server for the sample hospital. `page` shows the console to an administrator. */
export async function wiresTo(page: Page, { ports }: RunningServer) {
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

/** The first administrator, `maria.ortega`, by the link that the server gave. */
export async function setUp(page: Page, { setup }: RunningServer): Promise<void> {
  await page.goto(setup?.url ?? '');
  await page.getByLabel('Name of the hospital').fill('Riverside Community Hospital');
  await page.getByLabel('Your user name').fill('maria.ortega');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Start' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
}

/** The last 45 minutes of the sample hospital, with these stories in them. */
export function night(toMs: number, told: ReadonlySet<string>) {
  const stories = STORIES.filter(({ id }) => told.has(id)).map((story) => {
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
