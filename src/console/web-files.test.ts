import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { ORIGIN } from './client.fixture.ts';
import { type World, openWorld } from './console.fixture.ts';

const SCRIPT = 'console.info("hello");\n'.repeat(200);
const PAGE =
  '<!doctype html><meta property="csp-nonce" nonce="__CSP_NONCE__"><script type="module" src="/assets/index-AbCd1234.js"></script>';

/** A built site, and what lies beside it and must not be seen. */
async function withSite(t: Parameters<typeof openWorld>[0]): Promise<World> {
  const base = mkdtempSync(join(tmpdir(), 'wardkeep-web-'));
  mkdirSync(join(base, 'web', 'assets'), { recursive: true });
  writeFileSync(join(base, 'web', 'index.html'), PAGE);
  writeFileSync(join(base, 'web', 'mark.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  writeFileSync(join(base, 'web', 'assets', 'index-AbCd1234.js'), SCRIPT);
  writeFileSync(join(base, 'secret.txt'), 'secret');
  t.after(async () => rmSync(base, { recursive: true, force: true }));
  return openWorld(t, { webDirectory: join(base, 'web') });
}

function get(
  { console }: World,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Response> {
  return console.fetch(new Request(`${ORIGIN}${path}`, { method, headers }));
}

test('a hashed file is kept by browsers for good, compressed as they take it, and known by its tag', async (t) => {
  const world = await withSite(t);
  const path = '/assets/index-AbCd1234.js';
  const plain = await get(world, path);
  assert.equal(await plain.text(), SCRIPT);
  assert.equal(plain.headers.get('cache-control'), 'public, max-age=31536000, immutable');
  assert.equal(plain.headers.get('content-type'), 'text/javascript; charset=utf-8');
  for (const [accepted, encoding, open] of [
    ['gzip, deflate, br', 'br', brotliDecompressSync],
    ['gzip', 'gzip', gunzipSync],
    ['br;q=0, gzip;q=0.5', 'gzip', gunzipSync],
  ] as const) {
    const packed = await get(world, path, { 'accept-encoding': accepted });
    assert.equal(packed.headers.get('content-encoding'), encoding);
    assert.equal(open(Buffer.from(await packed.arrayBuffer())).toString(), SCRIPT);
  }
  const etag = plain.headers.get('etag') ?? '';
  assert.equal((await get(world, path, { 'if-none-match': etag })).status, 304);
  assert.equal((await get(world, path, { 'if-none-match': '"other"' })).status, 200);
  assert.equal((await get(world, '/mark.svg')).headers.get('cache-control'), 'no-cache');
});

test('every address of the page is the page, with a nonce that is never the same', async (t) => {
  const world = await withSite(t);
  const nonces = new Set<string>();
  for (const path of ['/', '/index.html', '/incidents/abc', '/settings/account']) {
    const response = await get(world, path);
    if (path === '/index.html') {
      assert.equal(response.status, 404, 'the page has one name');
      continue;
    }
    const policy = response.headers.get('content-security-policy') ?? '';
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
    assert.equal(await response.text(), PAGE.replaceAll('__CSP_NONCE__', nonce));
    assert.match(policy, /(?:^|; )script-src 'self'(?:;|$)/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.equal(response.headers.get('cache-control'), 'no-store');
    assert.equal(response.headers.get('x-frame-options'), 'DENY');
    nonces.add(nonce);
  }
  assert.equal(nonces.size, 3);
});

test('what lies outside the built pages cannot be named', async (t) => {
  const world = await withSite(t);
  for (const path of [
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/secret.txt',
    '/assets/none.js',
    '/__proto__.js',
  ]) {
    const response = await get(world, path);
    assert.ok(!(await response.text()).includes('secret'), path);
    assert.equal(response.status, 404, path);
  }
  assert.equal((await get(world, '/', {}, 'POST')).status, 404);
  assert.equal((await get(world, '/', {}, 'HEAD')).status, 200);
});
