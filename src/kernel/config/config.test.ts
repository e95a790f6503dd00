import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ConfigError, parseConfig, readConfig } from './index.ts';

test('without a file the defaults hold', () => {
  const config = readConfig(mkdtempSync(join(tmpdir(), 'wardkeep-config-')));
  assert.deepEqual(config, {
    raw: {},
    rules: { exclude: [], placeholders: {} },
    http: { bind: '127.0.0.1', port: 8480, trustedProxies: [] },
    tls: { console: 'auto', names: [] },
    intake: {
      bind: '127.0.0.1',
      http: 8481,
      syslogUdp: 5514,
      syslogTcp: 5514,
      syslogTls: 6514,
      mllp: 2575,
      clientCertificates: 'none',
      files: [],
    },
  });
});

test('what the file says is read', () => {
  const dir = mkdtempSync(join(tmpdir(), 'wardkeep-config-'));
  writeFileSync(join(dir, 'wardkeep.json'), '{"zone":"Europe/Berlin","raw":{"default":"full","zeek-json":"hash"}}');
  const config = readConfig(dir);
  assert.equal(config.zone, 'Europe/Berlin');
  assert.equal(config.raw['zeek-json'], 'hash');
  assert.ok(Object.isFrozen(config));
});

test('an unknown key, a wrong value and what is not JSON are refused by name', () => {
  const refused = (text: string, words: RegExp): void =>
    assert.throws(
      () => parseConfig(text, 'wardkeep.json'),
      (error) => error instanceof ConfigError && error.code === 'invalid' && words.test(error.message),
    );
  refused('{"zones":"UTC"}', /zones/);
  refused('{"raw":{"default":"none"}}', /raw\.default/);
  refused('{"intake":{"files":[{"path":"logs/app.log"}]}}', /intake\.files\.0\.path.*from the root/);
  refused('{"intake":{"files":[{"path":"/a"},{"path":"/a"}]}}', /twice|2 char|small/);
  refused('{', /not JSON/);
});

test('no text makes it throw anything but a ConfigError', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      try {
        parseConfig(text, 'wardkeep.json');
      } catch (error) {
        assert.ok(error instanceof ConfigError);
      }
    }),
  );
});
